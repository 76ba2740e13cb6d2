//! Decisions: which auth type and which SMS template a flow gets, for all flows that there could be.
//!
//! A **cell** is a question of the matrix: a scene, a subject type, an agreement type of the catalogue, and whether a
//! flow may be started with the three. The **overview** ([`overview`]) says what decides each cell, which cells are
//! **holes**, and which entries in force never decide anything. The **impact** ([`impact`]) of a change is what it would
//! alter, before it is made. What decided a flow is kept with it, and [`explain`] puts it into words.
//!
//! What always holds: all of it is computed from the reference data that starts themselves are decided by, by the same
//! [`Choices`](crate::selector::Choices); so a cell says what `startSignFlow` would do.

pub mod explain;
pub mod impact;
pub mod overview;
pub mod today;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::{
    App, Caller,
    auth::entity::auth_rule,
    caller::Operation,
    error::{Error, Result},
    reference::{self, Reference},
    selector::Question,
    sms::entity::sms_template,
};

pub use impact::{auth_rule_impact, sms_template_impact};

/// The verb behind `resolveAuthType`: all enabled rules that match, best first. None is an answer here, no error;
/// whether a flow may be started with the three at all is not asked.
pub async fn resolve_auth_type(app: &App, caller: &Caller, question: &Question) -> Result<Vec<Arc<auth_rule::Model>>> {
    caller.require(Operation::ResolveAuthType)?;
    let reference = reference::current(app).await?;
    known(&reference, question)?;
    Ok(reference.auth_rules.best_first(question))
}

/// The verb behind `resolveSmsTemplate`: the same for enabled templates.
pub async fn resolve_sms_template(
    app: &App,
    caller: &Caller,
    question: &Question,
) -> Result<Vec<Arc<sms_template::Model>>> {
    caller.require(Operation::ResolveSmsTemplate)?;
    let reference = reference::current(app).await?;
    known(&reference, question)?;
    Ok(reference.sms_templates.best_first(question))
}

/// A code that no agreement type has is a slip of the pen; an answer about it would hide that.
fn known(reference: &Reference, question: &Question) -> Result<()> {
    if reference.has_agreement(&question.agreement_type) {
        return Ok(());
    }
    Err(Error::field("selector.agreementType", "not the code of an agreement type"))
}

/// The verb behind `decisionMatrix`: [`Reference::overview`] has the cells.
pub async fn matrix(app: &App, caller: &Caller) -> Result<Arc<Reference>> {
    caller.require(Operation::DecisionMatrix)?;
    reference::current(app).await
}

/// The verb behind `decisionReport`: [`Reference::overview`] has the holes, and the entries that decide nothing.
pub async fn report(app: &App, caller: &Caller) -> Result<Arc<Reference>> {
    caller.require(Operation::DecisionReport)?;
    reference::current(app).await
}
