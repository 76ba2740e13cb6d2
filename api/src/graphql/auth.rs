//! Authentication: the attempts.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use esign_domain::auth::{self, entity::auth_record};

use super::{
    access::{app, caller, id},
    error::ApiResult,
    flow::SignFlow,
    scalar::Moment,
    terms::{AuthStatus, AuthType},
};

/// One attempt at the auth system, with its flow.
#[derive(Clone)]
pub struct AuthRecord {
    record: Arc<auth_record::Model>,
    flow: SignFlow,
}

impl AuthRecord {
    /// An attempt of this flow.
    pub fn of(record: auth_record::Model, flow: SignFlow) -> Self {
        Self { record: Arc::new(record), flow }
    }

    /// Which attempt it is.
    pub fn number(&self) -> i32 {
        self.record.attempt
    }

    /// Until when its credential is good.
    pub fn good_until(&self) -> Option<Moment> {
        self.record.valid_until.map(Moment)
    }

    /// The credential, for the owning client only.
    pub fn credential_for(&self, ctx: &Context<'_>) -> ApiResult<Option<String>> {
        let credential = auth::query::credential(app(ctx), caller(ctx)?, &self.flow.0, &self.record)?;
        Ok(credential.map(|credential| credential.expose().to_owned()))
    }
}

/// One attempt at the auth system (认证关联).
#[Object]
impl AuthRecord {
    /// The record's id.
    pub async fn id(&self) -> ID {
        id(self.record.id)
    }

    /// The number of the attempt, from 1.
    async fn attempt(&self) -> i32 {
        self.record.attempt
    }

    /// How the signer proves who they are.
    #[graphql(name = "type")]
    async fn kind(&self) -> AuthType {
        self.record.kind.into()
    }

    /// How the attempt stands.
    async fn status(&self) -> AuthStatus {
        self.record.status.into()
    }

    /// The auth system's id of the challenge.
    async fn challenge_id(&self) -> Option<&str> {
        self.record.challenge_id.as_deref()
    }

    /// The auth system's id of the request.
    async fn request_id(&self) -> Option<&str> {
        self.record.request_id.as_deref()
    }

    /// What the auth system handed out on success. For the owning client only, else null.
    async fn credential(&self, ctx: &Context<'_>) -> ApiResult<Option<String>> {
        self.credential_for(ctx)
    }

    /// Until when the credential is good.
    async fn valid_until(&self) -> Option<Moment> {
        self.good_until()
    }

    /// Why it was not passed, in the auth system's word.
    async fn rejected_reason(&self) -> Option<&str> {
        self.record.rejected_reason.as_deref()
    }

    /// A result that came after another attempt had begun, or after the end: kept, and moved nothing.
    async fn late_result(&self) -> bool {
        self.record.late_result
    }

    /// Its flow.
    async fn flow(&self) -> SignFlow {
        self.flow.clone()
    }

    /// When it was asked for.
    async fn created_at(&self) -> Moment {
        self.record.created_at.into()
    }

    /// When it last changed.
    async fn updated_at(&self) -> Moment {
        self.record.updated_at.into()
    }
}
