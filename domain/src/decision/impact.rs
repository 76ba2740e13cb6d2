//! What a change would alter, before it is made: the matrix with it against the matrix without it.

use std::{fmt::Display, sync::Arc};

use sea_orm::EntityTrait;
use serde_json::to_value;
use uuid::Uuid;

use super::overview::Cell;
use crate::{
    App, Caller,
    auth::{
        entity::auth_rule,
        rule::{self, RuleInput},
    },
    caller::Operation,
    error::{Error, FieldProblem, Result},
    ids::{AuthRuleId, SmsTemplateId},
    reference,
    selector::{Choices, Entry, Question},
    sms::{entity::sms_template, template::TemplateInput},
    terms::TemplateStatus,
};

/// A cell whose answer changes.
#[derive(Debug)]
pub struct Change<T> {
    /// The three dimensions.
    pub question: Question,
    /// What decides it now.
    pub before: Option<Arc<T>>,
    /// What would decide it.
    pub after: Option<Arc<T>>,
}

/// The allowed cells whose answer changes when the entry of this id goes, a planned one comes, or the one takes the
/// other's place.
///
/// # Errors
/// [`Error::AlreadyExists`] when the planned one would be in force beside another with its selector.
pub fn of<T: Entry, A: PartialEq>(
    cells: &[Cell],
    now: &Choices<T>,
    (old, planned): (Option<T::Id>, Option<T>),
    answer: impl Fn(&T) -> A,
) -> Result<Vec<Change<T>>>
where
    T::Id: Display,
{
    if let Some(other) = planned.as_ref().filter(|planned| planned.in_force()).and_then(|p| now.get(&p.selector()))
        && Some(other.id()) != old
    {
        return Err(Error::AlreadyExists { conflicts_with: other.id().to_string() });
    }
    let then = now.changed(old, planned);
    let changes = cells.iter().filter(|cell| cell.allowed).filter_map(|Cell { question, .. }| {
        let (before, after) = (now.winner(question), then.winner(question));
        let is_changed = before.map(|entry| answer(entry)) != after.map(|entry| answer(entry));
        is_changed.then(|| Change { question: question.clone(), before: before.cloned(), after: after.cloned() })
    });
    Ok(changes.collect())
}

/// The verb behind `authRuleImpact`: the allowed cells whose auth type changes when this rule is made (no id), becomes
/// so, or is deleted (no rule).
pub async fn auth_rule_impact(
    app: &App,
    caller: &Caller,
    id: Option<AuthRuleId>,
    rule: Option<RuleInput>,
) -> Result<Vec<Change<auth_rule::Model>>> {
    caller.require(Operation::AuthRuleImpact)?;
    one_of(id.is_some(), rule.is_some(), "rule")?;
    let reference = reference::current(app).await?;
    if let Some(rule) = &rule {
        rule.check(&reference)?;
    }
    let old = match id {
        Some(id) => Some(rule::find(app.db.read(), id).await?),
        None => None,
    };
    let planned = rule.map(|rule| rule.row(app, caller, id.unwrap_or(AuthRuleId::new(Uuid::nil())), old.as_ref()));
    of(&reference.overview().cells, &reference.auth_rules, (id, planned), |rule| rule.auth_type)
}

/// The verb behind `smsTemplateImpact`: the allowed cells that get another template when this one comes into use (no id),
/// becomes so and is in use, or is taken out of use (no template). A change of its text alone is none, and only its
/// selector is looked at.
pub async fn sms_template_impact(
    app: &App,
    caller: &Caller,
    id: Option<SmsTemplateId>,
    template: Option<TemplateInput>,
) -> Result<Vec<Change<sms_template::Model>>> {
    caller.require(Operation::SmsTemplateImpact)?;
    one_of(id.is_some(), template.is_some(), "template")?;
    let reference = reference::current(app).await?;
    if template.as_ref().and_then(|t| t.selector.agreement_type.as_ref()).is_some_and(|c| !reference.has_agreement(c)) {
        return Err(Error::field("selector.agreementType", "not the code of an agreement type"));
    }
    let old = match id {
        Some(id) => Some(sms_template::Entity::find_by_id(id).one(app.db.read()).await?.ok_or(Error::NotFound)?),
        None => None,
    };
    let planned = template.map(|template| in_use(app, caller, template.trimmed(), old)).transpose()?;
    of(&reference.overview().cells, &reference.sms_templates, (id, planned), |template| template.id)
}

/// The template as it would stand in use. One that isn't there yet has the nil id, which nothing has.
fn in_use(
    app: &App,
    caller: &Caller,
    input: TemplateInput,
    old: Option<sms_template::Model>,
) -> Result<sms_template::Model> {
    let now = app.now();
    Ok(sms_template::Model {
        id: old.as_ref().map_or(SmsTemplateId::new(Uuid::nil()), |old| old.id),
        name: input.name,
        selector: input.selector.key(),
        scene: input.selector.scene,
        subject_type: input.selector.subject_type,
        agreement_type: input.selector.agreement_type,
        body: input.body,
        sign_name: input.sign_name,
        gateway_templates: to_value(input.gateway_templates)?,
        status: TemplateStatus::Enabled,
        version: old.as_ref().map_or(1, |old| old.version + 1),
        updated_by: Some(caller.label()),
        created_at: old.map_or(now, |old| old.created_at),
        updated_at: now,
    })
}

fn one_of(id: bool, other: bool, name: &str) -> Result<()> {
    if id || other {
        return Ok(());
    }
    let problem = |path: &str| FieldProblem { path: path.into(), problem: format!("one of id and {name} is needed") };
    Err(Error::InvalidArgument(vec![problem("id"), problem(name)]))
}
