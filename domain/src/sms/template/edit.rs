//! What staff do to templates.
//!
//! A template begins as a draft, is enabled, and may be disabled and enabled again; it never becomes a draft any more and
//! is never deleted, because flows name it. Every change makes a version, kept for ever. The row is locked before it is
//! looked at, so of two who change the same version one is told that the other was first. That two enabled templates
//! never share a selector is the database's to hold: whoever comes second is told who is in the way.

use sea_orm::{ActiveModelTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use sea_orm::{SqlErr, prelude::*};
use serde::Serialize;
use serde_json::json;

use super::{TemplateInput, shape, version_of};
use crate::{
    App, Caller, audit,
    audit::Act,
    caller::Operation,
    error::{Error, FieldProblem, Result},
    ids::SmsTemplateId,
    sms::{
        entity::{sms_template, sms_template_version},
        lint::{self, Text},
        sample,
    },
    terms::TemplateStatus,
};

/// Makes a template: a draft.
pub async fn create(app: &App, caller: &Caller, input: TemplateInput) -> Result<sms_template::Model> {
    caller.require(Operation::CreateSmsTemplate)?;
    let input = input.trimmed();
    let tx = app.write_tx().await?;
    let (problems, _) = form(app, &tx, &input).await?;
    none_of(problems)?;
    let now = app.now();
    let template = sms_template::Model {
        id: app.id(),
        name: input.name,
        scene: input.selector.scene,
        subject_type: input.selector.subject_type,
        selector: input.selector.key(),
        agreement_type: input.selector.agreement_type,
        body: input.body,
        sign_name: input.sign_name,
        gateway_templates: json!(input.gateway_templates),
        status: TemplateStatus::Draft,
        version: 1,
        updated_by: Some(caller.label()),
        created_at: now,
        updated_at: now,
    };
    sms_template::Entity::insert(template.clone().into_active_model()).exec_without_returning(&tx).await?;
    keep(app, &tx, caller, Operation::CreateSmsTemplate, None, &template).await?;
    app.commit(tx).await?;
    Ok(template)
}

/// Changes a template that is still at the version the caller knows. Content that says nothing new changes nothing.
pub async fn update(
    app: &App,
    caller: &Caller,
    id: SmsTemplateId,
    expected_version: i32,
    input: TemplateInput,
) -> Result<sms_template::Model> {
    caller.require(Operation::UpdateSmsTemplate)?;
    let input = input.trimmed();
    let tx = app.write_tx().await?;
    let before = locked(&tx, id, expected_version).await?;
    let (mut problems, agreement) = form(app, &tx, &input).await?;
    if before.status == TemplateStatus::Enabled {
        problems.extend(obstacles(app, &input, agreement.as_deref()));
    }
    none_of(problems)?;
    if before.content()? == input {
        return Ok(before);
    }
    let after = sms_template::Model {
        name: input.name,
        scene: input.selector.scene,
        subject_type: input.selector.subject_type,
        selector: input.selector.key(),
        agreement_type: input.selector.agreement_type,
        body: input.body,
        sign_name: input.sign_name,
        gateway_templates: json!(input.gateway_templates),
        ..before.clone()
    };
    change(app, tx, caller, Operation::UpdateSmsTemplate, before, after).await
}

/// Puts a template into use or out of it.
pub async fn set_status(
    app: &App,
    caller: &Caller,
    id: SmsTemplateId,
    expected_version: i32,
    status: TemplateStatus,
) -> Result<sms_template::Model> {
    use TemplateStatus::{Disabled, Draft, Enabled};
    caller.require(Operation::SetSmsTemplateStatus)?;
    if status == Draft {
        return Err(Error::field("status", "a template never becomes a draft again"));
    }
    let tx = app.write_tx().await?;
    let before = locked(&tx, id, expected_version).await?;
    match (before.status, status) {
        (Draft | Disabled, Enabled) => {
            let content = before.content()?;
            let (agreement, _) = shape::agreement(&tx, &content.selector).await?;
            none_of(obstacles(app, &content, agreement.as_deref()))?;
        }
        (Enabled, Disabled) => {}
        (now, _) => return Err(Error::state_conflict(now)),
    }
    let after = sms_template::Model { status, ..before.clone() };
    change(app, tx, caller, Operation::SetSmsTemplateStatus, before, after).await
}

/// What is wrong with the form of a template; and the name of the agreement type that its selector fixes.
async fn form(
    app: &App,
    tx: &DatabaseTransaction,
    input: &TemplateInput,
) -> Result<(Vec<FieldProblem>, Option<String>)> {
    let mut problems = shape::problems(app, input);
    let (agreement, unknown) = shape::agreement(tx, &input.selector).await?;
    problems.extend(unknown);
    Ok((problems, agreement))
}

/// What keeps a template from being enabled.
fn obstacles(app: &App, content: &TemplateInput, agreement: Option<&str>) -> Vec<FieldProblem> {
    let text = Text {
        body: &content.body,
        sign_name: content.sign_name.as_deref(),
        gateway_templates: Some(&content.gateway_templates),
    };
    lint::obstacles(&app.settings, &text, &sample::values(&app.settings, &content.selector, agreement))
}

fn none_of(problems: Vec<FieldProblem>) -> Result<()> {
    if problems.is_empty() { Ok(()) } else { Err(Error::InvalidArgument(problems)) }
}

/// The template, ours until the end of the transaction, if it is still at the version the caller knows.
async fn locked(tx: &DatabaseTransaction, id: SmsTemplateId, expected_version: i32) -> Result<sms_template::Model> {
    let template = sms_template::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)?;
    if template.version == expected_version {
        Ok(template)
    } else {
        Err(Error::LostUpdate { version: template.version })
    }
}

/// Writes a change of a locked template as its next version, and commits.
async fn change(
    app: &App,
    tx: DatabaseTransaction,
    caller: &Caller,
    operation: Operation,
    before: sms_template::Model,
    after: sms_template::Model,
) -> Result<sms_template::Model> {
    let after = sms_template::Model {
        version: before.version + 1,
        updated_by: Some(caller.label()),
        updated_at: app.now(),
        ..after
    };
    let row = after.clone().into_active_model().reset_all();
    if let Err(error) = row.update(&tx).await {
        // PostgreSQL answers nothing more in a transaction that has failed.
        tx.rollback().await?;
        return Err(taken(app, error, &after.selector).await);
    }
    keep(app, &tx, caller, operation, Some(&before), &after).await?;
    app.commit(tx).await?;
    Ok(after)
}

/// Keeps a template as it was just written: as a version, and in the audit log.
async fn keep(
    app: &App,
    tx: &DatabaseTransaction,
    caller: &Caller,
    operation: Operation,
    before: Option<&sms_template::Model>,
    after: &sms_template::Model,
) -> Result<()> {
    let version = version_of(&after.clone().into_active_model().reset_all());
    sms_template_version::Entity::insert(version).exec_without_returning(tx).await?;
    let (was, is) = (before.map(Audited::of).transpose()?, Audited::of(after)?);
    let act = Act { operation, target: after.id.to_string(), before: was.as_ref(), after: Some(&is) };
    audit::record(app, tx, caller, act).await
}

/// A template as the audit log keeps it: all that staff see of it.
#[derive(Serialize)]
struct Audited {
    #[serde(flatten)]
    content: TemplateInput,
    status: TemplateStatus,
    version: i32,
}

impl Audited {
    fn of(template: &sms_template::Model) -> Result<Self> {
        Ok(Self { content: template.content()?, status: template.status, version: template.version })
    }
}

/// The only thing that two templates can't share is the selector of an enabled one: names the one that has it. Should
/// it have given it up in the meantime, the selector is named, and whoever asks again will succeed.
async fn taken(app: &App, error: DbErr, selector: &str) -> Error {
    if !matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
        return error.into();
    }
    let query = sms_template::Entity::find()
        .filter(sms_template::Column::Selector.eq(selector))
        .filter(sms_template::Column::Status.eq(TemplateStatus::Enabled));
    match query.one(app.db.read()).await {
        Ok(holder) => Error::AlreadyExists {
            conflicts_with: holder.map_or_else(|| selector.to_owned(), |holder| holder.id.to_string()),
        },
        Err(error) => error.into(),
    }
}
