//! The signature of a request to us: base64 HMAC-SHA256 over `METHOD\nPATH\nTIMESTAMP\nSHA256(body) hex`, where PATH is
//! path and query as sent and TIMESTAMP is in seconds since 1970.

use std::sync::Arc;

use aws_lc_rs::{digest, hmac};
use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::BODY_LIMIT;
use crate::refusal::Refusal;
use crate::world::World;

/// How far a request's timestamp may be from our clock, in seconds.
const TOLERANCE: u64 = 5 * 60;

/// Lets only requests through that the configured key has signed; others get 401.
pub(super) async fn require(
    State(world): State<Arc<World>>,
    OriginalUri(uri): OriginalUri,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", "the body is too large").into_response();
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    match check(&world, &parts, path, &body) {
        Ok(()) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(problem) => Refusal::new(StatusCode::UNAUTHORIZED, "BAD_SIGNATURE", problem).into_response(),
    }
}

fn check(world: &World, parts: &Parts, path: &str, body: &[u8]) -> Result<(), &'static str> {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if header("X-Esign-Key") != Some(world.config.auth_key.as_str()) {
        return Err("X-Esign-Key is missing or unknown");
    }
    let timestamp = header("X-Esign-Timestamp").ok_or("X-Esign-Timestamp is missing")?;
    let seconds: i64 = timestamp.parse().map_err(|_| "X-Esign-Timestamp is not seconds since 1970")?;
    if world.now().timestamp().abs_diff(seconds) > TOLERANCE {
        return Err("X-Esign-Timestamp is more than five minutes from our clock");
    }
    let signature = header("X-Esign-Signature").and_then(|text| STANDARD.decode(text).ok());
    let signature = signature.ok_or("X-Esign-Signature is missing or not base64")?;
    let hash = hex::encode(digest::digest(&digest::SHA256, body));
    let signed = format!("{}\n{path}\n{timestamp}\n{hash}", parts.method);
    let key = hmac::Key::new(hmac::HMAC_SHA256, world.config.auth_secret.as_bytes());
    hmac::verify(&key, signed.as_bytes(), &signature).map_err(|_| "X-Esign-Signature does not match the request")
}
