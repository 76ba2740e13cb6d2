//! `GET /admin/agreements/{code}/versions/{id}`: one version of a text, as it is for ever.

use axum::extract::Path;
use esign_domain::{Error, agreement::query};
use serde::Serialize;

use super::{Head, named, sample, sheet::Sheet, show::grouped, texts};
use crate::{
    author::author,
    drawing::Drawing,
    fields::Fields,
    moment::Moment,
    nav::Place,
    page::Page,
    visit::{Answer, Visit},
};

/// A version.
#[derive(Debug, Clone, Serialize)]
pub struct VersionPage {
    head: Head,
    document: String,
    number: i32,
    by: Option<String>,
    at: Moment,
    flows: String,
    variables: Vec<String>,
    lines: Vec<String>,
    comparison: Option<String>,
    sheet: Sheet,
}

impl Page for VersionPage {
    const TEMPLATE: &'static str = "agreement/version.html";
    const TITLE: &'static str = "agreement-version";
    const PLACE: Place = Place::Agreements;
}

/// `GET /admin/agreements/{code}/versions/{id}`.
pub async fn show(visit: Visit, Path((code, id)): Path<(String, String)>) -> Answer {
    let kind = named(&visit, &code).await?;
    let head = Head::of(&kind);
    let found = texts(&visit, &kind).await?.into_iter().find(|text| text.id.to_string() == id);
    let text = found.ok_or(Error::NotFound)?;
    let uses = query::uses(visit.app(), visit.caller(), &[text.id]).await?;
    let sheet = Sheet::of_published(&visit, &kind, &text.source).await?;
    let compared = || {
        let fields = Fields::default().with("document", &text.document_name);
        let fields = fields.with("from", &(text.version - 1).to_string()).with("to", &text.version.to_string());
        fields.link(&format!("{}/comparison", head.address()))
    };
    visit.page(&VersionPage {
        comparison: (text.version > 1).then(compared),
        number: text.version,
        by: author(visit.language(), text.published_by.as_deref()),
        at: Moment::of(visit.language(), text.published_at, visit.app().now()),
        flows: grouped(uses.get(&text.id).copied().unwrap_or_default()),
        variables: text.variable_names(),
        lines: text.source.lines().map(str::to_owned).collect(),
        document: text.document_name,
        sheet,
        head,
    })
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let page = VersionPage {
        head: sample::head(),
        document: "门店合作协议".into(),
        number: 2,
        by: Some("lan".into()),
        at: sample::moment(),
        flows: grouped(1_204),
        variables: vec!["rate".into()],
        lines: sample::SOURCE.lines().map(str::to_owned).collect(),
        comparison: Some("/admin/agreements/X/comparison".into()),
        sheet: sample::sheet(false),
    };
    let first = VersionPage { number: 1, comparison: None, flows: grouped(0), variables: Vec::new(), ..page.clone() };
    vec![Drawing::new("agreement-version", page), Drawing::new("agreement-version-first", first)]
}
