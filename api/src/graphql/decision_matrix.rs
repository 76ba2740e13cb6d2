//! All decisions there could be: the matrix, its holes, and what a change would alter.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use esign_domain::{
    auth::entity::auth_rule,
    decision::{self, impact::Change, overview},
    sms::entity::sms_template,
};

use super::{
    access::{app, caller},
    auth_rule::{AuthRule, AuthRuleInput},
    error::ApiResult,
    mutation::named,
    selector::ResolveInput,
    sms_template::{SmsTemplate, SmsTemplateInput},
    terms::{AuthType, Scene, SubjectType},
};

/// A cell of the matrix, with what decides it. authType, authRule and smsTemplate are null where allowed is false, or where
/// nothing matches.
#[derive(SimpleObject)]
pub struct DecisionCell {
    /// 场景
    scene: Scene,
    /// 主体类型
    subject_type: SubjectType,
    /// 协议类型, by code.
    agreement_type: String,
    /// Whether a flow may be started with the three: the agreement type is enabled, meant for them, and has a text.
    allowed: bool,
    /// How the signer would prove who they are.
    auth_type: Option<AuthType>,
    /// The rule that decides it.
    auth_rule: Option<AuthRule>,
    /// The SMS template that would be used.
    sms_template: Option<SmsTemplate>,
}

impl From<&overview::Cell> for DecisionCell {
    fn from(cell: &overview::Cell) -> Self {
        Self {
            scene: cell.question.scene.into(),
            subject_type: cell.question.subject_type.into(),
            agreement_type: cell.question.agreement_type.clone(),
            allowed: cell.allowed,
            auth_type: cell.auth_rule.as_ref().map(|rule| rule.auth_type.into()),
            auth_rule: cell.auth_rule.clone().map(AuthRule),
            sms_template: cell.sms_template.clone().map(SmsTemplate),
        }
    }
}

/// A cell whose auth type a change would alter.
#[derive(SimpleObject)]
pub struct DecisionChange {
    /// 场景
    scene: Scene,
    /// 主体类型
    subject_type: SubjectType,
    /// 协议类型, by code.
    agreement_type: String,
    /// The auth type now; null: none.
    before: Option<AuthType>,
    /// The auth type after the change; null: none.
    after: Option<AuthType>,
}

impl From<Change<auth_rule::Model>> for DecisionChange {
    fn from(change: Change<auth_rule::Model>) -> Self {
        Self {
            scene: change.question.scene.into(),
            subject_type: change.question.subject_type.into(),
            agreement_type: change.question.agreement_type,
            before: change.before.map(|rule| rule.auth_type.into()),
            after: change.after.map(|rule| rule.auth_type.into()),
        }
    }
}

/// A cell that would get another SMS template by a change.
#[derive(SimpleObject)]
pub struct TemplateChange {
    /// 场景
    scene: Scene,
    /// 主体类型
    subject_type: SubjectType,
    /// 协议类型, by code.
    agreement_type: String,
    /// The template now; null: none.
    before: Option<SmsTemplate>,
    /// The template after the change; null: none. One that isn't there yet has an id that nothing has.
    after: Option<SmsTemplate>,
}

impl From<Change<sms_template::Model>> for TemplateChange {
    fn from(change: Change<sms_template::Model>) -> Self {
        Self {
            scene: change.question.scene.into(),
            subject_type: change.question.subject_type.into(),
            agreement_type: change.question.agreement_type,
            before: change.before.map(SmsTemplate),
            after: change.after.map(SmsTemplate),
        }
    }
}

/// What is missing among all decisions, and what is of no use.
#[derive(SimpleObject)]
pub struct DecisionReport {
    /// Allowed cells for which no rule decides: a start is refused with AUTH_RULE_NOT_FOUND.
    without_auth_type: Vec<DecisionCell>,
    /// Allowed cells for which there is no SMS template: a start is refused with SMS_TEMPLATE_NOT_FOUND, or the flow fails
    /// at its start, as configured.
    without_sms_template: Vec<DecisionCell>,
    /// Enabled rules that never decide, because more specific ones win wherever they apply; shadowedBy names the one that
    /// takes most.
    shadowed_auth_rules: Vec<AuthRule>,
    /// Enabled SMS templates that are never used, for the same reason.
    shadowed_sms_templates: Vec<SmsTemplate>,
    /// Enabled rules that apply to no allowed cell.
    idle_auth_rules: Vec<AuthRule>,
    /// Enabled SMS templates that apply to no allowed cell.
    idle_sms_templates: Vec<SmsTemplate>,
}

impl From<&overview::Overview> for DecisionReport {
    fn from(overview: &overview::Overview) -> Self {
        let rules = |list: &[Arc<_>]| list.iter().cloned().map(AuthRule).collect();
        let templates = |list: &[Arc<_>]| list.iter().cloned().map(SmsTemplate).collect();
        Self {
            without_auth_type: overview.without_auth_type().map(Into::into).collect(),
            without_sms_template: overview.without_sms_template().map(Into::into).collect(),
            shadowed_auth_rules: rules(&overview.auth_rules.shadowed),
            shadowed_sms_templates: templates(&overview.sms_templates.shadowed),
            idle_auth_rules: rules(&overview.auth_rules.idle),
            idle_sms_templates: templates(&overview.sms_templates.idle),
        }
    }
}

/// Which SMS template the three dimensions get.
#[derive(SimpleObject)]
pub struct SmsTemplateResolution {
    /// The template; null when none matches.
    sms_template: Option<SmsTemplate>,
    /// All enabled templates that match, best first, so that the choice can be explained.
    candidates: Vec<SmsTemplate>,
}

/// What may be asked about decisions.
#[derive(Default)]
pub struct DecisionQuery;

/// What may be asked about decisions.
#[Object]
impl DecisionQuery {
    /// The SMS template that the three dimensions get, and why; null when none matches, never an error. Whether a flow may
    /// be started with them at all is for decisionMatrix to say. Scope: templates:read.
    async fn resolve_sms_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The three dimensions; agreementType is the code of an existing type.")]
        selector: ResolveInput,
    ) -> ApiResult<SmsTemplateResolution> {
        let templates = decision::resolve_sms_template(app(ctx), caller(ctx)?, &selector.into()).await?;
        let candidates: Vec<_> = templates.into_iter().map(SmsTemplate).collect();
        Ok(SmsTemplateResolution { sms_template: candidates.first().cloned(), candidates })
    }

    /// Every scene x subject type x agreement type, with what decides it. Scope: rules:read.
    async fn decision_matrix(&self, ctx: &Context<'_>) -> ApiResult<Vec<DecisionCell>> {
        let reference = decision::matrix(app(ctx), caller(ctx)?).await?;
        Ok(reference.overview().cells.iter().map(Into::into).collect())
    }

    /// What is missing among all decisions, and what is of no use: holes, and enabled rules and templates that never
    /// decide. Scope: rules:read.
    async fn decision_report(&self, ctx: &Context<'_>) -> ApiResult<DecisionReport> {
        Ok(decision::report(app(ctx), caller(ctx)?).await?.overview().into())
    }

    /// The allowed cells whose authType a change would alter, before it is made. Without id: a new rule; without rule: a
    /// deletion. What the write would refuse is refused here too: ALREADY_EXISTS. Scope: rules:read.
    async fn auth_rule_impact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule that is changed or deleted.")] id: Option<ID>,
        #[graphql(desc = "What it is to be.")] rule: Option<AuthRuleInput>,
    ) -> ApiResult<Vec<DecisionChange>> {
        let (id, rule) = (id.map(|id| named(&id)), rule.map(Into::into));
        let changes = decision::auth_rule_impact(app(ctx), caller(ctx)?, id, rule).await?;
        Ok(changes.into_iter().map(Into::into).collect())
    }

    /// The allowed cells that get another template by a change, before it is made. Without id: a new template; without
    /// template: one that is taken out of use. A template that is given counts as enabled, whatever its status; one whose
    /// text alone changes alters no cell. Scope: rules:read.
    async fn sms_template_impact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The template that is changed or taken out of use.")] id: Option<ID>,
        #[graphql(desc = "What it is to be.")] template: Option<SmsTemplateInput>,
    ) -> ApiResult<Vec<TemplateChange>> {
        let (id, template) = (id.map(|id| named(&id)), template.map(Into::into));
        let changes = decision::sms_template_impact(app(ctx), caller(ctx)?, id, template).await?;
        Ok(changes.into_iter().map(Into::into).collect())
    }
}
