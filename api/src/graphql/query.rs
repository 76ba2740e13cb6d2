//! What may be asked.

use async_graphql::{Context, ID, MergedObject, Object};
use esign_domain::{
    caller::Operation,
    error::{Error, FieldProblem},
    flow::{self, query as flows},
    ids::FlowId,
    selector::Question,
};

use super::{
    access::{app, caller, rows},
    agreement::AgreementQuery,
    audit::AuditQuery,
    auth_rule::AuthRuleQuery,
    client::{ClientQuery, Viewer},
    decision_matrix::DecisionQuery,
    error::{ApiError, ApiResult},
    event::{self, SignFlowEvent, SignFlowEventFilter},
    filter::SignFlowFilter,
    flow::SignFlow,
    node::{self, Node},
    page::{Connection, Window, cursor},
    sms_template::SmsTemplateQuery,
    start::{SignFlowPlan, StartSignFlowInput},
    stats::StatsQuery,
};

/// What may be asked.
#[derive(Default, MergedObject)]
pub struct Query(
    FlowQuery,
    StatsQuery,
    ClientQuery,
    AuditQuery,
    SmsTemplateQuery,
    AuthRuleQuery,
    DecisionQuery,
    AgreementQuery,
);

/// What may be asked about flows, and about whatever has an id.
#[derive(Default)]
pub struct FlowQuery;

/// What may be asked about flows, and about whatever has an id.
#[Object]
impl FlowQuery {
    /// Anything with an id, by its id; null when there is no such thing, or it is another client's. Scope: flows:read.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The thing's id.")] id: ID) -> Option<ApiResult<Node>> {
        node::find(ctx, &id).await.transpose()
    }

    /// Whoever is asking.
    async fn viewer(&self, ctx: &Context<'_>) -> ApiResult<Viewer> {
        Ok(Viewer::from(caller(ctx)?.as_ref()))
    }

    /// A flow. Exactly one of id and flowNo; flowNo is unique per client, so a caller who sees several clients adds
    /// clientCode. Scope: flows:read.
    async fn sign_flow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The flow's id.")] id: Option<ID>,
        #[graphql(desc = "The client's number of the flow.")] flow_no: Option<String>,
        #[graphql(desc = "Whose number it is; needed by callers who see several clients.")] client_code: Option<String>,
    ) -> Option<ApiResult<SignFlow>> {
        find(ctx, id, flow_no, client_code).await.transpose()
    }

    /// Flows, newest first. Scope: flows:read.
    async fn sign_flows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which flows.")] filter: Option<SignFlowFilter>,
        #[graphql(desc = "So many from the start, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> ApiResult<Connection<SignFlow>> {
        list(ctx, filter.unwrap_or_default(), Window { first, after, last, before }).await
    }

    /// What startSignFlow would do with this input: same checks, same errors (limits aside), nothing written; smsText
    /// holds a placeholder code. Scope: flows:write.
    async fn plan_sign_flow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input that startSignFlow would be given.")] input: StartSignFlowInput,
    ) -> ApiResult<SignFlowPlan> {
        let input = input.into();
        let (plan, text) = flow::plan(app(ctx), caller(ctx)?, &input).await?;
        let question: Question = input.question();
        Ok(SignFlowPlan::of(plan, text).ok_or_else(|| Error::SmsTemplateNotFound(Box::new(question)))?)
    }

    /// The event log itself: the same rows and cursors as the subscription and the webhooks, to prove that nothing was
    /// missed. Scope: flows:read.
    async fn sign_flow_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which events.")] filter: Option<SignFlowEventFilter>,
        #[graphql(desc = "How many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Connection<SignFlowEvent>, ApiError> {
        event::page(app(ctx), caller(ctx)?, SignFlowEventFilter::of(filter), first, after).await
    }
}

async fn find(
    ctx: &Context<'_>,
    id: Option<ID>,
    flow_no: Option<String>,
    client_code: Option<String>,
) -> ApiResult<Option<SignFlow>> {
    let (app, caller) = (app(ctx), caller(ctx)?);
    let found = match (id, flow_no) {
        (Some(id), None) => {
            caller.require(Operation::SignFlow)?;
            // No flow has an id that is none.
            let Ok(id) = id.parse::<FlowId>() else { return Ok(None) };
            rows(ctx).load_one(id).await?.filter(|flow| caller.sees(flow.client_id))
        }
        (None, Some(flow_no)) => flows::by_flow_no(app, caller, &flow_no, client_code.as_deref()).await?,
        (id, _) => {
            let problem = if id.is_some() { "give either id or flowNo" } else { "one of id and flowNo is needed" };
            let problem = |path: &str| FieldProblem { path: path.into(), problem: problem.into() };
            return Err(Error::InvalidArgument(vec![problem("id"), problem("flowNo")]).into());
        }
    };
    Ok(found.map(Into::into))
}

async fn list(ctx: &Context<'_>, filter: SignFlowFilter, window: Window) -> ApiResult<Connection<SignFlow>> {
    let slice = window.slice()?;
    let (flows, more) = flows::list(app(ctx), caller(ctx)?, &filter.into(), slice).await?;
    let beyond = if slice.backwards { (slice.before.is_some(), more) } else { (more, slice.after.is_some()) };
    let entries = flows.into_iter().map(|flow| {
        let key = flows::FlowKey::of(&flow, slice.order);
        (cursor(key), SignFlow::from(flow))
    });
    Ok(Connection::of(entries, beyond))
}
