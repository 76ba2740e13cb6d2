//! `GET /admin/clients`: all of them.

use axum::response::Response;
use esign_domain::{caller::scope_names, client::query};
use serde::Serialize;

use crate::{
    drawing::Drawing,
    moment::Moment,
    nav::Place,
    page::Page,
    visit::{Refusal, Visit},
};

/// The list. It has no pages: a platform has tens of clients, not thousands.
#[derive(Debug, Clone, Serialize)]
pub struct IndexPage {
    clients: Vec<Row>,
}

/// A line of the list.
#[derive(Debug, Clone, Serialize)]
struct Row {
    id: String,
    code: String,
    name: String,
    enabled: bool,
    scopes: Vec<String>,
    made: Moment,
}

impl Page for IndexPage {
    const TEMPLATE: &'static str = "client/index.html";
    const TITLE: &'static str = "client-title";
    const PLACE: Place = Place::Clients;
}

/// `GET /admin/clients`.
pub async fn show(visit: Visit) -> Result<Response, Refusal> {
    let now = visit.app().now();
    let row = |client: esign_domain::client::Client| Row {
        id: client.id.to_string(),
        code: client.code,
        name: client.name,
        enabled: client.enabled,
        scopes: scope_names(&client.scopes.0),
        made: Moment::of(visit.language(), client.created_at, now),
    };
    let clients = query::list(visit.app(), visit.caller()).await?.into_iter().map(row).collect();
    visit.page(&IndexPage { clients })
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let row = |code: &str, enabled| Row {
        id: format!("018f-{code}"),
        code: code.into(),
        name: "云帆商户通".into(),
        enabled,
        scopes: vec!["flows:read".into(), "flows:write".into()],
        made: Moment { short: "11-18 14:20".into(), full: "2026-11-18T14:20:00+08:00".into() },
    };
    vec![
        Drawing::new("clients", IndexPage { clients: vec![row("yunfan", true), row("xinfu", false)] }),
        Drawing::new("clients-none", IndexPage { clients: Vec::new() }),
    ]
}
