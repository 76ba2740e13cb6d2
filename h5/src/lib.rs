//! The signer's pages: read, sign, prove who you are, see the result.
//!
//! A person gets a text message and follows its link, `/s/{code}`. That one address always shows where the flow stands:
//! whoever comes back, on whatever phone, goes on where they were. Acts are posted to nouns below it (`…/signature`,
//! `…/amount`) with a submission id made by the page, and answered with a redirect back to it; the same submission again
//! changes nothing, so a double tap, a reload or a lost reply never acts twice.
//!
//! Who is who: a [`visit`] is one request by somebody with a link; [`show`] turns where the flow stands into a [`page`];
//! [`act`] reads a form and calls the verb; [`state`] tells waiting pages when to look again; [`document`] hands out the
//! papers. [`template`], [`kit`] and [`answer`] draw the result. What a flow is and may do is the
//! domain's; nothing is decided here.
//!
//! What always holds: unknown and expired links get the same bytes; nothing is loaded from another host and no script
//! stands in a page; no address or title names a person; pages are never stored by anyone.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{get, post},
};
use esign_config::Profile;
use esign_domain::App;
use esign_web::header;
use tower_http::compression::CompressionLayer;

pub mod act;
pub mod answer;
pub mod consent;
pub mod document;
pub mod form;
pub mod frame;
pub mod gallery;
pub mod kit;
pub mod page;
pub mod show;
pub mod state;
pub mod template;
pub mod visit;

use visit::Desk;

/// The longest body: a signature of many strokes, as a form.
const BODY_BYTES: usize = 1024 * 1024;

/// Everything below `/s`.
pub fn router(app: Arc<App>) -> Router {
    let desk = Arc::new(Desk::new(app));
    Router::new()
        .route("/s/{code}", get(show::show))
        .route("/s/{code}/reading", get(show::read_again).post(act::reading))
        .route("/s/{code}/signature", post(act::signature))
        .route("/s/{code}/refusal", get(show::refusal).post(act::refusal))
        .route("/s/{code}/amount", post(act::amount))
        .route("/s/{code}/face", get(show::face).post(act::face))
        .route("/s/{code}/face-refusal", post(act::face_refusal))
        .route("/s/{code}/authentication", post(act::authentication))
        .route("/s/{code}/back", get(show::back))
        .route("/s/{code}/state", get(state::state))
        .route("/s/{code}/documents/{file}", get(document::pdf))
        .route("/s/{code}/documents/{number}/text", get(document::text))
        .route("/s/{code}/documents/{number}/pages/{file}", get(document::leaf))
        .route("/s/assets/{file}", get(kit::asset))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(Arc::clone(&desk), keep_to_itself))
        .with_state(desk)
}

async fn keep_to_itself(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    // Our own try-it page shows the phone in a frame; it exists in the sandbox only.
    let framed = desk.app.settings.profile == Profile::Sandbox;
    header::keep_to_itself(next.run(request).await, framed)
}
