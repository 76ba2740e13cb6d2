//! `GET /admin/agreements/{code}/comparison?document=…&from=1&to=2`: what differs between two versions, line by line.

use axum::extract::Path;
use esign_domain::{Error, agreement::entity::agreement_template};
use serde::Serialize;

use super::{Head, named, sample, texts};
use crate::{
    author::author,
    difference::{self, Line},
    moment::Moment,
    nav::Place,
    page::{Drawing, Page},
    visit::{Answer, Visit},
};

/// The difference.
#[derive(Debug, Clone, Serialize)]
pub struct ComparePage {
    head: Head,
    document: String,
    versions: Vec<i32>,
    from: Side,
    to: Side,
    groups: Vec<Vec<Line>>,
}

/// One of the two.
#[derive(Debug, Clone, Serialize)]
struct Side {
    number: i32,
    by: Option<String>,
    at: Moment,
}

impl Page for ComparePage {
    fn template(&self) -> &'static str {
        "agreement/compare.html"
    }

    fn title(&self) -> &'static str {
        "agreement-compare"
    }

    fn place(&self) -> Place {
        Place::Agreements
    }
}

/// `GET /admin/agreements/{code}/comparison`. Left out, it is the newest and the one before it.
pub async fn show(visit: Visit, Path(code): Path<String>) -> Answer {
    let kind = named(&visit, &code).await?;
    let mut texts = texts(&visit, &kind).await?;
    texts.retain(|text| text.document_name == visit.query().text("document"));
    texts.sort_by_key(|text| std::cmp::Reverse(text.version));
    let newest = texts.first().ok_or(Error::NotFound)?.version;
    let to = visit.query().parsed("to").unwrap_or(newest);
    let from = visit.query().parsed("from").unwrap_or((to - 1).max(1));
    let find = |number: i32| texts.iter().find(|text| text.version == number).ok_or(Error::NotFound);
    let (old, new) = (find(from)?, find(to)?);
    visit.page(&ComparePage {
        head: Head::of(&kind),
        document: new.document_name.clone(),
        versions: texts.iter().map(|text| text.version).collect(),
        groups: difference::lines(&old.source, &new.source),
        from: Side::of(&visit, old),
        to: Side::of(&visit, new),
    })
}

impl Side {
    fn of(visit: &Visit, text: &agreement_template::Model) -> Self {
        Self {
            number: text.version,
            by: author(visit.language(), text.published_by.as_deref()),
            at: Moment::of(visit.language(), text.published_at, visit.app().now()),
        }
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let side = |number| Side { number, by: Some("lan".into()), at: sample::moment() };
    let new = sample::SOURCE.replace("五个工作日", "七个工作日").replace("#box", "签字：\n#box");
    let page = ComparePage {
        head: sample::head(),
        document: "门店合作协议".into(),
        versions: vec![3, 2, 1],
        from: side(2),
        to: side(3),
        groups: difference::lines(sample::SOURCE, &new),
    };
    let same = ComparePage { groups: Vec::new(), ..page.clone() };
    vec![Drawing::new("agreement-compare", page), Drawing::new("agreement-compare-same", same)]
}
