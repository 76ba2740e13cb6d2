//! Figures that the database knows: flows by status, jobs by state, how long the oldest due job waits.

use std::sync::atomic::AtomicU64;

use chrono::{DateTime, TimeDelta, Utc};
use esign_domain::{App, Result, flow::entity::sign_flow, job::entity::job};
use prometheus_client::{
    metrics::gauge::Gauge,
    registry::{Registry, Unit},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use tokio::sync::Mutex;

use super::register_counts;

/// Counting walks through whole tables: however often somebody looks, it is done once in so long.
const KEPT: TimeDelta = TimeDelta::seconds(30);

/// One look at the database.
pub(super) struct Figures {
    /// How long the oldest due job waits; zero when none does.
    pub lag: TimeDelta,
    counts: Counts,
}

#[derive(Clone)]
struct Counts {
    flows: Vec<(String, u64)>,
    jobs: Vec<(String, u64)>,
}

/// What was counted last, and when.
#[derive(Default)]
pub struct Kept(Mutex<Option<(DateTime<Utc>, Counts)>>);

impl Kept {
    /// The last counts, or new ones when those are too old.
    async fn read(&self, app: &App) -> Result<Counts> {
        // Whoever comes while somebody counts waits for what comes of it.
        let mut kept = self.0.lock().await;
        let now = app.now();
        if let Some((_, counts)) = kept.as_ref().filter(|(at, _)| now < *at + KEPT) {
            return Ok(counts.clone());
        }
        let counts = Counts { flows: flows(app).await?, jobs: jobs(app).await? };
        *kept = Some((now, counts.clone()));
        Ok(counts)
    }
}

impl Figures {
    /// Reads the lag, and the counts where the last ones are too old.
    pub async fn read(app: &App, kept: &Kept) -> Result<Self> {
        Ok(Self { lag: lag(app).await?, counts: kept.read(app).await? })
    }

    /// Writes them into a registry.
    pub fn register(self, registry: &mut Registry) {
        register_counts(registry, "flows", "Flows by status", self.counts.flows);
        register_counts(registry, "jobs", "Jobs by state", self.counts.jobs);
        let lag = Gauge::<f64, AtomicU64>::default();
        lag.set(self.lag.as_seconds_f64());
        registry.register_with_unit("job_lag", "How long the oldest due job waits", Unit::Seconds, lag);
    }
}

/// Jobs that run are being taken care of; only those that could be claimed and are not count.
pub(super) async fn lag(app: &App) -> Result<TimeDelta> {
    let now = app.now();
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
