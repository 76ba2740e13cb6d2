//! The list of sign flows (签约流程): tabs, filters, search, pages, a table to take away.
//!
//! All of it stands in the address, so that a list can be kept and passed on. What is personal doesn't: the search box is
//! posted, and the address it leads to holds the keyed hash of what was typed.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use esign_domain::{
    Error,
    event::tail::Filter,
    flow::{self, query::Search},
};

use crate::{
    fields::Fields,
    live,
    problem::Problems,
    visit::{Answer, Posted, Refusal, Visit},
};

mod asked;
mod chip;
mod page;
mod row;
mod sample;

pub use sample::drawings;

use asked::Asked;
use page::ListPage;

/// `GET /admin/flows`.
pub async fn show(visit: Visit) -> Result<Response, Refusal> {
    let asked = Asked::read(visit.query());
    visit.page(&ListPage::of(&visit, &asked).await?)
}

/// `POST /admin/flows/search`: on to the list of what is looked for.
pub async fn search(visit: Visit, Posted(form): Posted) -> Result<Response, Refusal> {
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
pub async fn export(visit: Visit) -> Result<Response, Refusal> {
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
pub async fn ticks(visit: Visit) -> Answer {
    live::ticks(&visit, Filter::default())
}
