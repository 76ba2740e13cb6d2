//! Sign flows (签约流程): the list of them, and one with everything that is known of it, what is to be done next, and the
//! acts of staff on it.
//!
//! [`list`] is the list; [`show`] one flow, [`told`] its timeline, [`next`] what is to be done, [`facts`] what stands
//! beside it; [`act`] asks before an act and does it, [`reveal`] shows one hidden value, [`document`] the documents.

use axum::{
    Router,
    routing::{get, post},
};
use esign_domain::{Error, Result, ids::FlowId, terms::FlowStatus};

use crate::{
    drawing::Drawing,
    template::{Templates, templates},
};

mod act;
mod document;
mod facts;
mod list;
mod next;
mod reveal;
mod sample;
mod show;
mod told;

pub use next::cause;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! {
    "flow/index.html" "flow/chip.html"
    "flow/show.html" "flow/act.html" "flow/link.html" "flow/reveal.html" "flow/document.html"
};

/// Their routes.
pub fn routes() -> Router {
    Router::new()
        .route("/admin/flows", get(list::show))
        .route("/admin/flows/search", post(list::search))
        .route("/admin/flows/export.csv", get(list::export))
        .route("/admin/flows/live", get(list::ticks))
        .route("/admin/flows/{id}", get(show::show))
        .route("/admin/flows/{id}/live", get(show::live))
        .route("/admin/flows/{id}/reveal", get(reveal::ask).post(reveal::show))
        .route("/admin/flows/{id}/documents/{file}", get(document::show))
        .route("/admin/flows/{id}/documents/{number}/pages/{file}", get(document::leaf))
        .route("/admin/flows/{id}/{act}", get(act::ask).post(act::perform))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    [list::drawings(), sample::drawings()].into_iter().flatten().collect()
}

/// The colour of a status: whose turn it is.
pub fn tone(status: FlowStatus) -> &'static str {
    match status {
        FlowStatus::Created | FlowStatus::Cancelled => "idle",
        FlowStatus::PendingSign | FlowStatus::PendingAuth => "wait",
        FlowStatus::Authenticating | FlowStatus::Sealing => "busy",
        FlowStatus::Completed => "done",
        FlowStatus::Failed => "fail",
        FlowStatus::TimedOut => "warn",
    }
}

/// The flow of an address; what is no id of one is no page.
fn flow_id(text: &str) -> Result<FlowId> {
    text.parse().map_err(|_| Error::NotFound)
}
