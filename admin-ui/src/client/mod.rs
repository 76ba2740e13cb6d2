//! Upstream systems (上游系统): clients, what they may do, their secrets.

use axum::{Router, routing::get};

use crate::{
    page::Drawing,
    template::{Templates, templates},
};

mod create;
mod index;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! { "client/index.html" "client/new.html" };

/// Their routes.
pub fn routes() -> Router {
    Router::new()
        .route("/admin/clients", get(index::show).post(create::create))
        .route("/admin/clients/new", get(create::form))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    [index::drawings(), create::drawings()].into_iter().flatten().collect()
}
