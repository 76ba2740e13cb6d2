//! A client's secrets: 32 random bytes, shown once, kept as a keyed hash.
//!
//! A slow password hash would add nothing: nobody guesses 256 random bits. The key keeps a stolen table from being of
//! use for anything, and the hash can be compared in constant time.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use esign_config::Secret;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::Expr,
};
use serde_json::json;

use super::{
    Client,
    entity::client_secret::{ActiveModel, Column, Entity, SecretHash},
    query,
};
use crate::{
    app::App,
    audit::{self, Act},
    caller::{Caller, Operation},
    clock::Random,
    error::{Error, Result},
    ids::ClientId,
    vault::Vault,
};

/// Marks our secrets, so that scanners of leaked texts find them.
pub const PREFIX: &str = "esk_";

/// How long the old secret stays good when nothing else is asked for.
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// The longest overlap that may be asked for.
pub const MAX_OVERLAP: TimeDelta = TimeDelta::days(30);

/// Makes a new secret and returns it, this once. The old ones end after `overlap`, or earlier if they were to end
/// earlier; zero ends them now, for a secret that has leaked. Needs `clients:write`.
pub async fn rotate(app: &App, caller: &Caller, id: ClientId, overlap: TimeDelta) -> Result<(Client, Secret)> {
    caller.require(Operation::RotateClientSecret)?;
    check_overlap(overlap)?;
    let tx = app.write_tx().await?;
    let client = query::find(&tx, id).await?.ok_or(Error::NotFound)?;
    end_old::<Entity>(app, &tx, [Column::ClientId, Column::ExpiresAt], id, overlap).await?;
    let secret = add(app, &tx, id).await?;
    record_rotation(app, &tx, caller, Operation::RotateClientSecret, (id, overlap)).await?;
    app.commit(tx).await?;
    Ok((client, secret))
}

/// An overlap is not longer than a month: a secret that is good for ever beside its successor was not replaced.
pub(super) fn check_overlap(overlap: TimeDelta) -> Result<()> {
    if overlap < TimeDelta::zero() || overlap > MAX_OVERLAP {
        return Err(Error::field("overlapSeconds", "must be from 0 to 2592000"));
    }
    Ok(())
}

/// Of a rotation the log says when the old secret ends, and nothing of either secret.
pub(super) async fn record_rotation(
    app: &App,
    tx: &impl ConnectionTrait,
    caller: &Caller,
    operation: Operation,
    (id, overlap): (ClientId, TimeDelta),
) -> Result<()> {
    let after = json!({"oldEndsAt": app.now() + overlap});
    let act = Act { operation, target: id.to_string(), before: None, after: Some(&after) };
    audit::record(app, tx, caller, act).await
}

/// Makes a secret of the client.
pub(super) async fn add(app: &App, tx: &impl ConnectionTrait, client_id: ClientId) -> Result<Secret> {
    let secret = generate(&app.random);
    let now = app.now();
    let row = ActiveModel {
        id: Set(app.random.uuid(now)),
        client_id: Set(client_id),
        hash: Set(SecretHash(hash(&app.vault, secret.expose()))),
        created_at: Set(now),
        expires_at: Set(None),
    };
    row.insert(tx).await?;
    Ok(secret)
}

/// The keyed hash a secret is kept as.
pub(super) fn hash(vault: &Vault, secret: &str) -> Vec<u8> {
    vault.lookup("client_secret.hash", secret)
}

fn generate(random: &Random) -> Secret {
    Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random.bytes::<32>())))
}

/// Sets the end of a client's secrets of some kind that have none yet or a later one, and removes those that are over:
/// they open nothing and prove nothing. The columns: whose a secret is, and when it ends.
pub(super) async fn end_old<E: EntityTrait>(
    app: &App,
    tx: &impl ConnectionTrait,
    [whose, ends]: [E::Column; 2],
    id: ClientId,
    overlap: TimeDelta,
) -> Result<()> {
    let now = app.now();
    let end = now + overlap;
    E::delete_many().filter(whose.eq(id)).filter(ends.lte(now)).exec(tx).await?;
    E::update_many()
        .col_expr(ends, Expr::value(end))
        .filter(whose.eq(id))
        .filter(Condition::any().add(ends.is_null()).add(ends.gt(end)))
        .exec(tx)
        .await?;
    Ok(())
}
