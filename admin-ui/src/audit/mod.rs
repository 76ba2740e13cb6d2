//! The audit log (审计): who did what to what, when and from where, and how it was before.

use axum::{Router, routing::get};
use esign_web::language::Language;

use crate::{
    drawing::Drawing,
    kit::KIT,
    template::{Templates, templates},
};

mod difference;
mod entry;
mod export;
mod filter;
mod index;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! { "audit/index.html" "audit/entry.html" };

/// Their routes.
pub fn routes() -> Router {
    Router::new()
        .route("/admin/audit", get(index::show))
        .route("/admin/audit.csv", get(export::download))
        .route("/admin/audit/{id}", get(entry::show))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    [index::drawings(), entry::drawings()].into_iter().flatten().collect()
}

/// What an action is called; its own name where there is no word for it.
fn action_word(language: Language, action: &str) -> String {
    KIT.words.plain(language, &format!("act-{action}")).unwrap_or_else(|| action.to_owned())
}

/// Where the page of an entry's target is, if it has one.
fn target_link(target: &str, sees_staff: bool) -> Option<String> {
    let (kind, _) = target.split_once('_')?;
    let place = match kind {
        "staff" if sees_staff => "staff",
        "client" => "clients",
        "flow" => "flows",
        "smstpl" => "sms-templates",
        "rule" => "rules",
        _ => return None,
    };
    Some(format!("/admin/{place}/{target}"))
}
