//! Auth rules (认证类型映射规则): which auth type a flow gets.
//!
//! The most specific enabled rule that matches decides ([`crate::selector`]); staff write rules ([`change`]), and a
//! started flow keeps what decided it, whatever becomes of the rule. Two enabled rules never have one selector: the
//! database holds it, whoever writes.

pub mod change;

use std::sync::Arc;

use sea_orm::{ConnectionTrait, EntityTrait};
use serde::Serialize;

use super::entity::auth_rule;
use crate::{
    App, Caller,
    caller::Operation,
    error::{Error, Result},
    flow::check::Problems,
    ids::AuthRuleId,
    reference::Reference,
    selector::{Question, Selector, calm_order},
    terms::AuthType,
};

/// So long may a note be, in characters.
const NOTE: usize = 500;

/// A rule as staff write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleInput {
    /// What it applies to.
    pub selector: Selector,
    /// What it decides.
    pub auth_type: AuthType,
    /// Whether it counts.
    pub enabled: bool,
    /// Why it is there: at most 500 characters.
    pub note: Option<String>,
}

impl From<&auth_rule::Model> for RuleInput {
    fn from(rule: &auth_rule::Model) -> Self {
        let (auth_type, enabled, note) = (rule.auth_type, rule.enabled, rule.note.clone());
        Self { selector: rule.selector(), auth_type, enabled, note }
    }
}

impl RuleInput {
    /// Refuses a rule for an agreement type that nobody made, or with a note that can't be kept, all at once.
    pub fn check(&self, reference: &Reference) -> Result<()> {
        let mut problems = Problems::default();
        let code = self.selector.agreement_type.as_deref();
        problems.unless(
            code.is_none_or(|code| reference.has_agreement(code)),
            "selector.agreementType",
            "not the code of an agreement type",
        );
        // A note may have lines, and nothing else that isn't seen.
        let control = |letter: char| letter.is_control() && letter != '\n';
        problems.unless(
            self.note.as_ref().is_none_or(|note| note.chars().count() <= NOTE && !note.chars().any(control)),
            "note",
            &format!("0-{NOTE} characters, no control characters"),
        );
        problems.into_result()
    }

    /// The row it becomes: a new one of this id, or the next version of an old one.
    pub(crate) fn row(
        self,
        app: &App,
        caller: &Caller,
        id: AuthRuleId,
        old: Option<&auth_rule::Model>,
    ) -> auth_rule::Model {
        let now = app.now();
        auth_rule::Model {
            id,
            number: old.map_or(0, |old| old.number),
            selector: self.selector.key(),
            scene: self.selector.scene,
            subject_type: self.selector.subject_type,
            agreement_type: self.selector.agreement_type,
            auth_type: self.auth_type,
            enabled: self.enabled,
            note: self.note,
            version: old.map_or(1, |old| old.version + 1),
            updated_by: Some(caller.label()),
            created_at: old.map_or(now, |old| old.created_at),
            updated_at: now,
        }
    }
}

/// All enabled rules that match, best first, where an answer is needed: none is AUTH_RULE_NOT_FOUND, never a guess.
pub fn resolve(reference: &Reference, question: &Question) -> Result<Vec<Arc<auth_rule::Model>>> {
    let candidates = reference.auth_rules.best_first(question);
    if candidates.is_empty() { Err(Error::AuthRuleNotFound(Box::new(question.clone()))) } else { Ok(candidates) }
}

/// The verb behind `authRules`: all of them, enabled or not, the most specific first, then by selector; of one selector
/// the enabled one first.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<auth_rule::Model>> {
    caller.require(Operation::AuthRules)?;
    let mut rules = auth_rule::Entity::find().all(app.db.read()).await?;
    rules.sort_by_cached_key(|rule| (calm_order(&rule.selector()), !rule.enabled, rule.id));
    Ok(rules)
}

/// A rule that must be there.
pub(crate) async fn find(db: &impl ConnectionTrait, id: AuthRuleId) -> Result<auth_rule::Model> {
    auth_rule::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}
