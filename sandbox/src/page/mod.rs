//! What people see of the sandbox: the try-it page, its scripts and styles, and the demo credentials it works with.
//!
//! The page uses the platform's public API only, as any upstream system would; what it adds is the other side of it,
//! the phone and the bank, from the sandbox's own lists. Everything it loads is served from here, under a policy that
//! allows neither inline scripts nor other hosts.

pub(crate) mod html;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::refusal::Refusal;
use crate::world::World;

/// The files under `/sandbox/assets/`: name, content type, content.
const ASSETS: [(&str, &str, &str); 14] = [
    ("tokens.css", CSS, include_str!("../../assets/tokens.css")),
    ("sandbox.css", CSS, include_str!("../../assets/sandbox.css")),
    ("phone.css", CSS, include_str!("../../assets/phone.css")),
    ("theme.js", JS, include_str!("../../assets/theme.js")),
    ("sandbox.js", JS, include_str!("../../assets/sandbox.js")),
    ("dom.js", JS, include_str!("../../assets/dom.js")),
    ("api.js", JS, include_str!("../../assets/api.js")),
    ("socket.js", JS, include_str!("../../assets/socket.js")),
    ("sample.js", JS, include_str!("../../assets/sample.js")),
    ("form.js", JS, include_str!("../../assets/form.js")),
    ("phone.js", JS, include_str!("../../assets/phone.js")),
    ("flow.js", JS, include_str!("../../assets/flow.js")),
    ("faults.js", JS, include_str!("../../assets/faults.js")),
    ("words.js", JS, include_str!("../../assets/words.js")),
];
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// `/sandbox` itself, its assets and the demo credentials.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/sandbox", get(show))
        .route("/sandbox/", get(show))
        .route("/sandbox/credentials", get(credentials))
        .route("/sandbox/assets/{name}", get(asset))
}

async fn show(State(world): State<Arc<World>>) -> Response {
    html::page(html::fill(html::TRY_IT, &[("public_url", &world.config.public_url)]), "")
}

async fn asset(Path(name): Path<String>) -> Result<Response, Refusal> {
    let (_, kind, content) = ASSETS.iter().find(|(known, ..)| *known == name).ok_or_else(Refusal::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, *kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, *content).into_response())
}

/// The demo credentials as their file has them.
async fn credentials(State(world): State<Arc<World>>) -> Result<Response, Refusal> {
    let missing = || {
        let message = "there is no file of demo credentials";
        Refusal::new(StatusCode::NOT_FOUND, "NO_CREDENTIALS", message)
    };
    let path = world.config.demo_credentials.as_ref().ok_or_else(missing)?;
    let file = tokio::fs::read(path).await.map_err(|_| missing())?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, file).into_response())
}
