//! A client's webhook secrets, as Standard Webhooks has them: `whsec_` and the base64 of the key. What we tell a client
//! is signed with each that is good, so that it may change over at any moment of an overlap.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use esign_config::Secret;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::{
    Client,
    entity::client_webhook_secret::{ActiveModel, Column, Entity},
    query, secret,
};
use crate::{
    app::App,
    caller::{Caller, Operation},
    error::{Error, Result},
    ids::ClientId,
};

/// Marks a secret of Standard Webhooks.
pub const PREFIX: &str = "whsec_";

/// What a secret is sealed to.
fn place(id: Uuid) -> String {
    format!("client_webhook_secret.secret:{id}")
}

/// Makes a new secret, the first one too, and returns it, this once. The old ones go on signing besides for `overlap`;
/// zero ends them now. Needs `clients:write`.
pub async fn rotate(app: &App, caller: &Caller, id: ClientId, overlap: TimeDelta) -> Result<(Client, Secret)> {
    caller.require(Operation::RotateWebhookSecret)?;
    secret::check_overlap(overlap)?;
    let tx = app.write_tx().await?;
    let client = query::find(&tx, id).await?.ok_or(Error::NotFound)?;
    secret::end_old::<Entity>(app, &tx, [Column::ClientId, Column::ExpiresAt], id, overlap).await?;
    let made = add(app, &tx, id).await?;
    secret::record_rotation(app, &tx, caller, Operation::RotateWebhookSecret, (id, overlap)).await?;
    app.commit(tx).await?;
    Ok((client, made))
}

/// The secrets that sign now, the newest first.
pub async fn current(app: &App, db: &impl ConnectionTrait, id: ClientId) -> Result<Vec<Secret>> {
    let now = app.now();
    let rows = Entity::find()
        .filter(Column::ClientId.eq(id))
        .filter(Condition::any().add(Column::ExpiresAt.is_null()).add(Column::ExpiresAt.gt(now)))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .all(db)
        .await?;
    let opened = rows.into_iter().map(|row| {
        let bytes = app.vault.open(&place(row.id), &row.secret)?;
        Ok(Secret::new(String::from_utf8(bytes).map_err(Error::internal)?))
    });
    opened.collect()
}

async fn add(app: &App, tx: &impl ConnectionTrait, client_id: ClientId) -> Result<Secret> {
    let now = app.now();
    let id = app.random.uuid(now);
    let made = format!("{PREFIX}{}", STANDARD.encode(app.random.bytes::<32>()));
    let row = ActiveModel {
        id: Set(id),
        client_id: Set(client_id),
        secret: Set(app.vault.seal(&app.random, &place(id), made.as_bytes())),
        created_at: Set(now),
        expires_at: Set(None),
    };
    row.insert(tx).await?;
    Ok(Secret::new(made))
}
