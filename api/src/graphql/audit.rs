//! The audit log.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object};
use esign_domain::audit::{self, entity};

use super::{
    access::{app, caller, id},
    error::ApiResult,
    page::{Connection, id_cursor, id_key, length},
    scalar::{Json, Moment},
};

/// One act that changed what staff keep (审计).
#[derive(Clone)]
pub struct AuditEntry(pub Arc<entity::Model>);

impl From<entity::Model> for AuditEntry {
    fn from(entry: entity::Model) -> Self {
        Self(Arc::new(entry))
    }
}

/// One act that changed what staff keep (审计): who, what, when, from where, before and after. Never changed itself.
#[Object]
impl AuditEntry {
    /// The entry's id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// When.
    async fn at(&self) -> Moment {
        self.0.at.into()
    }

    /// Who: client:code, staff:name, or system.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// What was done: the operation's name, such as updateSmsTemplate.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// To what: its id.
    async fn target(&self) -> &str {
        &self.0.target
    }

    /// How it was before; null: it did not exist. Never holds a secret.
    async fn before(&self) -> Option<Json> {
        self.0.before.clone().map(Json)
    }

    /// How it is since; null: it exists no more. Never holds a secret.
    async fn after(&self) -> Option<Json> {
        self.0.after.clone().map(Json)
    }

    /// From which address, if known.
    async fn ip(&self) -> Option<&str> {
        self.0.ip.as_deref()
    }
}

/// Which entries. All given conditions hold together.
#[derive(Clone, Debug, Default, InputObject)]
pub struct AuditFilter {
    /// Only of this actor: client:code, staff:name, or system.
    actor: Option<String>,
    /// Only of this operation.
    action: Option<String>,
    /// Only about the thing of this id.
    target: Option<String>,
    /// Not before then.
    from: Option<Moment>,
    /// Before then.
    to: Option<Moment>,
}

impl From<AuditFilter> for audit::AuditFilter {
    fn from(filter: AuditFilter) -> Self {
        let AuditFilter { actor, action, target, from, to } = filter;
        Self { actor, action, target, from: from.map(|at| at.0), to: to.map(|at| at.0) }
    }
}

/// What may be asked about what was changed.
#[derive(Default)]
pub struct AuditQuery;

/// What may be asked about what was changed.
#[Object]
impl AuditQuery {
    /// Who changed what, newest first. Scope: audit:read.
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries.")] filter: Option<AuditFilter>,
        #[graphql(desc = "How many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> ApiResult<Connection<AuditEntry>> {
        let (limit, start) = (length("first", first)?, id_key("after", after.as_deref())?);
        let filter = filter.unwrap_or_default().into();
        let (entries, more) = audit::list(app(ctx), caller(ctx)?, filter, start, limit).await?;
        let entries = entries.into_iter().map(|entry| (id_cursor(entry.id), AuditEntry::from(entry)));
        Ok(Connection::of(entries, (more, start.is_some())))
    }
}
