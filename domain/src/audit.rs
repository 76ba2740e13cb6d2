//! The audit log (审计): who changed what staff keep, when, from where, and how it was before.
//!
//! An entry is written in the transaction of the change it tells of, by the verb that makes it, so that no door can
//! forget and no change goes without. The database refuses to change or delete one. An entry holds what was changed as
//! everybody who may see the thing may see it: never a secret, a hash of one, or a person's data.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde::Serialize;

use crate::{App, Caller, caller::Operation, error::Result};

/// One act.
pub mod entity {
    use sea_orm::entity::prelude::*;

    use super::{DateTime, Utc};
    use crate::ids::AuditId;

    /// One act.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_entry")]
    pub struct Model {
        /// Id; grows with time.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AuditId,
        /// When.
        pub at: DateTime<Utc>,
        /// Who: `client:code`, `staff:name`, `system`.
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
    let json = |thing: Option<&T>| thing.map(serde_json::to_value).transpose();
    let row = entity::ActiveModel {
        id: Set(app.id()),
        at: Set(app.now()),
        actor: Set(caller.label()),
        action: Set(act.operation.name()),
        target: Set(act.target),
        before: Set(json(act.before)?),
        after: Set(json(act.after)?),
        ip: Set(caller.address().map(|address| address.to_string())),
    };
    entity::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
