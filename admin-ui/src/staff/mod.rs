//! Staff (员工): the accounts, for admins: what each may do, whether it is open, where it is signed in.

use axum::{Router, routing::get};

use crate::{
    drawing::Drawing,
    template::{Templates, templates},
};

mod act;
mod create;
mod index;
mod member;
pub(crate) mod session;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! {
    "staff/index.html" "staff/new.html" "staff/member.html" "staff/act.html" "staff/password.html" "staff/sessions.html"
};

/// Their routes.
pub fn routes() -> Router {
    Router::new()
        .route("/admin/staff", get(index::show).post(create::create))
        .route("/admin/staff/new", get(create::form))
        .route("/admin/staff/{id}", get(member::show))
        .route("/admin/staff/{id}/{act}", get(act::ask).post(act::perform))
        .route("/admin/staff/{id}/sessions/{session}", get(act::ask_session).post(act::end_session))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    [index::drawings(), create::drawings(), member::drawings(), act::drawings()].into_iter().flatten().collect()
}
