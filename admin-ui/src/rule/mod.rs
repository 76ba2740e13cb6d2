//! Auth rules (认证规则): the decision matrix, the rules that make it, and what a change would alter before it is saved.

use axum::{
    Router,
    routing::{get, post},
};

use crate::{
    drawing::Drawing,
    template::{Templates, templates},
};

mod change;
mod deletion;
mod form;
mod index;
mod matrix;
mod preview;
mod sample;
mod show;
mod trial;
mod view;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! {
    "rule/parts.html" "rule/matrix.html" "rule/index.html" "rule/show.html" "rule/form.html" "rule/deletion.html"
};

/// Their routes.
pub fn routes() -> Router {
    Router::new()
        .route("/admin/rules", get(index::show).post(change::create))
        .route("/admin/rules/new", get(form::new))
        .route("/admin/rules/preview", post(form::preview))
        .route("/admin/rules/{id}", get(show::show).post(change::update))
        .route("/admin/rules/{id}/edit", get(form::edit))
        .route("/admin/rules/{id}/deletion", get(deletion::ask).post(deletion::delete))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    [index::drawings(), show::drawings(), form::drawings(), deletion::drawings()].into_iter().flatten().collect()
}
