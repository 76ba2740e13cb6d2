//! Doors for those who call us back: the auth system with results, gateways with receipts.
//!
//! Neither is a client with a token. The auth system signs what it sends ([`signature`]); carriers can't, so the
//! address they are given holds a secret. Whatever is genuine is taken and answered with 200, also the second time, and
//! also when it comes too late to move anything: what it means is the domain's affair.

pub mod auth;
pub mod signature;
pub mod sms;

use std::sync::Arc;

use anyhow::{Context, Result};
use axum::{Router, extract::DefaultBodyLimit, routing::post};
use esign_domain::App;

/// The longest callback, in bytes.
const BODY_BYTES: usize = 256 * 1024;

/// What both doors need.
#[derive(Clone)]
pub struct Callbacks {
    app: Arc<App>,
    secret: Arc<signature::Secret>,
}

/// `/callbacks/auth` and `/callbacks/sms/{gateway}/{secret}`. An error: the configured secret can't be one.
pub fn router(app: Arc<App>) -> Result<Router> {
    let secret = signature::Secret::parse(app.settings.auth.callback_secret.expose());
    let secret = secret.context("auth.callback_secret must be whsec_ and base64")?;
    Ok(Router::new()
        .route("/callbacks/auth", post(auth::receive))
        .route("/callbacks/sms/{gateway}/{secret}", post(sms::receive))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .with_state(Callbacks { app, secret: Arc::new(secret) }))
}
