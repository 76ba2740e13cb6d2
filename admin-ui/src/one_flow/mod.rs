//! One flow: everything that is known of it, what is to be done next, and the acts of staff on it.
//!
//! [`page`] is the page, [`told`] its timeline, [`facts`] what stands beside it; [`act`] asks before an act and does it,
//! [`reveal`] shows one hidden value, [`document`] the documents.

use axum::{Router, routing::get};

use crate::{
    page::Drawing,
    template::{Templates, templates},
};

mod act;
mod document;
mod facts;
mod next;
mod page;
mod reveal;
mod sample;
mod told;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! {
    "one-flow/page.html" "one-flow/act.html" "one-flow/link.html" "one-flow/reveal.html" "one-flow/document.html"
};

/// Their routes.
pub fn routes() -> Router {
    Router::new()
        .route("/admin/flows/{id}", get(page::show))
        .route("/admin/flows/{id}/live", get(page::live))
        .route("/admin/flows/{id}/reveal", get(reveal::ask).post(reveal::show))
        .route("/admin/flows/{id}/documents/{file}", get(document::show))
        .route("/admin/flows/{id}/documents/{number}/pages/{file}", get(document::leaf))
        .route("/admin/flows/{id}/{act}", get(act::ask).post(act::perform))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    sample::drawings()
}

/// The flow of an address; what is no id of one is no page.
pub use next::{cause, tone};

fn flow_id(text: &str) -> esign_domain::Result<esign_domain::ids::FlowId> {
    text.parse().map_err(|_| esign_domain::Error::NotFound)
}
