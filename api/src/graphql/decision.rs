//! Why a flow got the auth type and the SMS template it got.

use std::sync::Arc;

use async_graphql::{Context, Object};
use esign_domain::{
    decision::explain::explain,
    flow::entity::sign_flow,
    ids::{AuthRuleId, SmsTemplateId},
};
use serde_json::Value;

use super::{
    access::{lang, rows},
    auth_rule::AuthRule,
    error::ApiResult,
    sms_template::SmsTemplate,
};

/// The decision of a flow, as it was kept at its start.
pub struct Decision(pub Arc<sign_flow::Model>);

impl Decision {
    fn kept(&self, name: &str) -> &Value {
        &self.0.decision[name]
    }

    fn version(&self, name: &str) -> Option<i32> {
        self.kept(name).as_i64().and_then(|version| version.try_into().ok())
    }
}

/// Why a flow got its auth type and its SMS template. The entries are shown as they are now; versions and explanation
/// are as they were then.
#[Object]
impl Decision {
    /// The auth rule that won; null when it was deleted since.
    async fn auth_rule(&self, ctx: &Context<'_>) -> ApiResult<Option<AuthRule>> {
        let Ok(id) = serde_json::from_value::<AuthRuleId>(self.kept("authRuleId").clone()) else { return Ok(None) };
        Ok(rows(ctx).load_one(id).await?.map(Into::into))
    }

    /// The version it had then.
    async fn auth_rule_version(&self) -> Option<i32> {
        self.version("authRuleVersion")
    }

    /// The SMS template that won; null when none matched.
    async fn sms_template(&self, ctx: &Context<'_>) -> ApiResult<Option<SmsTemplate>> {
        let Ok(id) = serde_json::from_value::<SmsTemplateId>(self.kept("smsTemplateId").clone()) else {
            return Ok(None);
        };
        Ok(rows(ctx).load_one(id).await?.map(Into::into))
    }

    /// The version it had then.
    async fn sms_template_version(&self) -> Option<i32> {
        self.version("smsTemplateVersion")
    }

    /// The winners with their versions and selectors (scene|subjectType|agreementType, * for any), and for each of those
    /// they beat the reason; in the caller's language.
    async fn explanation(&self, ctx: &Context<'_>) -> String {
        explain(&self.0.decision, lang(ctx))
    }
}
