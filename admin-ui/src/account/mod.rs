//! One's own account (我的账户): the password, the authenticator and its recovery codes, where one is signed in.

use axum::{
    Router,
    routing::{get, post},
};

use crate::{
    drawing::Drawing,
    template::{Templates, templates},
};

pub(crate) mod authenticator;
mod index;
mod password;
mod session;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! {
    "account/index.html" "account/password.html" "account/set-up.html" "account/set-up-part.html" "account/codes.html"
    "account/ask.html"
};

/// Their routes.
pub fn routes() -> Router {
    Router::new()
        .route("/admin/account", get(index::show))
        .route("/admin/account/password", get(password::form).post(password::change))
        .route("/admin/account/authenticator", get(authenticator::form).post(authenticator::confirm))
        .route("/admin/account/authenticator/removal", get(authenticator::ask_removal).post(authenticator::remove))
        .route("/admin/account/recovery-codes", get(authenticator::ask_codes).post(authenticator::renew_codes))
        .route("/admin/account/sessions/{session}", get(session::ask).post(session::end))
        .route("/admin/account/session-end", post(session::end_all))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    [index::drawings(), password::drawings(), authenticator::drawings(), session::drawings()]
        .into_iter()
        .flatten()
        .collect()
}
