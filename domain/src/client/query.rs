//! Finding clients.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{
    Client,
    entity::client::{Column, Entity},
};
use crate::{
    app::App,
    caller::{Caller, Operation},
    error::Result,
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
