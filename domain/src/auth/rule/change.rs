//! Writing rules: each act with its entry in the audit log, in one transaction.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, ModelTrait,
    QueryFilter, QuerySelect, SqlErr,
    prelude::*,
    sea_query::{ExprTrait, Query},
};
use serde::Serialize;

use super::{RuleInput, auth_rule};
use crate::{
    App, Caller,
    audit::{self, Act},
    caller::Operation,
    error::{Error, Result},
    ids::AuthRuleId,
    reference,
};

/// The verb behind `createAuthRule`.
pub async fn create(app: &App, caller: &Caller, input: RuleInput) -> Result<auth_rule::Model> {
    caller.require(Operation::CreateAuthRule)?;
    input.check(&*reference::current(app).await?)?;
    let tx = app.write_tx().await?;
    let rule = auth_rule::Model { number: next_number(&tx).await?, ..input.row(app, caller, app.id(), None) };
    match auth_rule::Entity::insert(rule.clone().into_active_model().reset_all()).exec_without_returning(&tx).await {
        Ok(_) => record(app, &tx, caller, Operation::CreateAuthRule, (None, Some(&rule))).await?,
        Err(error) => return Err(refused(app, tx, &rule, error).await),
    }
    app.commit(tx).await?;
    Ok(rule)
}

async fn next_number(tx: &impl ConnectionTrait) -> Result<i32> {
    let mut count = Query::update();
    count.table("auth_rule_counter").value("last", Expr::col("last").add(1)).returning_col("last");
    let row = tx.query_one(&count).await?.ok_or_else(|| Error::internal("rules are not numbered"))?;
    Ok(row.try_get_by_index(0)?)
}

/// The verb behind `updateAuthRule`: the whole rule as it is to be, if it still has the version the caller knows. What
/// says nothing new changes nothing.
pub async fn update(
    app: &App,
    caller: &Caller,
    id: AuthRuleId,
    expected: i32,
    input: RuleInput,
) -> Result<auth_rule::Model> {
    caller.require(Operation::UpdateAuthRule)?;
    input.check(&*reference::current(app).await?)?;
    let tx = app.write_tx().await?;
    let old = locked(&tx, id, Some(expected)).await?;
    if RuleInput::from(&old) == input {
        return Ok(old);
    }
    let rule = input.row(app, caller, id, Some(&old));
    match rule.clone().into_active_model().reset_all().update(&tx).await {
        Ok(_) => record(app, &tx, caller, Operation::UpdateAuthRule, (Some(&old), Some(&rule))).await?,
        Err(error) => return Err(refused(app, tx, &rule, error).await),
    }
    app.commit(tx).await?;
    Ok(rule)
}

/// The verb behind `deleteAuthRule`. Flows that it decided keep their auth type, and its name.
pub async fn delete(app: &App, caller: &Caller, id: AuthRuleId, expected: Option<i32>) -> Result<()> {
    caller.require(Operation::DeleteAuthRule)?;
    let tx = app.write_tx().await?;
    let old = locked(&tx, id, expected).await?;
    old.clone().delete(&tx).await?;
    record(app, &tx, caller, Operation::DeleteAuthRule, (Some(&old), None)).await?;
    app.commit(tx).await
}

/// The rule, ours until the end of the transaction, in the version the caller knows.
async fn locked(tx: &DatabaseTransaction, id: AuthRuleId, expected: Option<i32>) -> Result<auth_rule::Model> {
    let rule = auth_rule::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)?;
    match expected {
        Some(version) if version != rule.version => Err(Error::LostUpdate { version: rule.version }),
        _ => Ok(rule),
    }
}

/// Why the database didn't take a rule. The only thing two rules can't share is a selector while both are enabled; who
/// has it is looked up after our own transaction has ended, because PostgreSQL answers nothing in one that failed.
async fn refused(app: &App, tx: DatabaseTransaction, rule: &auth_rule::Model, error: DbErr) -> Error {
    if let Err(error) = tx.rollback().await {
        return error.into();
    }
    if !matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
        return error.into();
    }
    let in_the_way = auth_rule::Entity::find()
        .filter(auth_rule::Column::Selector.eq(&rule.selector))
        .filter(auth_rule::Column::Enabled.eq(true))
        .one(app.db.read());
    match in_the_way.await {
        Ok(Some(other)) => Error::AlreadyExists { conflicts_with: other.id.to_string() },
        // It has gone since: its selector names it, and the same call again will find nobody there.
        Ok(None) => Error::AlreadyExists { conflicts_with: rule.selector.clone() },
        Err(error) => error.into(),
    }
}

/// A rule as the audit log holds it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    #[serde(flatten)]
    rule: RuleInput,
    number: i32,
    version: i32,
}

impl From<&auth_rule::Model> for Told {
    fn from(rule: &auth_rule::Model) -> Self {
        Self { rule: rule.into(), number: rule.number, version: rule.version }
    }
}

async fn record(
    app: &App,
    tx: &DatabaseTransaction,
    caller: &Caller,
    operation: Operation,
    (before, after): (Option<&auth_rule::Model>, Option<&auth_rule::Model>),
) -> Result<()> {
    let target = before.or(after).map(|rule| rule.id.to_string()).unwrap_or_default();
    let (before, after) = (before.map(Told::from), after.map(Told::from));
    audit::record(app, tx, caller, Act { operation, target, before: before.as_ref(), after: after.as_ref() }).await
}
