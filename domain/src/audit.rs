//! The audit log (审计): who changed what staff keep, when, from where, and how it was before.
//!
//! An entry is written in the transaction of the change it tells of, by the verb that makes it, so that no door can
//! forget and no change goes without. The database refuses to change or delete one. An entry holds what was changed as
//! everybody who may see the thing may see it: never a secret, a hash of one, or a person's data.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    App, Caller,
    caller::{Operation, Scope},
    error::Result,
    ids::{AuditId, FlowId},
};

/// One act.
pub mod entity {
    use sea_orm::entity::prelude::*;

    use super::{DateTime, Utc};
    use crate::ids::AuditId;

    /// One act.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_entry")]
    pub struct Model {
        /// The order of the log.
        #[sea_orm(primary_key)]
        pub seq: i64,
        /// Id.
        pub id: AuditId,
        /// When.
        pub at: DateTime<Utc>,
        /// Who: `client:code`, `staff:name`, `system`; `somebody` whose sign-in was refused.
        pub actor: String,
        /// What was done: the operation's name.
        pub action: String,
        /// To what: its id.
        pub target: String,
        /// How it was; none: it did not exist.
        pub before: Option<Json>,
        /// How it is since; none: it exists no more.
        pub after: Option<Json>,
        /// From which address, where the door knew one.
        pub ip: Option<String>,
    }

    /// None: rows of other tables are named by their ids' texts.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The action of an entry that tells what was tried and refused.
pub const REFUSED: &str = "refused";

/// An act, on its way into the log.
pub struct Act<'a, T> {
    /// What was done.
    pub operation: Operation,
    /// To what: its id.
    pub target: String,
    /// How it was; none: it did not exist.
    pub before: Option<&'a T>,
    /// How it is now; none: it exists no more.
    pub after: Option<&'a T>,
}

/// Writes an act down, in the transaction that does it.
pub async fn record<T: Serialize + Sync>(
    app: &App,
    tx: &impl ConnectionTrait,
    caller: &Caller,
    act: Act<'_, T>,
) -> Result<()> {
    write(app, tx, (caller.label(), caller.address()), Entry::of(act)?).await
}

/// The actor of what somebody did whom nobody knows: a sign-in that was refused.
const SOMEBODY: &str = "somebody";

/// Writes down what somebody did who didn't show who they are.
pub(crate) async fn record_somebody<T: Serialize + Sync>(
    app: &App,
    tx: &impl ConnectionTrait,
    from: Option<IpAddr>,
    act: Act<'_, T>,
) -> Result<()> {
    write(app, tx, (SOMEBODY.into(), from), Entry::of(act)?).await
}

/// What an entry says of the act itself.
struct Entry {
    action: String,
    target: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl Entry {
    fn of<T: Serialize>(act: Act<'_, T>) -> Result<Self> {
        let json = |thing: Option<&T>| thing.map(serde_json::to_value).transpose();
        let (before, after) = (json(act.before)?, json(act.after)?);
        Ok(Self { action: act.operation.name(), target: act.target, before, after })
    }
}

async fn write(
    app: &App,
    tx: &impl ConnectionTrait,
    (actor, from): (String, Option<IpAddr>),
    entry: Entry,
) -> Result<()> {
    let row = entity::ActiveModel {
        seq: NotSet,
        id: Set(app.id()),
        at: Set(app.now()),
        actor: Set(actor),
        action: Set(entry.action),
        target: Set(entry.target),
        before: Set(entry.before),
        after: Set(entry.after),
        ip: Set(from.map(|address| address.to_string())),
    };
    entity::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes down what staff did about a flow, or what anybody did that takes more than the right to start flows. What a client
/// does about its own flows stands in their chains.
pub async fn of_flow(
    app: &App,
    tx: &impl ConnectionTrait,
    caller: &Caller,
    (operation, flow): (Operation, FlowId),
    after: serde_json::Value,
) -> Result<()> {
    if caller.tenant().is_some() && operation.scope() == Some(Scope::FlowsWrite) {
        return Ok(());
    }
    let act = Act { operation, target: flow.to_string(), before: None, after: Some(&after) };
    record(app, tx, caller, act).await
}

/// Writes down that somebody tried what they may not do: the door's own words for it (`POST /admin/flows/…/cancellation`).
pub async fn refused(app: &App, caller: &Caller, act: String) -> Result<()> {
    let tx = app.write_tx().await?;
    // The column's width: a longer one is a path that nobody's page has.
    let row = Entry { action: REFUSED.to_owned(), target: act.chars().take(120).collect(), before: None, after: None };
    write(app, &tx, (caller.label(), caller.address()), row).await?;
    app.commit(tx).await
}

/// Which entries. All given conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only of this actor: `client:demo`, `staff:kai`, `system`.
    pub actor: Option<String>,
    /// Only of this operation.
    pub action: Option<String>,
    /// Only about this thing.
    pub target: Option<String>,
    /// Not before then.
    pub from: Option<DateTime<Utc>>,
    /// Before then.
    pub to: Option<DateTime<Utc>>,
}

/// Entries, newest first, after this one; and whether there are more. Needs `audit:read`.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: AuditFilter,
    after: Option<AuditId>,
    limit: u64,
) -> Result<(Vec<entity::Model>, bool)> {
    caller.require(Operation::AuditLog)?;
    let older = after.map(|id| Expr::col(entity::Column::Seq).lt(place(id)));
    find(app, filter.condition().add_option(older), Order::Desc, limit).await
}

/// The entries that stand just before this one, newest first like all; and whether there are newer ones. Needs
/// `audit:read`.
pub async fn list_newer(
    app: &App,
    caller: &Caller,
    filter: AuditFilter,
    than: AuditId,
    limit: u64,
) -> Result<(Vec<entity::Model>, bool)> {
    caller.require(Operation::AuditLog)?;
    let newer = Expr::col(entity::Column::Seq).gt(place(than));
    let (mut entries, more) = find(app, filter.condition().add(newer), Order::Asc, limit).await?;
    entries.reverse();
    Ok((entries, more))
}

async fn find(app: &App, which: Condition, order: Order, limit: u64) -> Result<(Vec<entity::Model>, bool)> {
    let query = entity::Entity::find().filter(which).order_by(entity::Column::Seq, order).limit(limit + 1);
    let mut entries = query.all(app.db.read()).await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = entries.len() > most;
    entries.truncate(most);
    Ok((entries, more))
}

impl AuditFilter {
    fn condition(self) -> Condition {
        use entity::Column as C;
        Condition::all()
            .add_option(self.actor.map(|actor| C::Actor.eq(actor)))
            .add_option(self.action.map(|action| C::Action.eq(action)))
            .add_option(self.target.map(|target| C::Target.eq(target)))
            .add_option(self.from.map(|from| C::At.gte(from)))
            .add_option(self.to.map(|to| C::At.lt(to)))
    }
}

/// Where an entry stands in the log.
fn place(id: AuditId) -> SimpleExpr {
    let entry = entity::Entity::find().select_only().column(entity::Column::Seq).filter(entity::Column::Id.eq(id));
    SimpleExpr::SubQuery(None, Box::new(entry.into_query().into()))
}

/// One entry. Needs `audit:read`.
pub async fn by_id(app: &App, caller: &Caller, id: AuditId) -> Result<Option<entity::Model>> {
    caller.require(Operation::AuditLog)?;
    Ok(entity::Entity::find().filter(entity::Column::Id.eq(id)).one(app.db.read()).await?)
}
