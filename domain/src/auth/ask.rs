//! What staff can do about an authentication that hangs: let the system ask now instead of when it would.

use sea_orm::{EntityTrait, QueryFilter, prelude::*};
use serde_json::json;

use super::{challenge::awaits_result, entity::auth_record, query};
use crate::{
    App, Caller, audit,
    caller::Operation,
    error::{Error, Result},
    flow::{entity::sign_flow, transition::lock_for},
    ids::FlowId,
    job::{self, Job, entity::job as job_row},
};

/// The verb: the job that asks for the challenge, about it or for its end is due now. Whatever the auth system then says
/// is taken like any other word of its. STATE_CONFLICT: nothing is asked of it.
pub async fn ask_now(app: &App, caller: &Caller, id: FlowId) -> Result<sign_flow::Model> {
    caller.require(Operation::AskAuthSystem)?;
    let locked = lock_for(app, caller, id).await?;
    let record = query::current(&locked.tx, &locked.flow).await?;
    let Some(record) = record.filter(|record| awaits_result(&locked.flow, record)) else {
        return Err(Error::state_conflict(locked.flow.status));
    };
    let (job, now) = (question(app, &record), app.now());
    job::enqueue(&locked.tx, job, Some(id), now, now).await?;
    job::move_up(&locked.tx, job, now).await?;
    // An amount that could not be handed in yet is what the auth system waits for.
    job_row::Entity::update_many()
        .col_expr(job_row::Column::DueAt, Expr::value(now))
        .filter(job_row::Column::FlowId.eq(id))
        .filter(job_row::Column::Kind.eq("submit_amount"))
        .filter(job_row::Column::State.eq("available"))
        .exec(&locked.tx)
        .await?;
    let told = json!({"attempt": record.attempt, "job": job.kind()});
    audit::of_flow(app, &locked.tx, caller, (Operation::AskAuthSystem, id), told).await?;
    locked.commit().await
}

/// What there is to ask about an attempt.
fn question(app: &App, record: &auth_record::Model) -> Job {
    let record_id = record.id;
    match (&record.challenge_id, record.expires_at) {
        (None, _) => Job::CreateChallenge { record: record_id },
        (Some(_), Some(end)) if end <= app.now() => Job::ExpireChallenge { record: record_id },
        (Some(_), _) => Job::PollChallenge { record: record_id },
    }
}
