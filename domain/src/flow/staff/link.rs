//! The signer's link in the hands of staff: an act that the flow remembers.

use serde_json::json;

use crate::{
    App, Caller, audit,
    caller::Operation,
    error::Result,
    event::chain::Evidence,
    flow::{machine::Event, query, secret, transition::lock_for},
    ids::FlowId,
};

/// The verb behind 'copy link': whoever holds the link can sign, so its copy stands in the flow's chain and in the audit
/// log. STATE_CONFLICT once the flow has ended.
pub async fn copy_link(app: &App, caller: &Caller, id: FlowId) -> Result<String> {
    caller.require(Operation::CopyLink)?;
    let mut locked = lock_for(app, caller, id).await?;
    locked.apply(Event::LinkCopied, Evidence::facts(json!({"by": caller.label()}))).await?;
    let code = secret::link_code(app, &locked.tx, id).await?;
    audit::of_flow(app, &locked.tx, caller, (Operation::CopyLink, id), json!({})).await?;
    locked.commit().await?;
    Ok(query::link(app, &code))
}
