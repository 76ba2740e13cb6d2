//! Finding clients.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{
    Client,
    entity::{
        client::{Column, Entity},
        client_secret, client_webhook_secret,
    },
};
use crate::{
    app::App,
    caller::{Caller, Operation},
    error::{Error, Result},
    ids::ClientId,
};

/// The client of an id.
pub async fn find(db: &impl ConnectionTrait, id: ClientId) -> Result<Option<Client>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The client of a code.
pub async fn find_by_code(db: &impl ConnectionTrait, code: &str) -> Result<Option<Client>> {
    Ok(Entity::find().filter(Column::Code.eq(code)).one(db).await?)
}

/// The client named by its id or its code. The two can't be mistaken: a code has no underscore.
pub async fn find_by_name(db: &impl ConnectionTrait, id_or_code: &str) -> Result<Option<Client>> {
    match id_or_code.parse::<ClientId>() {
        Ok(id) => find(db, id).await,
        Err(_) => find_by_code(db, id_or_code).await,
    }
}

/// All clients by code. Needs `clients:read`.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Client>> {
    caller.require(Operation::Clients)?;
    Ok(Entity::find().order_by_asc(Column::Code).all(app.db.read()).await?)
}

/// One client. Needs `clients:read`.
pub async fn get(app: &App, caller: &Caller, id: ClientId) -> Result<Client> {
    caller.require(Operation::Clients)?;
    find(app.db.read(), id).await?.ok_or(Error::NotFound)
}

/// One secret of a client as it may be shown: its times, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    /// When it was made.
    pub made: DateTime<Utc>,
    /// When it ends; none until a newer one takes over.
    pub ends: Option<DateTime<Utc>>,
}

/// The secrets of a client that are good now, the newest first: those it gets its tokens with, and those that sign what
/// it is told. Needs `clients:read`.
pub async fn ages(app: &App, caller: &Caller, id: ClientId) -> Result<(Vec<Age>, Vec<Age>)> {
    caller.require(Operation::Clients)?;
    let now = app.now();
    let tokens = client_secret::Entity::find()
        .filter(client_secret::Column::ClientId.eq(id))
        .order_by_desc(client_secret::Column::CreatedAt)
        .all(app.db.read())
        .await?;
    let webhooks = client_webhook_secret::Entity::find()
        .filter(client_webhook_secret::Column::ClientId.eq(id))
        .order_by_desc(client_webhook_secret::Column::CreatedAt)
        .all(app.db.read())
        .await?;
    let good = |age: &Age| age.ends.is_none_or(|end| now < end);
    let tokens = tokens.into_iter().map(|row| Age { made: row.created_at, ends: row.expires_at }).filter(good);
    let webhooks = webhooks.into_iter().map(|row| Age { made: row.created_at, ends: row.expires_at }).filter(good);
    Ok((tokens.collect(), webhooks.collect()))
}
