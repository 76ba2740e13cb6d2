//! `GET /d/{token}`: a sealed document, by an address that is good for a few minutes.
//!
//! The token is the document's id, the time it ends, and a keyed hash over both: whoever may see a document is given an
//! address, and the address alone opens it, in a browser or a program that has no token of ours. Wrong, altered, over
//! and gone are one answer.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use esign_domain::{
    App, Error, Result,
    ids::SealRecordId,
    seal::{entity::seal_record, query::sealed_pdf},
    vault,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sea_orm::EntityTrait;
use uuid::Uuid;

/// Keeps these hashes apart from all others under the lookup key.
const PURPOSE: &str = "download";
/// Id, end in seconds since 1970, hash.
const TOKEN_BYTES: usize = 16 + 8 + 32;

/// `/d/{token}`.
pub fn router(app: Arc<App>) -> Router {
    Router::new().route("/d/{token}", get(download)).with_state(app)
}

/// An address under which a sealed document can be fetched for `flow.download_seconds` from now.
pub fn url(app: &App, id: SealRecordId) -> String {
    let end = app.now() + TimeDelta::seconds(app.settings.flow.download_seconds);
    app.public(&format!("/d/{}", token(app, id, end)))
}

fn token(app: &App, id: SealRecordId, end: DateTime<Utc>) -> String {
    let mut bytes = [id.uuid().as_bytes().as_slice(), &end.timestamp().to_be_bytes()].concat();
    bytes.extend(hash(app, &bytes));
    URL_SAFE_NO_PAD.encode(bytes)
}

fn hash(app: &App, signed: &[u8]) -> Vec<u8> {
    app.vault.lookup(PURPOSE, &hex::encode(signed))
}

/// Which document a token opens now.
fn opened(app: &App, token: &str) -> Option<SealRecordId> {
    let bytes: [u8; TOKEN_BYTES] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
    let (signed, tag) = bytes.split_at(24);
    let is_ours = vault::same(&hash(app, signed), tag);
    let (id, end) = signed.split_at(16);
    let end = i64::from_be_bytes(end.try_into().ok()?);
    (is_ours && app.now().timestamp() < end).then(|| Uuid::from_slice(id).map(SealRecordId::new).ok())?
}

async fn download(State(app): State<Arc<App>>, Path(token): Path<String>) -> Response {
    let Some(id) = opened(&app, &token) else { return StatusCode::NOT_FOUND.into_response() };
    match document(&app, id).await {
        Ok(response) => response,
        Err(Error::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, source = error.cause(), seal = %id, "a document can't be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn document(app: &App, id: SealRecordId) -> Result<Response> {
    let record = seal_record::Entity::find_by_id(id).one(app.db.read()).await?.ok_or(Error::NotFound)?;
    let pdf = sealed_pdf(app, &record).await?.ok_or(Error::NotFound)?;
    let name = utf8_percent_encode(&record.document_name, NON_ALPHANUMERIC);
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"document.pdf\"; filename*=UTF-8''{name}.pdf")),
    ];
    Ok((headers, pdf).into_response())
}

#[cfg(test)]
mod tests;
