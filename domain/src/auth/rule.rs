//! Which auth type a flow gets: the most specific enabled rule that matches.

use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, prelude::*};

use super::entity::auth_rule;
use crate::{
    error::{Error, Result},
    selector::{Question, best_first},
};

/// All enabled rules that match, best first.
pub async fn candidates(db: &impl ConnectionTrait, question: &Question) -> Result<Vec<auth_rule::Model>> {
    let enabled = auth_rule::Entity::find().filter(auth_rule::Column::Enabled.eq(true)).all(db).await?;
    Ok(best_first(enabled, question, auth_rule::Model::selector))
}

/// The same, where an answer is needed: none is AUTH_RULE_NOT_FOUND, never a guess.
pub async fn resolve(db: &impl ConnectionTrait, question: &Question) -> Result<Vec<auth_rule::Model>> {
    let candidates = candidates(db, question).await?;
    if candidates.is_empty() { Err(Error::AuthRuleNotFound(Box::new(question.clone()))) } else { Ok(candidates) }
}
