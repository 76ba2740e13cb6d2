//! Reading flows: one by its id or number, many by what they have in common.

use sea_orm::{EntityTrait, QueryFilter, QuerySelect, prelude::*};

use super::{
    entity::{h5_session, sign_flow},
    transition::name_in_log,
};
use crate::{
    App, Caller,
    caller::{Operation, Scope},
    client,
    error::{Error, Result},
    ids::FlowId,
    personal::LinkCode,
    reference,
    terms::FlowStatus,
};

mod filter;
mod list;
mod search;

pub use filter::{FlowFilter, View, dwell_limit};
pub use list::{COUNTED, Count, FlowKey, Order, Slice, Sort, counts, list};
pub use search::{PersonalKey, PersonalKind, Search};

/// A flow the caller may see; another client's doesn't exist.
pub async fn by_id(app: &App, caller: &Caller, id: FlowId) -> Result<Option<sign_flow::Model>> {
    caller.require(Operation::SignFlow)?;
    let flow = sign_flow::Entity::find_by_id(id).one(app.db.read()).await?.filter(|flow| caller.sees(flow.client_id));
    if let Some(flow) = &flow {
        name_in_log(flow.id);
    }
    Ok(flow)
}

/// A flow by its number, which is unique per client: who sees several clients names one.
pub async fn by_flow_no(
    app: &App,
    caller: &Caller,
    flow_no: &str,
    client_code: Option<&str>,
) -> Result<Option<sign_flow::Model>> {
    caller.require(Operation::SignFlow)?;
    let named = match client_code {
        Some(code) => match client::query::find_by_code(app.db.read(), code).await? {
            Some(client) if caller.sees(client.id) => Some(client.id),
            _ => return Ok(None),
        },
        None => None,
    };
    let Some(client) = named.or(caller.tenant()) else {
        return Err(Error::field("clientCode", "needed by a caller who sees several clients"));
    };
    let query = sign_flow::Entity::find()
        .filter(sign_flow::Column::ClientId.eq(client))
        .filter(sign_flow::Column::FlowNo.eq(flow_no));
    Ok(query.one(app.db.read()).await?)
}

/// Many flows at once, for a loader; what the caller may not see is missing.
pub async fn by_ids(app: &App, caller: &Caller, ids: &[FlowId]) -> Result<Vec<sign_flow::Model>> {
    let flows =
        sign_flow::Entity::find().filter(sign_flow::Column::Id.is_in(ids.iter().copied())).all(app.db.read()).await?;
    Ok(flows.into_iter().filter(|flow| caller.sees(flow.client_id)).collect())
}

/// The session of a flow; none when it failed at its start.
pub async fn session(app: &App, id: FlowId) -> Result<Option<h5_session::Model>> {
    Ok(h5_session::Entity::find().filter(h5_session::Column::FlowId.eq(id)).one(app.db.read()).await?)
}

/// Whether the caller may have the signer's link: the owning client with flows:write, while it can still be entered.
pub fn may_have_link(caller: &Caller, flow: &sign_flow::Model) -> bool {
    caller.owns(flow.client_id, Scope::FlowsWrite) && !flow.status.is_terminal()
}

/// The signer's link.
pub fn link(app: &App, code: &LinkCode) -> String {
    app.public(&format!("/s/{}", code.expose()))
}

/// The flow that took this one's place.
pub async fn superseded_by(app: &App, id: FlowId) -> Result<Option<sign_flow::Model>> {
    Ok(sign_flow::Entity::find().filter(sign_flow::Column::Supersedes.eq(id)).one(app.db.read()).await?)
}

/// Which of these flows have had their place taken by another.
pub async fn superseded(app: &App, ids: &[FlowId]) -> Result<Vec<FlowId>> {
    let taken: Vec<Option<FlowId>> = sign_flow::Entity::find()
        .select_only()
        .column(sign_flow::Column::Supersedes)
        .filter(sign_flow::Column::Supersedes.is_in(ids.iter().copied()))
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(taken.into_iter().flatten().collect())
}

/// Whether upstream may start a new flow in this one's place: its end allows it, and no other has taken the place.
pub async fn restartable(app: &App, flow: &sign_flow::Model) -> Result<bool> {
    Ok(end_allows_restart(app, flow).await? && superseded_by(app, flow.id).await?.is_none())
}

/// Whether the way a flow ended leaves room for a new one.
pub async fn end_allows_restart(app: &App, flow: &sign_flow::Model) -> Result<bool> {
    if !flow.status.is_terminal() || flow.status == FlowStatus::Completed {
        return Ok(false);
    }
    if flow.failure_code.as_deref() != Some("SIGN_DECLINED") {
        return Ok(true);
    }
    let reference = reference::current(app).await?;
    let client = reference.client(flow.client_id);
    Ok(client.is_some_and(|client| client.settings.restart_after_decline.unwrap_or(false)))
}

/// Whether the reason a flow ended for may not stand in the way of another try.
pub fn failure_is_retryable(code: &str) -> bool {
    matches!(code, "AUTH_INIT_FAILED" | "AUTH_FAILED" | "AUTH_TIMEOUT" | "SESSION_EXPIRED" | "SIGN_FAILED")
}
