//! Which auth type a flow gets: the most specific enabled rule that matches.

use std::sync::Arc;

use super::entity::auth_rule;
use crate::{
    error::{Error, Result},
    reference::Reference,
    selector::Question,
};

/// All enabled rules that match, best first, where an answer is needed: none is AUTH_RULE_NOT_FOUND, never a guess.
pub fn resolve(reference: &Reference, question: &Question) -> Result<Vec<Arc<auth_rule::Model>>> {
    let candidates = reference.auth_rules.best_first(question);
    if candidates.is_empty() { Err(Error::AuthRuleNotFound(Box::new(question.clone()))) } else { Ok(candidates) }
}
