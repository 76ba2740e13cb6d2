//! How a stand-in says no: a status and JSON `{code, message}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::json;

/// A request that was refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message)
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such thing here")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"code": self.code, "message": self.message}))).into_response()
    }
}

impl From<std::io::Error> for Refusal {
    /// What could not be journaled was not done.
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "a sandbox journal cannot be written");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "NOT_STORED", "the sandbox could not write its journal")
    }
}

/// Reads a JSON body. Any content type will do: a stranger's tool may send none.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::invalid(without_values(&error)))
}

/// Where and what kind of problem it is. serde's own text may quote the value, which can be personal data.
fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match (text.split_once(" `"), text.split_once("`, expected ")) {
        (Some(("missing field", _)), _) => text,
        (_, Some((_, expected))) => format!("expected {expected}"),
        _ => format!("the body is not the expected JSON (line {}, column {})", error.line(), error.column()),
    }
}
