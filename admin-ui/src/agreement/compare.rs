//! `GET /admin/agreements/{code}/comparison?document=…&from=1&to=2`: what differs between two versions, line by line.

use axum::extract::Path;
use serde::Serialize;

use super::{Head, named, sample, texts};
use crate::{
    difference::{self, Line},
    drawing::Drawing,
    nav::Place,
    page::Page,
    version::{Pair, Version},
    visit::{Answer, Visit},
};

/// The difference.
#[derive(Debug, Clone, Serialize)]
pub struct ComparePage {
    head: Head,
    document: String,
    pair: Pair,
    groups: Vec<Vec<Line>>,
}

impl Page for ComparePage {
    const TEMPLATE: &'static str = "agreement/compare.html";
    const TITLE: &'static str = "agreement-compare";
    const PLACE: Place = Place::Agreements;
}

/// `GET /admin/agreements/{code}/comparison`.
pub async fn show(visit: Visit, Path(code): Path<String>) -> Answer {
    let kind = named(&visit, &code).await?;
    let mut texts = texts(&visit, &kind).await?;
    texts.retain(|text| text.document_name == visit.query().text("document"));
    let versions =
        texts.iter().map(|text| Version::of(&visit, text.version, text.published_by.as_deref(), text.published_at));
    let pair = Pair::asked(&visit, versions.collect())?;
    let source = |of: &Version| {
        texts.iter().find(|text| text.version == of.number).map(|text| text.source.as_str()).unwrap_or_default()
    };
    visit.page(&ComparePage {
        head: Head::of(&kind),
        document: visit.query().text("document").to_owned(),
        groups: difference::lines(source(&pair.from), source(&pair.to)),
        pair,
    })
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let new = sample::SOURCE.replace("五个工作日", "七个工作日").replace("#box", "签字：\n#box");
    let page = ComparePage {
        head: sample::head(),
        document: "门店合作协议".into(),
        pair: Pair::sample(3, &sample::moment()),
        groups: difference::lines(sample::SOURCE, &new),
    };
    let same = ComparePage { groups: Vec::new(), ..page.clone() };
    vec![Drawing::new("agreement-compare", page), Drawing::new("agreement-compare-same", same)]
}
