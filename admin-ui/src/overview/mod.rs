//! The overview (概览): how today goes, and what needs somebody.

use axum::{Router, response::Response, routing::get};
use esign_domain::{event::tail::Filter, flow::stats};

use crate::{
    drawing::Drawing,
    live,
    template::{Templates, templates},
    visit::{Answer, Refusal, Visit},
};

mod figure;
mod needs;
mod page;

use page::OverviewPage;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! {
    "overview/index.html" "overview/funnel.html" "overview/charts.html" "overview/needs.html" "overview/tables.html"
};

/// Their routes.
pub fn routes() -> Router {
    Router::new().route("/admin", get(show)).route("/admin/live", get(ticks))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    page::drawings()
}

/// `GET /admin`.
async fn show(visit: Visit) -> Result<Response, Refusal> {
    let span =
        stats::Span::ALL.into_iter().find(|span| span.as_str() == visit.query().text("span")).unwrap_or_default();
    let client = visit.query().parsed("client");
    let seen = stats::overview(visit.app(), visit.caller(), span, client).await?;
    visit.page(&OverviewPage::of(&visit, &seen, client).await?)
}

/// `GET /admin/live`.
async fn ticks(visit: Visit) -> Answer {
    live::ticks(&visit, Filter::default())
}
