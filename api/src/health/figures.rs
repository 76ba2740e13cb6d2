//! Figures that the database knows: flows by status, jobs by state, how long the oldest due job waits.

use std::sync::atomic::AtomicU64;

use chrono::{DateTime, TimeDelta, Utc};
use esign_domain::{App, Result, flow::entity::sign_flow, job::entity::job};
use prometheus_client::{
    metrics::gauge::Gauge,
    registry::{Registry, Unit},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::register_counts;

/// One look at the database.
pub(super) struct Figures {
    /// How long the oldest due job waits; zero when none does.
    pub lag: TimeDelta,
    flows: Vec<(String, u64)>,
    jobs: Vec<(String, u64)>,
}

impl Figures {
    /// Reads all of them.
    pub async fn read(app: &App) -> Result<Self> {
        let now = app.now();
        Ok(Self { lag: lag(app, now).await?, flows: flows(app).await?, jobs: jobs(app).await? })
    }

    /// Writes them into a registry.
    pub fn register(self, registry: &mut Registry) {
        register_counts(registry, "flows", "Flows by status", self.flows);
        register_counts(registry, "jobs", "Jobs by state", self.jobs);
        let lag = Gauge::<f64, AtomicU64>::default();
        lag.set(self.lag.as_seconds_f64());
        registry.register_with_unit("job_lag", "How long the oldest due job waits", Unit::Seconds, lag);
    }
}

/// Jobs that run are being taken care of; only those that could be claimed and are not count.
async fn lag(app: &App, now: DateTime<Utc>) -> Result<TimeDelta> {
    let oldest: Option<Option<DateTime<Utc>>> = job::Entity::find()
        .select_only()
        .column_as(job::Column::DueAt.min(), "oldest")
        .filter(job::Column::State.eq("available"))
        .into_tuple()
        .one(app.db.read())
        .await?;
    Ok(oldest.flatten().map_or(TimeDelta::zero(), |due| (now - due).max(TimeDelta::zero())))
}

async fn flows(app: &App) -> Result<Vec<(String, u64)>> {
    let counts: Vec<(String, i64)> = sign_flow::Entity::find()
        .select_only()
        .column(sign_flow::Column::Status)
        .column_as(sign_flow::Column::Id.count(), "count")
        .group_by(sign_flow::Column::Status)
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(counts.into_iter().map(unsigned).collect())
}

async fn jobs(app: &App) -> Result<Vec<(String, u64)>> {
    let counts: Vec<(String, i64)> = job::Entity::find()
        .select_only()
        .column(job::Column::State)
        .column_as(job::Column::Id.count(), "count")
        .group_by(job::Column::State)
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(counts.into_iter().map(unsigned).collect())
}

fn unsigned((name, count): (String, i64)) -> (String, u64) {
    (name, u64::try_from(count).unwrap_or_default())
}
