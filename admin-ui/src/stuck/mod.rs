//! Stuck work (待处理): what needs a person, by kind, each with its remedies.

use axum::{Router, routing::get};

use crate::{
    drawing::Drawing,
    template::{Templates, templates},
};

mod act;
mod index;
mod sample;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! { "stuck/index.html" "stuck/act.html" };

/// Their routes.
pub fn routes() -> Router {
    Router::new()
        .route("/admin/stuck", get(index::show))
        .route("/admin/stuck/live", get(index::live))
        .route("/admin/stuck/runs", get(act::ask_all).post(act::run_all))
        .route("/admin/stuck/jobs/{id}/run", get(act::ask_run).post(act::run))
        .route("/admin/stuck/jobs/{id}/dismissal", get(act::ask_dismissal).post(act::dismiss))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    sample::drawings()
}
