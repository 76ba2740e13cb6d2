//! From a client's id or code and its secret to the client.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{Client, entity::client_secret, query, secret};
use crate::{
    app::App,
    error::{Error, Result},
    ids::ClientId,
    vault,
};

/// Who shows this secret. `UNAUTHENTICATED` whether the client is unknown, disabled, or the secret wrong or over; each
/// of them takes the same two queries and the same hash, so that time doesn't tell which codes exist.
pub async fn authenticate(app: &App, id_or_code: &str, shown: &str) -> Result<Client> {
    let client = query::find_by_name(app.db.read(), id_or_code).await?;
    // Nobody has the nil id: an unknown client's secrets are looked for all the same.
    let id = client.as_ref().map_or(ClientId::new(Uuid::nil()), |client| client.id);
    let known = valid_hashes(app, id, app.now()).await?;
    let shown = secret::hash(&app.vault, shown);
    // Counted rather than searched: every hash is compared, wherever the match stands.
    let matching = known.iter().filter(|hash| vault::same(hash, &shown)).count();
    client.filter(|client| client.enabled && matching > 0).ok_or(Error::Unauthenticated)
}

async fn valid_hashes(app: &App, id: ClientId, now: DateTime<Utc>) -> Result<Vec<Vec<u8>>> {
    let rows = client_secret::Entity::find().filter(client_secret::Column::ClientId.eq(id)).all(app.db.read()).await?;
    Ok(rows.into_iter().filter(|row| row.expires_at.is_none_or(|end| now < end)).map(|row| row.hash.0).collect())
}
