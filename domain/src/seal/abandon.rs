//! What staff can do about a seal that won't come: try again now, or give the flow up.

use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, prelude::*};
use serde_json::json;

use super::entity::seal_record;
use crate::{
    App, Caller, audit,
    caller::Operation,
    error::{Error, Result},
    event::chain::Evidence,
    flow::{cancel::reason_text, entity::sign_flow, machine::Event, transition::lock_for},
    ids::FlowId,
    job::{self, Job},
    terms::FlowStatus,
};

/// The verb behind `retrySeal`: the waiting job is due now.
pub async fn retry(app: &App, caller: &Caller, id: FlowId) -> Result<sign_flow::Model> {
    caller.require(Operation::RetrySeal)?;
    let locked = lock_for(app, caller, id).await?;
    if locked.flow.status != FlowStatus::Sealing {
        return Err(Error::state_conflict(locked.flow.status));
    }
    let (seal, now) = (Job::Seal { flow: id }, app.now());
    job::enqueue(&locked.tx, seal, Some(id), now, now).await?;
    job::move_up(&locked.tx, seal, now).await?;
    audit::of_flow(app, &locked.tx, caller, (Operation::RetrySeal, id), json!({})).await?;
    locked.commit().await
}

/// The verb behind `abandonSeal`: the flow ends FAILED with SIGN_FAILED. A seal that is being made meanwhile finds the
/// flow gone and deletes its bytes.
pub async fn abandon(app: &App, caller: &Caller, id: FlowId, reason: &str) -> Result<sign_flow::Model> {
    caller.require(Operation::AbandonSeal)?;
    let reason = reason_text(reason, "reason")?;
    let mut locked = lock_for(app, caller, id).await?;
    let evidence = Evidence::with_private(json!({"by": caller.label()}), json!({"reason": &reason}));
    locked.apply(Event::SealAbandoned, evidence).await?;
    let change = seal_record::ActiveModel { failure_reason: Set(Some("ABANDONED".to_owned())), ..Default::default() };
    seal_record::Entity::update_many().set(change).filter(seal_record::Column::FlowId.eq(id)).exec(&locked.tx).await?;
    // The reason stands in the flow's own evidence, sealed: it may name persons.
    audit::of_flow(app, &locked.tx, caller, (Operation::AbandonSeal, id), json!({})).await?;
    locked.commit().await
}
