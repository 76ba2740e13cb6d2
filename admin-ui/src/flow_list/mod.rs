//! The list of sign flows (签约流程): tabs, filters, search, pages, a table to take away.
//!
//! All of it stands in the address, so that a list can be kept and passed on. What is personal doesn't: the search box is
//! posted, and the address it leads to holds the keyed hash of what was typed.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use esign_domain::{
    Error,
    event::tail::Filter,
    flow::{self, query::Search},
};

use crate::{
    fields::Fields,
    live,
    page::Drawing,
    problem::Problems,
    template::{Templates, templates},
    visit::{Answer, Posted, Refusal, Visit},
};

mod asked;
mod page;
mod row;

pub use page::thousands;
pub use row::tone;

use asked::Asked;
use page::ListPage;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! { "flow-list/index.html" "flow-list/chip.html" };

/// Their routes.
pub fn routes() -> Router {
    Router::new()
        .route("/admin/flows", get(show))
        .route("/admin/flows/search", post(search))
        .route("/admin/flows/export.csv", get(export))
        .route("/admin/flows/live", get(ticks))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    page::drawings()
}

/// `GET /admin/flows`.
async fn show(visit: Visit) -> Result<Response, Refusal> {
    let asked = Asked::read(visit.query());
    visit.page(&ListPage::of(&visit, &asked).await?)
}

/// `POST /admin/flows/search`: on to the list of what is looked for.
async fn search(visit: Visit, Posted(form): Posted) -> Result<Response, Refusal> {
    let state = Fields::read(form.exact("state").trim_start_matches('?').as_bytes());
    let typed = form.text("search");
    match Search::read(visit.app(), typed) {
        Ok(search) => visit.onward(&asked::found(&Asked::read(&state).list, search), None),
        Err(error @ Error::InvalidArgument(_)) => {
            let problems = Problems::of(&visit, error)?;
            visit.again(&ListPage::of(&visit, &Asked::read(&state)).await?.refused(typed, problems))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /admin/flows/export.csv`: the list as a table.
async fn export(visit: Visit) -> Result<Response, Refusal> {
    let asked = Asked::read(visit.query());
    let app = Arc::clone(visit.app());
    let name = format!("flows-{}.csv", app.now().format("%Y%m%d-%H%M%S"));
    let pieces = flow::export(app, visit.caller(), visit.lang(), asked.filter, asked.slice.order).await?;
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(value) = format!("attachment; filename=\"{name}\"").parse() {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// `GET /admin/flows/live`.
async fn ticks(visit: Visit) -> Answer {
    live::ticks(&visit, Filter::default())
}
