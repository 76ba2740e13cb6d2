//! The flow as the schema tells it: everything about one signing hangs here.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use esign_domain::{
    error::Error,
    event::tail::Filter,
    flow::{Link, Started, entity::sign_flow, query},
    ids::ClientId,
    personal::LinkCode,
    sms,
};

use super::{
    access::{app, caller, id, lang, rows},
    agreement::AgreementType,
    auth::AuthRecord,
    client::Client,
    decision::Decision,
    error::{ApiError, ApiResult},
    event::{self, SignFlowEvent},
    loader::{Auths, Messages, Of, Seals, Session, Successor, TheLink},
    page::Connection,
    result::{Failure, SignResult},
    scalar::{Json, Moment},
    seal::SealRecord,
    session::H5Session,
    sms::{ResendQuota, SmsRecord},
    subject::Subject,
    terms::{AuthStatus, AuthType, BusinessAction, FlowStatus, Scene},
};

/// A sign flow (签约流程): one signing, from its start to its result.
#[derive(Clone)]
pub struct SignFlow(pub Arc<sign_flow::Model>, Option<Arc<Link>>);

impl From<sign_flow::Model> for SignFlow {
    fn from(flow: sign_flow::Model) -> Self {
        Self(Arc::new(flow), None)
    }
}

impl From<Started> for SignFlow {
    fn from(started: Started) -> Self {
        Self(Arc::new(started.flow), started.link.map(Arc::new))
    }
}

impl SignFlow {
    /// The flow's client.
    pub async fn client_row(ctx: &Context<'_>, id: ClientId) -> ApiResult<Arc<esign_domain::client::Client>> {
        let client = rows(ctx).load_one(id).await?;
        client.ok_or_else(|| Error::internal("a flow's client is missing").into())
    }

    /// The code of the flow's link.
    pub async fn link_code(&self, ctx: &Context<'_>) -> ApiResult<Option<LinkCode>> {
        match &self.1 {
            Some(link) => Ok(Some(link.code.clone())),
            None => rows(ctx).load_one(Of(self.0.id, TheLink)).await,
        }
    }

    /// The documents of the flow, in order.
    pub async fn seals(&self, ctx: &Context<'_>) -> ApiResult<Vec<SealRecord>> {
        let records = rows(ctx).load_one(Of(self.0.id, Seals)).await?.unwrap_or_default();
        Ok(records.into_iter().map(SealRecord::from).collect())
    }

    /// The attempts of the flow to authenticate its signer, oldest first.
    pub async fn auths(&self, ctx: &Context<'_>) -> ApiResult<Vec<AuthRecord>> {
        let records = rows(ctx).load_one(Of(self.0.id, Auths)).await?.unwrap_or_default();
        Ok(records.into_iter().map(|record| AuthRecord::of(record, self.clone())).collect())
    }
}

/// A sign flow (签约流程): one signing, from its start to its result.
#[Object]
impl SignFlow {
    /// The flow's id; the flowId of webhooks, tokens and URLs.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// 签约流程流水号: the client's own number of the flow, its idempotency key.
    async fn flow_no(&self) -> &str {
        &self.0.flow_no
    }

    /// Whose flow it is.
    async fn client(&self, ctx: &Context<'_>) -> ApiResult<Client> {
        Ok(Self::client_row(ctx, self.0.client_id).await?.into())
    }

    /// What the money relation is about.
    async fn scene(&self) -> Scene {
        self.0.scene.into()
    }

    /// The business step that wanted the signature.
    async fn business_action(&self) -> Option<BusinessAction> {
        self.0.business_action.map(Into::into)
    }

    /// 资金用途: a code of the client's, passed on to the auth system unchanged.
    async fn fund_purpose(&self) -> &str {
        &self.0.fund_purpose
    }

    /// Who signs. Personal data is masked unless the caller has pii:read.
    async fn subject(&self) -> Subject {
        Subject(self.0.clone())
    }

    /// What is signed.
    async fn agreement_type(&self, ctx: &Context<'_>) -> ApiResult<AgreementType> {
        let kind = rows(ctx).load_one(self.0.agreement_type_id).await?;
        Ok(kind.ok_or_else(|| Error::internal("a flow's agreement type is missing"))?.into())
    }

    /// Where the flow stands.
    async fn status(&self) -> FlowStatus {
        self.0.status.into()
    }

    /// How the signer proves who they are.
    async fn auth_type(&self) -> AuthType {
        self.0.auth_type.into()
    }

    /// How the current attempt to authenticate stands.
    async fn auth_status(&self) -> AuthStatus {
        self.0.auth_status.into()
    }

    /// Why this auth type and this SMS template: the entry that won, its version, and those it beat, as they were then.
    async fn decision(&self) -> Decision {
        Decision(self.0.clone())
    }

    /// The signer's link. Null only on a flow that failed at its start.
    async fn session(&self, ctx: &Context<'_>) -> ApiResult<Option<H5Session>> {
        let session = match &self.1 {
            Some(link) => Some(link.session.clone()),
            None => rows(ctx).load_one(Of(self.0.id, Session)).await?,
        };
        Ok(session.map(|session| H5Session::of(session, self.clone())))
    }

    /// The documents, in order.
    async fn seal_records(&self, ctx: &Context<'_>) -> ApiResult<Vec<SealRecord>> {
        self.seals(ctx).await
    }

    /// The attempts to authenticate, oldest first.
    async fn auth_records(&self, ctx: &Context<'_>) -> ApiResult<Vec<AuthRecord>> {
        self.auths(ctx).await
    }

    /// The messages sent, oldest first.
    async fn sms_records(&self, ctx: &Context<'_>) -> ApiResult<Vec<SmsRecord>> {
        let records = rows(ctx).load_one(Of(self.0.id, Messages)).await?.unwrap_or_default();
        Ok(records.into_iter().map(SmsRecord::from).collect())
    }

    /// True while every automatic retry of the SMS is spent; the link is still good and can be passed on another way.
    async fn sms_undelivered(&self) -> bool {
        self.0.sms_undelivered
    }

    /// Messages that a gateway accepted.
    async fn sms_sent_count(&self) -> i32 {
        self.0.sms_sent_count
    }

    /// When a gateway last accepted one.
    async fn last_sms_at(&self) -> Option<Moment> {
        self.0.last_sms_at.map(Moment)
    }

    /// What may still be sent.
    async fn resend(&self, ctx: &Context<'_>) -> ApiResult<ResendQuota> {
        let client = Self::client_row(ctx, self.0.client_id).await?;
        Ok(sms::resend::quota(app(ctx), &client.settings, &self.0).into())
    }

    /// Why the flow failed or timed out.
    async fn failure(&self, ctx: &Context<'_>) -> Option<Failure> {
        Failure::of(&self.0, lang(ctx))
    }

    /// Whether a new flow may be started in this one's place, by supersedes.
    async fn restartable(&self, ctx: &Context<'_>) -> ApiResult<bool> {
        if !query::end_allows_restart(app(ctx), &self.0).await? {
            return Ok(false);
        }
        Ok(rows(ctx).load_one(Of(self.0.id, Successor)).await?.is_none())
    }

    /// The flow that this one took the place of.
    async fn supersedes(&self, ctx: &Context<'_>) -> ApiResult<Option<SignFlow>> {
        let Some(id) = self.0.supersedes else { return Ok(None) };
        Ok(rows(ctx).load_one(id).await?.map(Into::into))
    }

    /// The flow that took this one's place.
    async fn superseded_by(&self, ctx: &Context<'_>) -> ApiResult<Option<SignFlow>> {
        Ok(rows(ctx).load_one(Of(self.0.id, Successor)).await?.map(Into::into))
    }

    /// The result. Present once the flow is terminal.
    async fn result(&self) -> Option<SignResult> {
        self.0.status.is_terminal().then(|| SignResult(self.clone()))
    }

    /// The flow's chain of events, oldest first.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Connection<SignFlowEvent>, ApiError> {
        let mut filter = Filter::default();
        filter.flow_ids = Some(vec![self.0.id]);
        event::page(app(ctx), caller(ctx)?, filter, first, after).await
    }

    /// The client's own data, as given at the start.
    async fn metadata(&self) -> Option<Json> {
        self.0.metadata.clone().map(Json)
    }

    /// When it was started.
    async fn created_at(&self) -> Moment {
        self.0.created_at.into()
    }

    /// When it last moved.
    async fn updated_at(&self) -> Moment {
        self.0.updated_at.into()
    }

    /// The end of the session.
    async fn expires_at(&self) -> Moment {
        self.0.expires_at.into()
    }

    /// When it became terminal.
    async fn completed_at(&self) -> Option<Moment> {
        self.0.completed_at.map(Moment)
    }
}
