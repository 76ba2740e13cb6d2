//! What staff do about a job.
//!
//! A job that was given up is not brought back to life: a new one with the same thing to do takes its place, under its
//! own number, so nothing that still speaks of the old one can touch it; and where one with the same kind and key waits or
//! runs already, that one stands for both. The old row is done with, and swept out like any other.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::*,
    sea_query::OnConflict,
};
use serde_json::{Value, json};

use crate::{
    App, Caller,
    audit::{self, Act},
    caller::Operation,
    error::{Error, Result},
    flow::{cancel::reason_text, entity::sign_flow},
    job::entity::job,
    personal::without_numbers,
};

/// So many are run again at once at most; the rest is left for the next time.
const AT_ONCE: u64 = 500;

/// Runs a job now: one that was given up again, one that waits for its next try at once. True: there was something to
/// do; false: it runs, or somebody has dealt with it already.
pub async fn run_job_again(app: &App, caller: &Caller, id: i64) -> Result<bool> {
    caller.require(Operation::RunJobAgain)?;
    let tx = app.write_tx().await?;
    let row = visible(&tx, caller, id).await?;
    let now = app.now();
    let acted = match row.state.as_str() {
        "discarded" => put_away(&tx, row.id, now).await?,
        "available" => move_up(&tx, row.id, now).await?,
        _ => false,
    };
    if acted {
        if row.state == "discarded" {
            enqueue_again(&tx, &row, now).await?;
        }
        write_down(app, &tx, caller, (Operation::RunJobAgain, &row), None).await?;
        app.commit(tx).await?;
    }
    Ok(acted)
}

/// Runs all again that were given up and are of this kind of job; none: of any. Gives how many.
pub async fn run_all_again(app: &App, caller: &Caller, kind: Option<&str>) -> Result<usize> {
    caller.require(Operation::RunJobAgain)?;
    let tx = app.write_tx().await?;
    let mut query = job::Entity::find().filter(Expr::cust("state = 'discarded'"));
    if let Some(kind) = kind {
        query = query.filter(job::Column::Kind.eq(kind));
    }
    let rows = query.order_by_asc(job::Column::Id).limit(AT_ONCE).all(&tx).await?;
    let (now, mut count) = (app.now(), 0);
    for row in rows {
        if sees(&tx, caller, &row).await? && put_away(&tx, row.id, now).await? {
            enqueue_again(&tx, &row, now).await?;
            write_down(app, &tx, caller, (Operation::RunJobAgain, &row), None).await?;
            count += 1;
        }
    }
    app.commit(tx).await?;
    Ok(count)
}

/// Puts a job away that was given up: nobody will do it, and the reason why stands in the audit log. True: there was
/// something to do.
pub async fn dismiss_job(app: &App, caller: &Caller, id: i64, reason: &str) -> Result<bool> {
    caller.require(Operation::DismissJob)?;
    let reason = reason_text(reason, "reason")?;
    let tx = app.write_tx().await?;
    let row = visible(&tx, caller, id).await?;
    let acted = put_away(&tx, row.id, app.now()).await?;
    if acted {
        write_down(app, &tx, caller, (Operation::DismissJob, &row), Some(without_numbers(&reason))).await?;
        app.commit(tx).await?;
    }
    Ok(acted)
}

async fn visible(tx: &impl ConnectionTrait, caller: &Caller, id: i64) -> Result<job::Model> {
    let row = job::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
    if sees(tx, caller, &row).await? { Ok(row) } else { Err(Error::NotFound) }
}

/// A job exists for whoever sees its flow; one of no flow for staff alone.
async fn sees(tx: &impl ConnectionTrait, caller: &Caller, row: &job::Model) -> Result<bool> {
    let Some(id) = row.flow_id else { return Ok(caller.tenant().is_none()) };
    let flow = sign_flow::Entity::find_by_id(id).one(tx).await?;
    Ok(flow.map_or(caller.tenant().is_none(), |flow| caller.sees(flow.client_id)))
}

/// The row is done with. False: somebody was faster.
async fn put_away(tx: &impl ConnectionTrait, id: i64, now: DateTime<Utc>) -> Result<bool> {
    let put = job::Entity::update_many()
        .col_expr(job::Column::State, Expr::value("completed"))
        .col_expr(job::Column::FinishedAt, Expr::value(Some(now)))
        .filter(job::Column::Id.eq(id))
        .filter(job::Column::State.eq("discarded"))
        .exec(tx)
        .await?;
    Ok(put.rows_affected == 1)
}

async fn enqueue_again(tx: &impl ConnectionTrait, row: &job::Model, now: DateTime<Utc>) -> Result<()> {
    let again = job::ActiveModel {
        kind: Set(row.kind.clone()),
        unique_key: Set(row.unique_key.clone()),
        payload: Set(row.payload.clone()),
        flow_id: Set(row.flow_id),
        state: Set("available".to_owned()),
        due_at: Set(now),
        attempt: Set(0),
        failures: Set(0),
        created_at: Set(now),
        ..Default::default()
    };
    let once = OnConflict::new().do_nothing().to_owned();
    job::Entity::insert(again).on_conflict(once).exec_without_returning(tx).await?;
    // One that waited already stands for both, and is due now.
    job::Entity::update_many()
        .col_expr(job::Column::DueAt, Expr::value(now))
        .filter(job::Column::Kind.eq(&row.kind))
        .filter(job::Column::UniqueKey.eq(&row.unique_key))
        .filter(job::Column::State.eq("available"))
        .exec(tx)
        .await?;
    Ok(())
}

async fn move_up(tx: &impl ConnectionTrait, id: i64, now: DateTime<Utc>) -> Result<bool> {
    let moved = job::Entity::update_many()
        .col_expr(job::Column::DueAt, Expr::value(now))
        .filter(job::Column::Id.eq(id))
        .filter(job::Column::State.eq("available"))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// Under the flow, where there is one: its timeline shows it.
async fn write_down(
    app: &App,
    tx: &impl ConnectionTrait,
    caller: &Caller,
    (operation, row): (Operation, &job::Model),
    reason: Option<String>,
) -> Result<()> {
    let target = row.flow_id.map_or_else(|| format!("job_{}", row.id), |flow| flow.to_string());
    let told: Value = match reason {
        Some(reason) => json!({"job": row.kind, "jobId": row.id, "reason": reason}),
        None => json!({"job": row.kind, "jobId": row.id}),
    };
    audit::record(app, tx, caller, Act { operation, target, before: None, after: Some(&told) }).await
}
