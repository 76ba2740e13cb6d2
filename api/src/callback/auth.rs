//! `POST /callbacks/auth`: the auth system pushes a challenge's state, signed after Standard Webhooks.
//!
//! A bad signature or a clock more than five minutes off is 401. Everything genuine goes to the domain's one inbox,
//! keyed by `webhook-id`: known ids, late results and unknown keys are all answered 200, because there is nothing the
//! sender could do about them. Only what is no challenge state at all is 400, and what could not be kept 503, so that
//! it is sent again.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use esign_domain::{Error, auth::inbox};
use serde_json::json;

use super::{Callbacks, signature};

/// Takes one pushed state.
pub async fn receive(State(callbacks): State<Callbacks>, headers: HeaderMap, body: Bytes) -> Response {
    let app = &callbacks.app;
    let id = match signature::check(&callbacks.secret, &headers, &body, app.now()) {
        Ok(id) => id,
        Err(problem) => {
            tracing::warn!(problem, "a callback was refused");
            return refusal(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", problem);
        }
    };
    match inbox::receive(app, id, &body).await {
        Ok(()) => Json(json!({"ok": true})).into_response(),
        Err(Error::InvalidRequest(problem)) => {
            tracing::warn!(problem, "a genuine callback can't be read");
            refusal(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "the body is no challenge state")
        }
        Err(error) => {
            tracing::error!(%error, source = error.cause(), "a callback could not be kept");
            refusal(StatusCode::SERVICE_UNAVAILABLE, "INTERNAL", "send it again later")
        }
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({"error": {"code": code, "message": message}}))).into_response()
}

#[cfg(test)]
mod tests;
