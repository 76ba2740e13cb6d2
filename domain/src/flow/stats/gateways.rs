//! What the SMS gateways made of the messages of a time.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

use super::cohort::count;
use crate::{App, error::Result};

/// The messages asked for within a time that one gateway took, or was tried last with.
#[derive(Debug, Clone, PartialEq)]
pub struct GatewayFigures {
    /// Its name in the settings.
    pub name: String,
    /// How many it was handed.
    pub handed: u64,
    /// How many it accepted.
    pub accepted: u64,
    /// How many of those are known to have reached the phone.
    pub delivered: u64,
    /// Half of those it accepted it had accepted so soon after they were asked for.
    pub median_seconds: Option<f64>,
    /// This process leaves it out for a while.
    pub left_out: bool,
}

const POSTGRES: &str = "select gateway, count(*), count(sent_at), count(*) filter (where status = 'DELIVERED'),
    percentile_cont(0.5) within group (order by date_part('epoch', sent_at - created_at)) filter (where sent_at is not null)
    from sms_record where created_at >= $1 and created_at < $2 and gateway is not null group by gateway";

/// The same without the aggregates that SQLite lacks.
const SQLITE: &str = "select gateway, many,
    sum(case when sent_at is null then 0 else 1 end),
    sum(case when status = 'DELIVERED' then 1 else 0 end),
    cast(avg(case when sent_at is not null and place in ((sent + 1) / 2, (sent + 2) / 2) then took end) as double precision)
    from (select gateway, status, sent_at, (julianday(sent_at) - julianday(created_at)) * 86400.0 as took,
        count(*) over (partition by gateway) as many,
        count(sent_at) over (partition by gateway) as sent,
        row_number() over (partition by gateway order by sent_at is null, julianday(sent_at) - julianday(created_at)) as place
        from sms_record where created_at >= $1 and created_at < $2 and gateway is not null) as handed
    group by gateway, many";

/// In the order in which they are tried; one that was handed nothing stands there too.
pub(super) async fn figures(app: &App, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<GatewayFigures>> {
    let backend = app.db.backend();
    let sql = if backend == DatabaseBackend::Postgres { POSTGRES } else { SQLITE };
    let statement = Statement::from_sql_and_values(backend, sql, [from.into(), to.into()]);
    let rows = app.db.read().query_all_raw(statement).await?;
    let mut figures: Vec<GatewayFigures> = app.gateways.iter().map(|gateway| idle(app, gateway.name())).collect();
    for row in &rows {
        let name: String = row.try_get_by_index(0)?;
        // A gateway that is no longer in the settings has its messages all the same.
        let place = figures.iter().position(|known| known.name == name).unwrap_or_else(|| {
            figures.push(idle(app, &name));
            figures.len() - 1
        });
        figures[place] = GatewayFigures {
            handed: count(row, 1)?,
            accepted: count(row, 2)?,
            delivered: count(row, 3)?,
            median_seconds: row.try_get_by_index(4)?,
            ..idle(app, &name)
        };
    }
    Ok(figures)
}

fn idle(app: &App, name: &str) -> GatewayFigures {
    let left_out = app.breakers.is_open(name);
    GatewayFigures { name: name.into(), handed: 0, accepted: 0, delivered: 0, median_seconds: None, left_out }
}
