//! Anything with an id, by its id.

use async_graphql::{Context, ID, Interface};
use esign_domain::{
    Caller, audit,
    caller::{Operation, Scope},
    error::{Error, Result},
    ids::{
        AgreementTemplateId, AgreementTypeId, AuthRecordId, AuthRuleId, ClientId, EventId, FlowId, SealRecordId,
        SessionId, SmsRecordId, SmsTemplateId,
    },
};

use super::{
    access::{app, caller, rows},
    agreement::{AgreementTemplate, AgreementType},
    audit::AuditEntry,
    auth::AuthRecord,
    auth_rule::AuthRule,
    client::Client,
    error::ApiResult,
    event::SignFlowEvent,
    flow::SignFlow,
    seal::SealRecord,
    session::H5Session,
    sms::SmsRecord,
    sms_template::SmsTemplate,
};

/// Anything with an id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The thing's id: <kind>_<uuid>."))]
pub enum Node {
    /// A flow.
    SignFlow(SignFlow),
    /// A signer's link.
    H5Session(H5Session),
    /// A document of a flow.
    SealRecord(SealRecord),
    /// An attempt to authenticate.
    AuthRecord(AuthRecord),
    /// A message.
    SmsRecord(SmsRecord),
    /// An event.
    SignFlowEvent(SignFlowEvent),
    /// An SMS template.
    SmsTemplate(SmsTemplate),
    /// An auth rule.
    AuthRule(AuthRule),
    /// An agreement type.
    AgreementType(AgreementType),
    /// A version of an agreement's text.
    AgreementTemplate(AgreementTemplate),
    /// A client.
    Client(Client),
    /// An entry of the audit log.
    AuditEntry(AuditEntry),
}

/// The thing of this id; none when there is no such thing, or it is another client's.
pub async fn find(ctx: &Context<'_>, id: &str) -> ApiResult<Option<Node>> {
    let caller = caller(ctx)?;
    caller.require(Operation::Node)?;
    let kind = id.rsplit_once('_').map_or("", |(kind, _)| kind);
    match kind {
        "flow" | "session" | "seal" | "auth" | "sms" | "event" => of_flow(ctx, caller, kind, id).await,
        "smstpl" | "rule" | "agr" | "agrtpl" | "client" => of_catalogue(ctx, caller, kind, id).await,
        "audit" => {
            let Ok(id) = id.parse() else { return Ok(None) };
            let entry = audit::by_id(app(ctx), caller, id).await?;
            Ok(entry.map(|entry| Node::AuditEntry(entry.into())))
        }
        _ => Ok(None),
    }
}

/// The row of an id, or nothing from the function around.
macro_rules! row {
    ($ctx:ident, $id:ident as $kind:ty) => {{
        let Ok(id) = $id.parse::<$kind>() else { return Ok(None) };
        let Some(row) = rows($ctx).load_one(id).await? else { return Ok(None) };
        row
    }};
}

/// What belongs to a flow is seen by whoever sees the flow.
async fn of_flow(ctx: &Context<'_>, caller: &Caller, kind: &str, id: &str) -> ApiResult<Option<Node>> {
    let (flow_id, node): (FlowId, Box<dyn FnOnce(SignFlow) -> Node + Send>) = match kind {
        "flow" => (row!(ctx, id as FlowId).id, Box::new(Node::SignFlow)),
        "session" => {
            let row = row!(ctx, id as SessionId);
            (row.flow_id, Box::new(|flow| Node::H5Session(H5Session::of(row, flow))))
        }
        "seal" => {
            let row = row!(ctx, id as SealRecordId);
            (row.flow_id, Box::new(|_| Node::SealRecord(row.into())))
        }
        "auth" => {
            let row = row!(ctx, id as AuthRecordId);
            (row.flow_id, Box::new(|flow| Node::AuthRecord(AuthRecord::of(row, flow))))
        }
        "event" => {
            let row = row!(ctx, id as EventId);
            (row.flow_id, Box::new(|_| Node::SignFlowEvent(row.into())))
        }
        _ => {
            let row = row!(ctx, id as SmsRecordId);
            let Some(flow_id) = row.flow_id else {
                // A test send belongs to no flow: it is the staff's own.
                return Ok(caller.tenant().is_none().then(|| Node::SmsRecord(row.into())));
            };
            (flow_id, Box::new(|_| Node::SmsRecord(row.into())))
        }
    };
    let flow = rows(ctx).load_one(flow_id).await?.filter(|flow| caller.sees(flow.client_id));
    Ok(flow.map(|flow| node(flow.into())))
}

/// What belongs to the catalogue has doors of its own, and this one asks for the same scopes.
async fn of_catalogue(ctx: &Context<'_>, caller: &Caller, kind: &str, id: &str) -> ApiResult<Option<Node>> {
    let needs = |scope: Scope| -> Result<()> { if caller.has(scope) { Ok(()) } else { Err(Error::Forbidden) } };
    Ok(Some(match kind {
        "smstpl" => {
            needs(Scope::TemplatesRead)?;
            Node::SmsTemplate(row!(ctx, id as SmsTemplateId).into())
        }
        "rule" => {
            needs(Scope::RulesRead)?;
            Node::AuthRule(row!(ctx, id as AuthRuleId).into())
        }
        "agr" => {
            needs(Scope::TemplatesRead)?;
            Node::AgreementType(row!(ctx, id as AgreementTypeId).into())
        }
        "agrtpl" => {
            needs(Scope::TemplatesRead)?;
            Node::AgreementTemplate(row!(ctx, id as AgreementTemplateId).into())
        }
        _ => {
            let client = row!(ctx, id as ClientId);
            if caller.tenant() != Some(client.id) {
                // Whether another client exists is for clients:read alone to know.
                return Ok(caller.has(Scope::ClientsRead).then(|| Node::Client(client.into())));
            }
            Node::Client(client.into())
        }
    }))
}
