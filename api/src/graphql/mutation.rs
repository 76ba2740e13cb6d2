//! What may be done.

use async_graphql::{Context, ID, InputObject, MergedObject, Object, SimpleObject};
use esign_domain::{
    flow,
    ids::{Id, Kind},
    seal, sms,
};
use uuid::Uuid;

use super::{
    access::{app, caller},
    agreement::AgreementMutation,
    auth_rule::AuthRuleMutation,
    client::ClientMutation,
    error::ApiResult,
    flow::SignFlow,
    scalar::Moment,
    sms_template::SmsTemplateMutation,
    start::{StartSignFlowInput, StartSignFlowPayload},
    test_sms::TestSmsMutation,
};

/// Whose link is to be sent again.
#[derive(InputObject)]
pub struct ResendSmsInput {
    /// The flow.
    flow_id: ID,
}

/// What is left after the link was sent again.
#[derive(SimpleObject)]
pub struct ResendSmsPayload {
    /// The flow.
    flow: SignFlow,
    /// Resends left.
    remaining: i32,
    /// When the next one may be asked for; null when none may be.
    next_allowed_at: Option<Moment>,
}

/// What is to be withdrawn, and why.
#[derive(InputObject)]
pub struct CancelSignFlowInput {
    /// The flow.
    flow_id: ID,
    /// Why: 1-500 characters, kept with the evidence.
    reason: String,
}

/// The flow that was withdrawn.
#[derive(SimpleObject)]
pub struct CancelSignFlowPayload {
    /// The flow.
    flow: SignFlow,
}

/// The flow that something was done to.
#[derive(SimpleObject)]
pub struct SignFlowPayload {
    /// The flow.
    flow: SignFlow,
}

/// What may be done.
#[derive(Default, MergedObject)]
pub struct Mutation(
    FlowMutation,
    ClientMutation,
    SmsTemplateMutation,
    AuthRuleMutation,
    TestSmsMutation,
    AgreementMutation,
);

/// What may be done to flows.
#[derive(Default)]
pub struct FlowMutation;

/// What may be done to flows.
#[Object]
impl FlowMutation {
    /// Starts a flow: checks, decides, makes the link, queues the SMS. The same flowNo with the same content gives the
    /// same flow again; with other content it is IDEMPOTENCY_CONFLICT. Scope: flows:write.
    async fn start_sign_flow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The flow to be started.")] input: StartSignFlowInput,
    ) -> ApiResult<StartSignFlowPayload> {
        Ok(flow::start(app(ctx), caller(ctx)?, input.into()).await?.into())
    }

    /// Sends the link again: not too soon and not too often (SMS_RATE_LIMITED). Scope: flows:write.
    async fn resend_sms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose link.")] input: ResendSmsInput,
    ) -> ApiResult<ResendSmsPayload> {
        let (flow, quota) = sms::resend(app(ctx), caller(ctx)?, named(&input.flow_id)).await?;
        Ok(ResendSmsPayload {
            flow: flow.into(),
            remaining: quota.remaining,
            next_allowed_at: quota.next_allowed_at.map(Moment),
        })
    }

    /// Withdraws a flow that isn't authenticating, sealing or over. Scope: flows:write.
    async fn cancel_sign_flow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is withdrawn, and why.")] input: CancelSignFlowInput,
    ) -> ApiResult<CancelSignFlowPayload> {
        let flow = flow::cancel(app(ctx), caller(ctx)?, named(&input.flow_id), &input.reason).await?;
        Ok(CancelSignFlowPayload { flow: flow.into() })
    }

    /// Staff: tries a stuck seal again now. Scope: flows:operate.
    async fn retry_seal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The flow, in SEALING.")] flow_id: ID,
    ) -> ApiResult<SignFlowPayload> {
        let flow = seal::retry(app(ctx), caller(ctx)?, named(&flow_id)).await?;
        Ok(SignFlowPayload { flow: flow.into() })
    }

    /// Staff: gives a flow up whose seal won't come: FAILED, SIGN_FAILED. Scope: flows:operate.
    async fn abandon_seal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The flow, in SEALING.")] flow_id: ID,
        #[graphql(desc = "Why: 1-500 characters, kept with the evidence.")] reason: String,
    ) -> ApiResult<SignFlowPayload> {
        let flow = seal::abandon(app(ctx), caller(ctx)?, named(&flow_id), &reason).await?;
        Ok(SignFlowPayload { flow: flow.into() })
    }
}

/// The thing an id names. An id that is none becomes the nil id, which nothing has: so the verb, which asks first whether
/// the caller may, says that it isn't there.
pub fn named<K: Kind>(id: &str) -> Id<K> {
    id.parse().unwrap_or(Id::new(Uuid::nil()))
}
