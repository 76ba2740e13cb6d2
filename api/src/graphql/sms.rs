//! SMS: the messages made from templates, and how many more there may be.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use esign_domain::{
    error::Error,
    sms::{self, entity::sms_record},
};

use super::{
    access::{id, rows},
    error::ApiResult,
    flow::SignFlow,
    scalar::Moment,
    sms_template::SmsTemplate,
    terms::SmsStatus,
};

/// How many more messages a flow may send.
#[derive(Clone, Debug, SimpleObject)]
pub struct ResendQuota {
    /// Resends left.
    pub remaining: i32,
    /// When the next one may be asked for; null when none may be, or not in this state.
    pub next_allowed_at: Option<Moment>,
}

impl From<sms::resend::ResendQuota> for ResendQuota {
    fn from(quota: sms::resend::ResendQuota) -> Self {
        Self { remaining: quota.remaining, next_allowed_at: quota.next_allowed_at.map(Moment) }
    }
}

/// One message (短信发送记录).
#[derive(Clone)]
pub struct SmsRecord(pub Arc<sms_record::Model>);

impl From<sms_record::Model> for SmsRecord {
    fn from(record: sms_record::Model) -> Self {
        Self(Arc::new(record))
    }
}

/// One message (短信发送记录): the first of its flow, a resend, or a test.
#[Object]
impl SmsRecord {
    /// The record's id; the message id at gateways.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Its flow; null for a test send.
    async fn flow(&self, ctx: &Context<'_>) -> ApiResult<Option<SignFlow>> {
        let Some(id) = self.0.flow_id else { return Ok(None) };
        Ok(rows(ctx).load_one(id).await?.map(Into::into))
    }

    /// The template it was made from, as it is now.
    async fn template(&self, ctx: &Context<'_>) -> ApiResult<SmsTemplate> {
        let template = rows(ctx).load_one(self.0.template_id).await?;
        Ok(template.ok_or_else(|| Error::internal("a message's template is missing"))?.into())
    }

    /// The version of the template then.
    async fn template_version(&self) -> i32 {
        self.0.template_version
    }

    /// Tries at gateways so far.
    async fn attempt(&self) -> i32 {
        self.0.attempt
    }

    /// How it stands.
    async fn status(&self) -> SmsStatus {
        self.0.status.into()
    }

    /// The gateway that took it, or was tried last; null while it waits for its first try.
    async fn gateway(&self) -> Option<&str> {
        self.0.gateway.as_deref()
    }

    /// The gateway's own id of it.
    async fn gateway_message_id(&self) -> Option<&str> {
        self.0.gateway_message_id.as_deref()
    }

    /// Why the last try failed: the gateway's code.
    async fn failure_code(&self) -> Option<&str> {
        self.0.failure_code.as_deref()
    }

    /// Why the last try failed, in words.
    async fn failure_reason(&self) -> Option<&str> {
        self.0.failure_reason.as_deref()
    }

    /// When it is tried next.
    async fn next_attempt_at(&self) -> Option<Moment> {
        self.0.next_attempt_at.map(Moment)
    }

    /// When a gateway accepted it.
    async fn sent_at(&self) -> Option<Moment> {
        self.0.sent_at.map(Moment)
    }

    /// When it reached the phone.
    async fn delivered_at(&self) -> Option<Moment> {
        self.0.delivered_at.map(Moment)
    }

    /// When it was asked for.
    async fn created_at(&self) -> Moment {
        self.0.created_at.into()
    }

    /// When it last changed.
    async fn updated_at(&self) -> Moment {
        self.0.updated_at.into()
    }
}
