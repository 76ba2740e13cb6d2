//! Withdrawing a flow: by upstream or by staff, with a reason.

use serde_json::json;

use super::{entity::sign_flow, machine::Event, transition::lock_for};
use crate::{
    App, Caller, audit,
    caller::Operation,
    error::{Error, Result},
    event::chain::Evidence,
    ids::FlowId,
};

/// The verb behind `cancelSignFlow`: CREATED, PENDING_SIGN and PENDING_AUTH only.
pub async fn cancel(app: &App, caller: &Caller, id: FlowId, reason: &str) -> Result<sign_flow::Model> {
    caller.require(Operation::CancelSignFlow)?;
    let reason = reason_text(reason, "reason")?;
    let mut locked = lock_for(app, caller, id).await?;
    let evidence = Evidence::with_private(json!({"by": caller.label()}), json!({"reason": &reason}));
    locked.apply(Event::Cancelled, evidence).await?;
    // The reason stands in the flow's own evidence, sealed: it may name persons.
    audit::of_flow(app, &locked.tx, caller, (Operation::CancelSignFlow, id), json!({})).await?;
    locked.commit().await
}

/// A reason as people give it: 1-500 characters. It may name persons, so it is kept sealed.
pub(crate) fn reason_text(text: &str, path: &str) -> Result<String> {
    let text = text.trim();
    let well = (1..=500).contains(&text.chars().count());
    if well { Ok(text.to_owned()) } else { Err(Error::field(path, "1-500 characters")) }
}
