//! The table of jobs, from both ends.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DatabaseBackend, EntityTrait, InsertMany, QueryFilter, QueryOrder, Statement,
    prelude::*,
    sea_query::{ExprTrait, OnConflict},
};

use super::{Job, Outcome, entity::job};
use crate::{App, error::Result, ids::FlowId};

/// A job in a worker's hands: the row, with the attempt that fences it.
pub type Claimed = job::Model;

/// Writes a job in the caller's transaction.
pub async fn enqueue(
    tx: &impl ConnectionTrait,
    job: Job,
    flow: Option<FlowId>,
    now: DateTime<Utc>,
    due_at: DateTime<Utc>,
) -> Result<()> {
    rows([(job, due_at)], flow, now)?.exec_without_returning(tx).await?;
    Ok(())
}

/// Rows of jobs, each with when it is due. One of the same kind and key that still waits or runs stands for both.
pub fn rows(
    jobs: impl IntoIterator<Item = (Job, DateTime<Utc>)>,
    flow: Option<FlowId>,
    now: DateTime<Utc>,
) -> Result<InsertMany<job::ActiveModel>> {
    let row = |(job, due_at): (Job, DateTime<Utc>)| {
        Ok(job::ActiveModel {
            kind: Set(job.kind().to_owned()),
            unique_key: Set(job.unique_key()),
            payload: Set(serde_json::to_value(job)?),
            flow_id: Set(flow),
            state: Set("available".to_owned()),
            due_at: Set(due_at),
            attempt: Set(0),
            failures: Set(0),
            created_at: Set(now),
            ..Default::default()
        })
    };
    let rows = jobs.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    Ok(job::Entity::insert_many(rows).on_conflict(OnConflict::new().do_nothing().to_owned()))
}

/// A job that waits is due at this time.
pub async fn move_up(tx: &impl ConnectionTrait, job: Job, due_at: DateTime<Utc>) -> Result<()> {
    job::Entity::update_many()
        .col_expr(job::Column::DueAt, Expr::value(due_at))
        .filter(job::Column::Kind.eq(job.kind()))
        .filter(job::Column::UniqueKey.eq(job.unique_key()))
        .filter(job::Column::State.eq("available"))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes jobs back whose lease has lapsed: whoever had them is gone, or too slow to be believed.
pub async fn take_back(app: &App) -> Result<u64> {
    let taken = job::Entity::update_many()
        .col_expr(job::Column::State, Expr::value("available"))
        .filter(job::Column::State.eq("running"))
        .filter(job::Column::LeaseUntil.lt(app.now()))
        .exec(app.db.write())
        .await?;
    Ok(taken.rows_affected)
}

/// Hands out up to `limit` due jobs under a lease.
pub async fn claim(app: &App, limit: u64) -> Result<Vec<Claimed>> {
    let now = app.now();
    let lease = now + TimeDelta::seconds(app.settings.jobs.lease_seconds);
    let backend = app.db.backend();
    let (one, two, three, lock) = match backend {
        DatabaseBackend::Postgres => ("$1", "$2", "$3", "for update skip locked"),
        _ => ("?", "?", "?", ""),
    };
    let sql = format!(
        "update job set state = 'running', attempt = attempt + 1, lease_until = {one} where id in \
         (select id from job where state = 'available' and due_at <= {two} order by due_at, id limit {three} {lock}) \
         returning *"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let statement = Statement::from_sql_and_values(backend, sql, [lease.into(), now.into(), limit.into()]);
    let mut claimed = job::Entity::find().from_raw_sql(statement).all(app.db.write()).await?;
    claimed.sort_by_key(|job| (job.due_at, job.id));
    Ok(claimed)
}

/// Takes back what came of a claim. False: the lease was lost meanwhile, and nothing is written.
pub async fn finish(app: &App, claimed: &Claimed, outcome: &Outcome) -> Result<bool> {
    let now = app.now();
    let update = job::Entity::update_many()
        .col_expr(job::Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(job::Column::Id.eq(claimed.id))
        .filter(job::Column::State.eq("running"))
        .filter(job::Column::Attempt.eq(claimed.attempt));
    let ended = |update: sea_orm::UpdateMany<job::Entity>, state: &str| {
        update
            .col_expr(job::Column::State, Expr::value(state))
            .col_expr(job::Column::FinishedAt, Expr::value(Some(now)))
    };
    let again = |update: sea_orm::UpdateMany<job::Entity>, due: DateTime<Utc>| {
        update.col_expr(job::Column::State, Expr::value("available")).col_expr(job::Column::DueAt, Expr::value(due))
    };
    let update = match outcome {
        Outcome::Done => ended(update, "completed"),
        Outcome::Discard(why) => ended(update, "discarded").col_expr(job::Column::LastError, Expr::value(why)),
        Outcome::Snooze(until) => again(update, *until),
        Outcome::Retry(why, after) => again(update, now + *after)
            .col_expr(job::Column::LastError, Expr::value(why))
            .col_expr(job::Column::Failures, Expr::col(job::Column::Failures).add(1)),
    };
    Ok(update.exec(app.db.write()).await?.rows_affected == 1)
}

/// When the next job is due; none: none waits.
pub async fn next_due(app: &App) -> Result<Option<DateTime<Utc>>> {
    let next = job::Entity::find()
        .filter(job::Column::State.eq("available"))
        .order_by_asc(job::Column::DueAt)
        .one(app.db.read())
        .await?;
    Ok(next.map(|job| job.due_at))
}

/// Deletes rows of finished jobs that nobody will look at any more; discarded ones stay until staff have dealt with them.
pub async fn forget_finished(app: &App) -> Result<u64> {
    let before = app.now() - TimeDelta::seconds(app.settings.jobs.keep_finished_seconds);
    let gone = job::Entity::delete_many()
        .filter(job::Column::State.eq("completed"))
        .filter(job::Column::FinishedAt.lt(before))
        .exec(app.db.write())
        .await?;
    Ok(gone.rows_affected)
}
