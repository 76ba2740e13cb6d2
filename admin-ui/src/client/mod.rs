//! Upstream systems (上游系统): clients, what they may do, their secrets.

use axum::{Router, routing::get};

use crate::{
    drawing::Drawing,
    template::{Templates, templates},
};

mod create;
mod edit;
mod form;
mod index;
mod secret;
mod show;
mod switch;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! {
    "client/index.html" "client/new.html" "client/show.html" "client/edit.html" "client/switch.html"
    "client/rotation.html" "client/secret.html" "client/parts.html"
};

/// Their routes.
pub fn routes() -> Router {
    Router::new()
        .route("/admin/clients", get(index::show).post(create::create))
        .route("/admin/clients/new", get(create::form))
        .route("/admin/clients/{id}", get(show::show).post(edit::change))
        .route("/admin/clients/{id}/edit", get(edit::form))
        .route("/admin/clients/{id}/enabling", get(switch::ask_to_enable).post(switch::enable))
        .route("/admin/clients/{id}/disabling", get(switch::ask_to_disable).post(switch::disable))
        .route("/admin/clients/{id}/secret", get(secret::ask_for_token).post(secret::rotate_token))
        .route("/admin/clients/{id}/webhook-secret", get(secret::ask_for_webhook).post(secret::rotate_webhook))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    let pages = [
        index::drawings(),
        create::drawings(),
        show::drawings(),
        edit::drawings(),
        switch::drawings(),
        secret::drawings(),
    ];
    pages.into_iter().flatten().collect()
}
