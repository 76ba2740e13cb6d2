//! Auth rules (认证类型映射规则): which auth type a flow gets, and what staff write about it.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use esign_domain::{
    auth::{
        entity::auth_rule,
        rule::{self, RuleInput, change},
    },
    decision,
};

use super::{
    access::{self, app, caller, id, rows},
    error::ApiResult,
    loader::ShadowOf,
    mutation::named,
    scalar::Moment,
    selector::{ResolveInput, Selector, SelectorInput},
    terms::AuthType,
};

/// Which auth type a selector gets (认证类型映射规则).
#[derive(Clone)]
pub struct AuthRule(pub Arc<auth_rule::Model>);

impl From<auth_rule::Model> for AuthRule {
    fn from(rule: auth_rule::Model) -> Self {
        Self(Arc::new(rule))
    }
}

/// Which auth type a selector gets (认证类型映射规则). Among the enabled rules that match, the most specific wins.
#[Object]
impl AuthRule {
    /// The rule's id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// What people call it: R1, R2, … in the order in which rules were made. A number is never given twice.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// What it applies to.
    async fn selector(&self) -> Selector {
        self.0.selector().into()
    }

    /// What it decides.
    async fn auth_type(&self) -> AuthType {
        self.0.auth_type.into()
    }

    /// Whether it counts.
    async fn enabled(&self) -> bool {
        self.0.enabled
    }

    /// Why it is there.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Counts changes.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The rule that keeps this one from ever deciding: the one that wins most of the cells it applies to, when more
    /// specific ones win all of them; for a rule that isn't enabled, the enabled one with its selector. Null: it decides
    /// something, or applies to no cell a flow may be started with (decisionReport names those).
    async fn shadowed_by(&self, ctx: &Context<'_>) -> ApiResult<Option<AuthRule>> {
        Ok(rows(ctx).load_one(ShadowOf(self.0.id, self.0.selector())).await?.map(AuthRule))
    }

    /// Who changed it last.
    async fn updated_by(&self) -> Option<&str> {
        self.0.updated_by.as_deref()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> Moment {
        self.0.updated_at.into()
    }
}

/// What a rule is to be.
#[derive(Clone, Debug, InputObject)]
pub struct AuthRuleInput {
    /// What it applies to. Two enabled rules can't have the same: ALREADY_EXISTS.
    pub selector: SelectorInput,
    /// What it decides.
    pub auth_type: AuthType,
    /// Whether it counts.
    pub enabled: bool,
    /// Why it is there: at most 500 characters.
    pub note: Option<String>,
}

impl From<AuthRuleInput> for RuleInput {
    fn from(given: AuthRuleInput) -> Self {
        Self {
            selector: given.selector.into(),
            auth_type: given.auth_type.into(),
            enabled: given.enabled,
            note: given.note,
        }
    }
}

/// Which auth type the three dimensions get.
#[derive(SimpleObject)]
pub struct AuthTypeResolution {
    /// The auth type; null when no rule matches.
    auth_type: Option<AuthType>,
    /// The rule that decides it; null when none matches.
    rule: Option<AuthRule>,
    /// All enabled rules that match, best first, so that the choice can be explained.
    candidates: Vec<AuthRule>,
}

/// The rule that was written.
#[derive(SimpleObject)]
pub struct AuthRulePayload {
    /// The rule.
    auth_rule: AuthRule,
}

/// The rule that is no more.
#[derive(SimpleObject)]
pub struct DeleteAuthRulePayload {
    /// Its id.
    deleted_id: ID,
}

/// What may be asked about rules.
#[derive(Default)]
pub struct AuthRuleQuery;

/// What may be asked about rules.
#[Object]
impl AuthRuleQuery {
    /// All rules, enabled or not: the most specific first, then by selector. Scope: rules:read.
    async fn auth_rules(&self, ctx: &Context<'_>) -> ApiResult<Vec<AuthRule>> {
        Ok(rule::list(app(ctx), caller(ctx)?).await?.into_iter().map(Into::into).collect())
    }

    /// The auth type that the three dimensions get, and why; nulls when no rule matches, never an error. Whether a flow may
    /// be started with them at all is for decisionMatrix to say. Scope: rules:read.
    async fn resolve_auth_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The three dimensions; agreementType is the code of an existing type.")]
        selector: ResolveInput,
    ) -> ApiResult<AuthTypeResolution> {
        let rules = decision::resolve_auth_type(app(ctx), caller(ctx)?, &selector.into()).await?;
        let candidates: Vec<_> = rules.into_iter().map(AuthRule).collect();
        let rule = candidates.first().cloned();
        Ok(AuthTypeResolution { auth_type: rule.as_ref().map(|rule| rule.0.auth_type.into()), rule, candidates })
    }
}

/// What may be done to rules.
#[derive(Default)]
pub struct AuthRuleMutation;

/// What may be done to rules.
#[Object]
impl AuthRuleMutation {
    /// Makes a rule. An enabled one with the same selector is in the way: ALREADY_EXISTS, conflictsWith names it. Scope:
    /// rules:write.
    async fn create_auth_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: AuthRuleInput,
    ) -> ApiResult<AuthRulePayload> {
        let rule = change::create(app(ctx), caller(ctx)?, input.into()).await?;
        Ok(AuthRulePayload { auth_rule: rule.into() })
    }

    /// Changes a rule. When it was changed since the caller read it, STATE_CONFLICT tells its version. Flows that are
    /// under way keep what was decided at their start. Scope: rules:write.
    async fn update_auth_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule.")] id: ID,
        #[graphql(desc = "The version the caller knows.")] expected_version: i32,
        #[graphql(desc = "What it is to be, whole.")] input: AuthRuleInput,
    ) -> ApiResult<AuthRulePayload> {
        let rule = change::update(app(ctx), caller(ctx)?, named(&id), expected_version, input.into()).await?;
        Ok(AuthRulePayload { auth_rule: rule.into() })
    }

    /// Takes a rule away. Scope: rules:write.
    async fn delete_auth_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule.")] id: ID,
        #[graphql(desc = "The version the caller knows; without it, whatever it is.")] expected_version: Option<i32>,
    ) -> ApiResult<DeleteAuthRulePayload> {
        let rule = named(&id);
        change::delete(app(ctx), caller(ctx)?, rule, expected_version).await?;
        Ok(DeleteAuthRulePayload { deleted_id: access::id(rule) })
    }
}
