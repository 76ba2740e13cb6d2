//! What upstream gets in the end.

use async_graphql::{Context, Object, SimpleObject};
use esign_domain::{
    error::Error,
    flow::{
        entity::{sign_flow, sign_result},
        query,
    },
    words::Lang,
};

use super::{
    access::{lang, rows},
    auth::AuthRecord,
    error::ApiResult,
    flow::SignFlow,
    loader::{Of, TheResult},
    scalar::Moment,
    seal::SealRecord,
    terms::{AuthType, FlowStatus},
};

/// Why a flow failed or timed out.
#[derive(Clone, Debug, SimpleObject)]
pub struct Failure {
    /// The code, from the catalogue of errors.
    pub code: String,
    /// The same in words, in the caller's language.
    pub message: String,
    /// Whether a new flow may succeed where this one failed.
    pub retryable: bool,
}

impl Failure {
    /// The failure of a flow, if it has one.
    pub fn of(flow: &sign_flow::Model, lang: Lang) -> Option<Self> {
        let code = flow.failure_code.as_deref()?;
        Some(Self { code: code.into(), message: lang.say(code).into(), retryable: query::failure_is_retryable(code) })
    }
}

/// The result of a terminal flow.
pub struct SignResult(pub SignFlow);

impl SignResult {
    async fn kept(&self, ctx: &Context<'_>) -> ApiResult<sign_result::Model> {
        let result = rows(ctx).load_one(Of(self.0.0.id, TheResult)).await?;
        result.ok_or_else(|| Error::internal("a terminal flow's result is missing").into())
    }

    async fn attempt(&self, ctx: &Context<'_>) -> ApiResult<Option<AuthRecord>> {
        let current = self.0.0.attempt;
        Ok(self.0.auths(ctx).await?.into_iter().find(|record| record.number() == current))
    }
}

/// What upstream gets in the end: the seals, the authentication, and proof of both.
#[Object]
impl SignResult {
    /// How the flow ended.
    async fn status(&self) -> FlowStatus {
        self.0.0.status.into()
    }

    /// The documents, in order.
    async fn seal_records(&self, ctx: &Context<'_>) -> ApiResult<Vec<SealRecord>> {
        self.0.seals(ctx).await
    }

    /// How the signer was to prove who they are.
    async fn auth_type(&self) -> AuthType {
        self.0.0.auth_type.into()
    }

    /// The attempt that counted last.
    async fn auth_record(&self, ctx: &Context<'_>) -> ApiResult<Option<AuthRecord>> {
        self.attempt(ctx).await
    }

    /// What the auth system handed out on success. For the owning client only, else null.
    async fn auth_credential(&self, ctx: &Context<'_>) -> ApiResult<Option<String>> {
        match self.attempt(ctx).await? {
            Some(record) => record.credential_for(ctx),
            None => Ok(None),
        }
    }

    /// Until when the credential is good.
    async fn auth_valid_until(&self, ctx: &Context<'_>) -> ApiResult<Option<Moment>> {
        Ok(self.attempt(ctx).await?.and_then(|record| record.good_until()))
    }

    /// Why the flow failed or timed out.
    async fn failure(&self, ctx: &Context<'_>) -> Option<Failure> {
        Failure::of(&self.0.0, lang(ctx))
    }

    /// When the flow became terminal.
    async fn completed_at(&self) -> Moment {
        self.0.0.completed_at.unwrap_or(self.0.0.updated_at).into()
    }

    /// Hash of the terminal event: the head of the flow's chain.
    async fn evidence_digest(&self, ctx: &Context<'_>) -> ApiResult<String> {
        Ok(self.kept(ctx).await?.evidence_digest)
    }

    /// Compact JWS: verify it with /.well-known/jwks.json; holds neither credential nor personal data.
    async fn token(&self, ctx: &Context<'_>) -> ApiResult<String> {
        Ok(self.kept(ctx).await?.token)
    }
}
