//! Retiring a key of the ring: whatever is sealed under an older one is sealed again under the newest.
//!
//! The newest key seals and every key opens, so a new key may come at any time. An old one may go only when nothing is
//! under it any more: [`reseal`] sees to that and [`usage`] tells. Both walk every column of [`SEALED`] and every object
//! of the blob store.
//!
//! [`reseal`] is harmless while servers run. A row is changed in a statement of its own, and only if it still holds what
//! was read; a row that has changed or gone meanwhile is left alone. Nothing is remembered between runs: what is not
//! under the newest key is found by the key's id, which stands at the head of each value. So it may be stopped at any
//! time and run again, and a run that finds nothing to do is the proof that it is done.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use object_store::ObjectStore;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, Order, PaginatorTrait, QueryFilter,
    sea_query::{Alias, Expr, Func, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    App, Db,
    error::{Error, Result},
    flow::entity::sign_flow,
    ids::{AuthRecordId, EventId, FlowId, StaffId, StaffSessionId},
    seal::blob,
    vault::{self, Vault},
};

/// So many rows are read at a time.
const BATCH: u64 = 100;
/// More keys than a ring ever has: a column that holds values under more isn't one of sealed values.
const MOST_KEYS: usize = 64;

/// What stands for the key of something that is no sealed value.
pub const NO_KEY: &str = "(none)";

/// A column of sealed values. What a value belongs to is `table.column:id`.
pub struct SealedColumn {
    /// The table.
    pub table: &'static str,
    /// Its primary key.
    pub id: &'static str,
    /// The column.
    pub column: &'static str,
    named: Named,
}

/// How a row is named where a value says what it belongs to.
#[derive(Clone, Copy)]
enum Named {
    Uuid(fn(Uuid) -> String),
    Text,
}

/// Every column of sealed values there is. A column that is missing here would be lost with the key it is under:
/// `every_sealed_column_is_known` looks for such.
pub const SEALED: [SealedColumn; 11] = [
    of_flow("event_key"),
    of_flow("input"),
    of_flow("link_code"),
    of_flow("document_data"),
    of_flow("ink"),
    SealedColumn {
        table: "event_secret",
        id: "event_id",
        column: "body",
        named: Named::Uuid(|id| EventId::new(id).to_string()),
    },
    SealedColumn {
        table: "auth_record",
        id: "id",
        column: "credential",
        named: Named::Uuid(|id| AuthRecordId::new(id).to_string()),
    },
    SealedColumn { table: "auth_inbox", id: "id", column: "body", named: Named::Text },
    SealedColumn {
        table: "client_webhook_secret",
        id: "id",
        column: "secret",
        named: Named::Uuid(|id| id.to_string()),
    },
    SealedColumn {
        table: "staff",
        id: "id",
        column: "totp_secret",
        named: Named::Uuid(|id| StaffId::new(id).to_string()),
    },
    SealedColumn {
        table: "staff_session",
        id: "id",
        column: "pending_totp",
        named: Named::Uuid(|id| StaffSessionId::new(id).to_string()),
    },
];

const fn of_flow(column: &'static str) -> SealedColumn {
    let named = Named::Uuid(|id| FlowId::new(id).to_string());
    SealedColumn { table: "flow_secret", id: "flow_id", column, named }
}

/// What came of one column, or of the documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resealed {
    /// `table.column`, or `documents`.
    pub place: String,
    /// Values that are under the newest key now and weren't before.
    pub resealed: u64,
    /// Values that changed or went while they were in hand: whoever wrote them sealed them.
    pub passed_over: u64,
    /// Values that no key of the ring opens: they stay as they are.
    pub unreadable: u64,
}

/// Seals again what is not under the newest key; gives what came of each column and of the documents.
pub async fn reseal(app: &App) -> Result<Vec<Resealed>> {
    let mut all = Vec::new();
    for column in &SEALED {
        all.push(reseal_column(app, column).await?);
    }
    all.push(reseal_documents(app).await?);
    Ok(all)
}

/// How many values are under which key, by its id, over all columns and documents.
pub async fn usage(db: &Db, blobs: &dyn ObjectStore) -> Result<BTreeMap<String, u64>> {
    let mut usage = BTreeMap::new();
    for column in &SEALED {
        column.count(db, &mut usage).await?;
    }
    let mut objects = blobs.list(None);
    while let Some(object) = objects.try_next().await.map_err(Error::internal)? {
        if let Some(head) = blob::head(blobs, &object.location).await? {
            *usage.entry(id_of(&head)).or_default() += 1;
        }
    }
    Ok(usage)
}

/// How many flows were made under another lookup key than this one: none of their hashes is found any more.
pub async fn under_another_lookup_key(db: &Db, vault: &Vault) -> Result<u64> {
    let others = sign_flow::Entity::find().filter(sign_flow::Column::ContentKeyId.ne(vault.lookup_key_id()));
    Ok(others.count(db.read()).await?)
}

/// The id of the key of a value that begins so.
fn id_of(start: &[u8]) -> String {
    vault::key_id(start).unwrap_or(NO_KEY).to_owned()
}

async fn reseal_column(app: &App, column: &SealedColumn) -> Result<Resealed> {
    let mut done = Resealed { place: format!("{}.{}", column.table, column.column), ..Resealed::default() };
    let mut after = None;
    loop {
        let rows = column.not_under(app, app.vault.newest_key_id(), after.take()).await?;
        let Some((last, _)) = rows.last() else { return Ok(done) };
        after = Some(last.clone());
        for (id, old) in rows {
            let place = format!("{}:{}", done.place, id.named(column));
            match app.vault.open(&place, &old) {
                Ok(clear) => {
                    let new = app.vault.seal(&app.random, &place, &clear);
                    let written = column.exchange(app, &id, old, new).await?;
                    *(if written { &mut done.resealed } else { &mut done.passed_over }) += 1;
                }
                Err(_) => done.unreadable += 1,
            }
        }
    }
}

async fn reseal_documents(app: &App) -> Result<Resealed> {
    let mut done = Resealed { place: "documents".into(), ..Resealed::default() };
    let newest = vault::head(app.vault.newest_key_id());
    let mut objects = app.blobs.list(None);
    while let Some(object) = objects.try_next().await.map_err(Error::internal)? {
        let head = blob::head(&*app.blobs, &object.location).await?;
        if head.is_none_or(|head| head.starts_with(&newest)) {
            continue;
        }
        match blob::reseal(app, object.location.as_ref()).await {
            Ok(true) => done.resealed += 1,
            Ok(false) => done.passed_over += 1,
            Err(_) => done.unreadable += 1,
        }
    }
    Ok(done)
}

/// A row's primary key.
#[derive(Clone)]
enum RowId {
    Uuid(Uuid),
    Text(String),
}

impl RowId {
    fn named(&self, column: &SealedColumn) -> String {
        match (self, column.named) {
            (Self::Uuid(id), Named::Uuid(name)) => name(*id),
            (Self::Uuid(id), Named::Text) => id.to_string(),
            (Self::Text(id), _) => id.clone(),
        }
    }

    fn value(&self) -> SimpleExpr {
        match self {
            Self::Uuid(id) => Expr::val(*id),
            Self::Text(id) => Expr::val(id.as_str()),
        }
    }
}

impl SealedColumn {
    fn id(&self) -> SimpleExpr {
        Expr::col(Alias::new(self.id))
    }

    fn sealed(&self) -> SimpleExpr {
        Expr::col(Alias::new(self.column))
    }

    /// Whether a value is under the key of this id.
    fn is_under(&self, key: &str) -> SimpleExpr {
        let head = vault::head(key);
        self.start(head.len()).eq(head)
    }

    /// The first bytes of a value.
    fn start(&self, bytes: usize) -> SimpleExpr {
        let bytes = i32::try_from(bytes).expect("a key id is short");
        Func::cust(Alias::new("substr")).arg(self.sealed()).arg(1_i32).arg(bytes).into()
    }

    fn select(&self) -> SelectStatement {
        let mut select = Query::select();
        select.from(Alias::new(self.table)).and_where(self.sealed().is_not_null());
        select
    }

    /// The next rows, by id, whose values are not under a key.
    async fn not_under(&self, app: &App, key: &str, after: Option<RowId>) -> Result<Vec<(RowId, Vec<u8>)>> {
        let mut select = self.select();
        select.column(Alias::new(self.id)).column(Alias::new(self.column));
        select.and_where(self.is_under(key).not()).order_by(Alias::new(self.id), Order::Asc).limit(BATCH);
        if let Some(after) = after {
            select.and_where(self.id().gt(after.value()));
        }
        let rows = app.db.read().query_all(&select).await?;
        let read = |row: &sea_orm::QueryResult| {
            let id = match self.named {
                Named::Uuid(_) => RowId::Uuid(row.try_get_by(0)?),
                Named::Text => RowId::Text(row.try_get_by(0)?),
            };
            Ok((id, row.try_get_by(1)?))
        };
        rows.iter().map(read).collect()
    }

    /// Puts a new value in place of an old one; false: the old one is no longer there.
    async fn exchange(&self, app: &App, id: &RowId, old: Vec<u8>, new: Vec<u8>) -> Result<bool> {
        let mut update = Query::update();
        update.table(Alias::new(self.table)).value(Alias::new(self.column), new);
        update.and_where(self.id().eq(id.value())).and_where(self.sealed().eq(old));
        Ok(app.db.write().execute(&update).await?.rows_affected() > 0)
    }

    /// Adds up the values by key: asks for one that is under none of the keys met so far until there is none.
    async fn count(&self, db: &Db, usage: &mut BTreeMap<String, u64>) -> Result<()> {
        let mut met: Vec<String> = Vec::new();
        while met.len() < MOST_KEYS {
            let mut other = self.select();
            other.expr(self.start(vault::HEAD_BYTES)).limit(1);
            for key in &met {
                other.and_where(self.is_under(key).not());
            }
            let Some(row) = db.read().query_one(&other).await? else { break };
            let key = id_of(&row.try_get_by::<Vec<u8>, _>(0)?);
            if key == NO_KEY {
                // Seen once is enough: it should not be there at all.
                *usage.entry(key).or_default() += 1;
                break;
            }
            let mut of_key = self.select();
            of_key.expr(Func::count(self.id())).and_where(self.is_under(&key));
            let row = db.read().query_one(&of_key).await?;
            let count = row.map_or(Ok(0), |row| row.try_get_by::<i64, _>(0))?;
            *usage.entry(key.clone()).or_default() += u64::try_from(count).map_err(Error::internal)?;
            met.push(key);
        }
        Ok(())
    }
}
