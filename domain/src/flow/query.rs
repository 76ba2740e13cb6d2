//! Reading flows.

use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, prelude::*, sea_query::ExprTrait,
};
use uuid::Uuid;

use super::{
    entity::{h5_session, sign_flow},
    transition::name_in_log,
};
use crate::{
    App, Caller,
    auth::entity::auth_record,
    caller::{Operation, Scope},
    client,
    error::{Error, Result},
    ids::{ClientId, FlowId},
    personal::{LinkCode, Mobile},
    reference,
    seal::entity::seal_record,
    sms::entity::sms_record,
    terms::{FlowStatus, Scene},
};

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

/// Which flows; all given conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct FlowFilter {
    /// In one of these statuses.
    pub statuses: Option<Vec<FlowStatus>>,
    /// Of one of these scenes.
    pub scenes: Option<Vec<Scene>>,
    /// By the number of the subject's identity document.
    pub id_document_number: Option<String>,
    /// By the auth system's challenge id.
    pub challenge_id: Option<String>,
    /// By a gateway's message id.
    pub gateway_message_id: Option<String>,
    /// By the id of a seal, auth or SMS record.
    pub record_id: Option<Uuid>,
    /// By agreement type.
    pub agreement_type: Option<String>,
    /// By upstream's number of the subject.
    pub subject_no: Option<String>,
    /// By the signatory's mobile number.
    pub mobile: Option<String>,
    /// Started at or after.
    pub created_from: Option<DateTime<Utc>>,
    /// Started before.
    pub created_to: Option<DateTime<Utc>>,
    /// Of this client.
    pub client_id: Option<ClientId>,
}

/// A place in the list of flows, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowKey {
    /// When the flow was started.
    pub created_at: DateTime<Utc>,
    /// Breaks ties.
    pub id: FlowId,
}

/// Which part of the list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Slice {
    /// Only what comes after this place (older).
    pub after: Option<FlowKey>,
    /// Only what comes before it (newer).
    pub before: Option<FlowKey>,
    /// Take from the end of the list.
    pub backwards: bool,
    /// How many at most.
    pub limit: u64,
}

/// Flows, newest first; the verb behind `signFlows`. Gives what was asked for and whether there is more beyond it.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: &FlowFilter,
    slice: Slice,
) -> Result<(Vec<sign_flow::Model>, bool)> {
    use sign_flow::Column as C;
    caller.require(Operation::SignFlows)?;
    let place = |key: FlowKey, older: bool| {
        let (at, id) = (C::CreatedAt, C::Id);
        if older {
            at.lt(key.created_at).or(at.eq(key.created_at).and(id.lt(key.id)))
        } else {
            at.gt(key.created_at).or(at.eq(key.created_at).and(id.gt(key.id)))
        }
    };
    let mut query = sign_flow::Entity::find()
        .filter(condition(app, caller, filter))
        .filter(
            Condition::all()
                .add_option(slice.after.map(|key| place(key, true)))
                .add_option(slice.before.map(|key| place(key, false))),
        )
        .limit(slice.limit + 1);
    query = if slice.backwards {
        query.order_by_asc(C::CreatedAt).order_by_asc(C::Id)
    } else {
        query.order_by_desc(C::CreatedAt).order_by_desc(C::Id)
    };
    let mut flows = query.all(app.db.read()).await?;
    let limit = usize::try_from(slice.limit).unwrap_or(usize::MAX);
    let more = flows.len() > limit;
    flows.truncate(limit);
    if slice.backwards {
        flows.reverse();
    }
    Ok((flows, more))
}

fn condition(app: &App, caller: &Caller, filter: &FlowFilter) -> Condition {
    use sign_flow::Column as C;
    let of_record = |subquery: sea_orm::sea_query::SelectStatement| C::Id.in_subquery(subquery);
    let hash = |purpose: &str, value: &str| app.vault.lookup(purpose, value);
    Condition::all()
        .add_option(caller.tenant().map(|client| C::ClientId.eq(client)))
        .add_option(filter.client_id.map(|client| C::ClientId.eq(client)))
        .add_option(filter.statuses.as_ref().map(|list| C::Status.is_in(list.iter().copied())))
        .add_option(filter.scenes.as_ref().map(|list| C::Scene.is_in(list.iter().copied())))
        .add_option(filter.agreement_type.as_ref().map(|code| C::AgreementType.eq(code)))
        .add_option(filter.subject_no.as_ref().map(|number| C::SubjectNo.eq(number)))
        .add_option(filter.id_document_number.as_ref().map(|n| C::IdNumberHash.eq(hash("id_number", n))))
        .add_option(filter.mobile.as_ref().map(|text| {
            let mobile = Mobile::parse(text);
            C::MobileHash.eq(hash("mobile", mobile.as_ref().map_or(text.as_str(), Mobile::expose)))
        }))
        .add_option(filter.created_from.map(|from| C::CreatedAt.gte(from)))
        .add_option(filter.created_to.map(|to| C::CreatedAt.lt(to)))
        .add_option(filter.challenge_id.as_ref().map(|id| {
            of_record(
                auth_record::Entity::find()
                    .select_only()
                    .column(auth_record::Column::FlowId)
                    .filter(auth_record::Column::ChallengeId.eq(id))
                    .into_query(),
            )
        }))
        .add_option(filter.gateway_message_id.as_ref().map(|id| {
            of_record(
                sms_record::Entity::find()
                    .select_only()
                    .column(sms_record::Column::FlowId)
                    .filter(sms_record::Column::GatewayMessageId.eq(id))
                    .into_query(),
            )
        }))
        .add_option(filter.record_id.map(|id| {
            let seal = seal_record::Entity::find()
                .select_only()
                .column(seal_record::Column::FlowId)
                .filter(Expr::col(seal_record::Column::Id).eq(id))
                .into_query();
            let auth = auth_record::Entity::find()
                .select_only()
                .column(auth_record::Column::FlowId)
                .filter(Expr::col(auth_record::Column::Id).eq(id))
                .into_query();
            let sms = sms_record::Entity::find()
                .select_only()
                .column(sms_record::Column::FlowId)
                .filter(Expr::col(sms_record::Column::Id).eq(id))
                .into_query();
            of_record(seal).or(of_record(auth)).or(of_record(sms))
        }))
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
