//! Trying an SMS template on a real phone.

use async_graphql::{Context, ID, Object, SimpleObject};
use esign_domain::sms;

use super::{
    access::{app, caller},
    error::ApiResult,
    mutation::named,
    sms::SmsRecord,
};

/// The message that was sent to try a template.
#[derive(SimpleObject)]
pub struct SendTestSmsPayload {
    /// Its record; it belongs to no flow.
    sms_record: SmsRecord,
}

/// Trying SMS templates.
#[derive(Default)]
pub struct TestSmsMutation;

/// Trying SMS templates.
#[Object]
impl TestSmsMutation {
    /// Sends a template as it is now, also a DRAFT, with sample values and a link that leads nowhere, and waits for the
    /// gateway: SMS_SEND_FAILED when it isn't taken, SMS_RATE_LIMITED when the number has had enough. Scope:
    /// templates:write.
    async fn send_test_sms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The template.")] template_id: ID,
        #[graphql(desc = "To which number: 11 digits of the mainland, or E.164.")] mobile: String,
    ) -> ApiResult<SendTestSmsPayload> {
        let record = sms::send_test(app(ctx), caller(ctx)?, named(&template_id), &mobile).await?;
        Ok(SendTestSmsPayload { sms_record: record.into() })
    }
}
