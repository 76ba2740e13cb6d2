//! The flows started within a time, grouped by the database.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseBackend, QueryResult, Statement, TryGetable, Value};

use super::Question;
use crate::{
    App, Caller,
    error::{Error, Result},
    terms::{AuthType, FlowStatus, Scene},
};

/// One slot for all.
const EVER: TimeDelta = TimeDelta::days(36_500);

/// The flows of a question, cut into slots of time.
#[derive(Clone, Copy)]
pub(super) struct Cohort {
    question: Question,
    tenant: Option<crate::ids::ClientId>,
    origin: DateTime<Utc>,
    step: TimeDelta,
}

/// Flows of one slot, scene and status.
pub(super) struct Group {
    /// Which slot, from 0.
    pub slot: usize,
    /// Their scene.
    pub scene: Scene,
    /// How they stand.
    pub status: FlowStatus,
    /// How many.
    pub started: u64,
    /// How many were to have a message.
    pub texted: u64,
    /// How many had one that a gateway accepted.
    pub accepted: u64,
    /// How many were signed.
    pub signed: u64,
    /// Of how many the signer was authenticated.
    pub passed: u64,
}

/// How long completed flows took.
pub(super) struct Times {
    /// The slot, where the times are cut into slots.
    pub slot: usize,
    /// How they were authenticated.
    pub auth_type: AuthType,
    /// Half of them took no longer.
    pub median: f64,
    /// Nine of ten took no longer.
    pub ninth: f64,
}

const GROUPS: &str = "select {slot} as slot, scene, status, count(*),
    sum(case when lost_session then 0 else 1 end),
    sum(case when sms_sent_count > 0 then 1 else 0 end),
    sum(case when seal_status in ('SIGNED', 'SEALED') or auth_status = 'PASSED' then 1 else 0 end),
    sum(case when auth_status = 'PASSED' then 1 else 0 end)
    from sign_flow {of} group by 1, scene, status";

/// Of an even number the mean of the two in the middle.
const TIMES_POSTGRES: &str = "select slot, min(auth_type),
    percentile_cont(0.5) within group (order by took),
    cast(percentile_disc(0.9) within group (order by took) as double precision)
    from (select {slot} as slot, {group} as part, auth_type, {took} as took
        from sign_flow {of} and status = 'COMPLETED') as taken
    group by slot, part order by slot, part";

/// The same without the aggregates that SQLite lacks.
const TIMES_SQLITE: &str = "select slot, min(auth_type),
    cast(avg(case when place in ((many + 1) / 2, (many + 2) / 2) then took end) as double precision),
    cast(min(case when place >= (many * 9 + 9) / 10 then took end) as double precision)
    from (select {slot} as slot, {group} as part, auth_type, {took} as took,
        row_number() over (partition by {slot}, {group} order by {took}) as place,
        count(*) over (partition by {slot}, {group}) as many
        from sign_flow {of} and status = 'COMPLETED') as taken
    group by slot, part order by slot, part";

/// The first two values are always from when and until when. A session begins when its flow does.
const OPENED_SESSIONS: &str =
    "where h5_session.created_at >= $1 and h5_session.created_at < $2 and h5_session.opened_at is not null";

/// Of all flows, without a look at them.
const OPENED: &str = "select count(*) from h5_session {of_sessions}";

const OPENED_OF_SOME: &str =
    "select count(*) from h5_session join sign_flow on sign_flow.id = h5_session.flow_id {of_sessions} and {of_flows}";

const COMPLETED_BY: &str =
    "select count(*), sum(case when completed_at < {by} and status = 'COMPLETED' then 1 else 0 end)
    from sign_flow {of}";

impl Cohort {
    /// The flows of a question that the caller may see.
    pub fn of(caller: &Caller, question: Question, (origin, step): (DateTime<Utc>, TimeDelta)) -> Self {
        Self { question, tenant: caller.tenant(), origin, step }
    }

    /// How many of them there are of each kind.
    pub async fn groups(&self, app: &App) -> Result<Vec<Group>> {
        let rows = self.ask(app, GROUPS, &[]).await?;
        rows.iter().map(read_group).collect()
    }

    /// How long the completed ones took, all together; none: none was completed.
    pub async fn time_to_complete(&self, app: &App) -> Result<Option<Times>> {
        let whole = Self { step: EVER, origin: self.question.from, ..*self };
        Ok(whole.times(app, "'all'").await?.pop())
    }

    /// How long the completed ones took, by slot and auth type.
    pub async fn times_to_complete(&self, app: &App) -> Result<Vec<Times>> {
        self.times(app, "auth_type").await
    }

    async fn times(&self, app: &App, group: &str) -> Result<Vec<Times>> {
        let sql = match app.db.backend() {
            DatabaseBackend::Postgres => TIMES_POSTGRES,
            _ => TIMES_SQLITE,
        };
        let rows = self.ask(app, &sql.replace("{group}", group), &[]).await?;
        rows.iter().map(read_times).collect()
    }

    /// Of how many the link was opened.
    pub async fn opened(&self, app: &App) -> Result<u64> {
        let of_all = [self.tenant, self.question.client].iter().all(Option::is_none) && self.question.scene.is_none();
        let rows = self.ask(app, if of_all { OPENED } else { OPENED_OF_SOME }, &[]).await?;
        rows.first().map_or(Ok(0), |row| count(row, 0))
    }

    /// How many there are, and how many of them were completed before a moment.
    pub async fn completed_by(&self, app: &App, moment: DateTime<Utc>) -> Result<(u64, u64)> {
        let rows = self.ask(app, COMPLETED_BY, &[("{by}", moment.into())]).await?;
        rows.first().map_or(Ok((0, 0)), |row| Ok((count(row, 0)?, count(row, 1)?)))
    }

    /// Asks with one text for both databases: the few words in which they differ stand in braces, and so do values.
    async fn ask(&self, app: &App, sql: &str, more: &[(&str, Value)]) -> Result<Vec<QueryResult>> {
        let backend = app.db.backend();
        let mut values: Vec<Value> = Vec::new();
        let mut hole = |value: Value| {
            values.push(value);
            format!("${}", values.len())
        };
        let mut of = vec![
            format!("sign_flow.created_at >= {}", hole(self.question.from.into())),
            format!("sign_flow.created_at < {}", hole(self.question.to.into())),
        ];
        let clients = [self.tenant, self.question.client].into_iter().flatten();
        of.extend(clients.map(|client| format!("sign_flow.client_id = {}", hole(client.uuid().into()))));
        of.extend(self.question.scene.map(|scene| format!("sign_flow.scene = {}", hole(scene.as_str().into()))));
        let of = of.join(" and ");
        let mut text = sql.to_owned();
        for (word, value) in more {
            text = text.replace(word, &hole(value.clone()));
        }
        let seconds = |time: &str| match backend {
            DatabaseBackend::Postgres => format!("cast(floor(date_part('epoch', {time})) as bigint)"),
            _ => format!("cast(strftime('%s', {time}) as integer)"),
        };
        let (origin, step) = (self.origin.timestamp(), self.step.num_seconds());
        let slot = format!("({} - {origin}) / {step}", seconds("sign_flow.created_at"));
        let took = format!("{} - {}", seconds("completed_at"), seconds("created_at"));
        let text = text.replace("{of_sessions}", OPENED_SESSIONS).replace("{of_flows}", &of);
        let text = text.replace("{of}", &format!("where {of}")).replace("{slot}", &slot).replace("{took}", &took);
        let statement = Statement::from_sql_and_values(backend, text, values);
        Ok(app.db.read().query_all_raw(statement).await?)
    }
}

fn read_group(row: &QueryResult) -> Result<Group> {
    Ok(Group {
        slot: slot(row)?,
        scene: row.try_get_by_index(1)?,
        status: row.try_get_by_index(2)?,
        started: count(row, 3)?,
        texted: count(row, 4)?,
        accepted: count(row, 5)?,
        signed: count(row, 6)?,
        passed: count(row, 7)?,
    })
}

fn read_times(row: &QueryResult) -> Result<Times> {
    let seconds = |place| {
        Ok::<_, Error>(Option::<f64>::try_get_by(row, place).map_err(sea_orm::DbErr::from)?.unwrap_or_default())
    };
    Ok(Times { slot: slot(row)?, auth_type: row.try_get_by_index(1)?, median: seconds(2)?, ninth: seconds(3)? })
}

fn slot(row: &QueryResult) -> Result<usize> {
    let slot: i64 = match row.try_get_by_index::<i32>(0) {
        Ok(slot) => slot.into(),
        Err(_) => row.try_get_by_index(0)?,
    };
    usize::try_from(slot).map_err(Error::internal)
}

pub(super) fn count(row: &QueryResult, place: usize) -> Result<u64> {
    let count: Option<i64> = row.try_get_by_index(place)?;
    u64::try_from(count.unwrap_or_default()).map_err(Error::internal)
}

/// How many there are of each status.
pub(super) fn by_status(groups: &[Group]) -> Vec<(FlowStatus, u64)> {
    let of = |status: FlowStatus| groups.iter().filter(|group| group.status == status).map(|group| group.started).sum();
    FlowStatus::ALL.iter().map(|status| (*status, of(*status))).collect()
}
