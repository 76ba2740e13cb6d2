//! `GET /admin/agreements`: the catalogue.

use esign_domain::{agreement::query, reference};
use serde::Serialize;

use super::{Head, sample};
use crate::{
    drawing::Drawing,
    fields::Fields,
    moment::Moment,
    nav::Place,
    page::Page,
    visit::{Answer, Visit},
};

/// The catalogue. It has no pages: a platform has tens of types.
#[derive(Debug, Clone, Serialize)]
pub struct IndexPage {
    asked: Fields,
    filtered: bool,
    types: Vec<Row>,
}

/// A line of it.
#[derive(Debug, Clone, Serialize)]
struct Row {
    head: Head,
    /// Its documents in order, each in its newest version.
    documents: Vec<(String, i32)>,
    at: Moment,
}

impl Page for IndexPage {
    const TEMPLATE: &'static str = "agreement/index.html";
    const TITLE: &'static str = "agreement-title";
    const PLACE: Place = Place::Agreements;
}

/// `GET /admin/agreements`.
pub async fn show(visit: Visit) -> Answer {
    let types = query::list(visit.app(), visit.caller()).await?;
    let reference = reference::current(visit.app()).await?;
    let row = |kind: &esign_domain::agreement::entity::agreement_type::Model| Row {
        head: Head::of(kind),
        documents: reference
            .agreement(kind.id)
            .map(|known| known.texts.iter().map(|text| (text.document_name.clone(), text.version)).collect())
            .unwrap_or_default(),
        at: Moment::of(visit.language(), kind.updated_at, visit.app().now()),
    };
    let asked = visit.query();
    let rows = types.iter().map(|kind| row(kind)).filter(|row| matches(asked, &row.head)).collect();
    let filtered = ["q", "state", "scene", "subjectType"].iter().any(|name| asked.has(name));
    visit.page(&IndexPage { asked: asked.clone(), filtered, types: rows })
}

fn matches(asked: &Fields, head: &Head) -> bool {
    let holds = |name: &str, list: &[String]| asked.given(name).is_none_or(|wanted| list.iter().any(|it| it == wanted));
    let said = |words: &str| {
        let words = words.to_lowercase();
        [&head.name, &head.code].iter().any(|text| text.to_lowercase().contains(&words))
    };
    asked.given("state").is_none_or(|state| (state == "enabled") == head.enabled)
        && holds("scene", &head.scenes)
        && holds("subjectType", &head.subject_types)
        && asked.given("q").is_none_or(said)
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let row = |code: &str, name: &str, enabled, documents: &[(&str, i32)]| Row {
        head: Head { code: code.into(), name: name.into(), enabled, ..sample::head() },
        documents: documents.iter().map(|(name, version)| ((*name).to_owned(), *version)).collect(),
        at: sample::moment(),
    };
    let rows = vec![
        row("PAYMENT_AGENCY_AGREEMENT", "代付服务协议", true, &[("代付服务协议", 3), ("附件一", 1)]),
        row("PAYMENT_AGENCY_MANDATE", "代付授权书", true, &[("代付授权书", 2)]),
        row("STORE_AGREEMENT", "门店合作协议", false, &[]),
    ];
    let page = |query: &[u8], types| IndexPage { asked: Fields::read(query), filtered: !query.is_empty(), types };
    vec![
        Drawing::new("agreements", page(b"", rows)),
        Drawing::new("agreements-none", page(b"", Vec::new())),
        Drawing::new("agreements-none-found", page(b"q=x", Vec::new())),
    ]
}
