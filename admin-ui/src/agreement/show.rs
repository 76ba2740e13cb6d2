//! `GET /admin/agreements/{code}`: a type, its documents, every version of them and how many flows have it.

use std::collections::HashMap;

use axum::extract::Path;
use esign_domain::{
    agreement::{entity::agreement_template, query},
    ids::AgreementTemplateId,
};
use serde::Serialize;

use super::{Head, named, sample, texts};
use crate::{
    author::author,
    drawing::Drawing,
    fields::Fields,
    moment::Moment,
    nav::Place,
    page::Page,
    visit::{Answer, Visit},
};

/// A type.
#[derive(Debug, Clone, Serialize)]
pub struct ShowPage {
    head: Head,
    documents: Vec<Document>,
}

/// A document of the type.
#[derive(Debug, Clone, Serialize)]
struct Document {
    name: String,
    position: i32,
    /// Where its text is edited.
    edit: String,
    variables: Vec<String>,
    versions: Vec<Version>,
}

/// A version of a document.
#[derive(Debug, Clone, Serialize)]
struct Version {
    id: String,
    number: i32,
    by: Option<String>,
    at: Moment,
    /// How many flows have it, as people write numbers.
    flows: String,
    /// Where it is compared with the one before it.
    comparison: Option<String>,
}

impl Page for ShowPage {
    const TEMPLATE: &'static str = "agreement/show.html";
    const TITLE: &'static str = "agreement-one";
    const PLACE: Place = Place::Agreements;
}

/// `GET /admin/agreements/{code}`.
pub async fn show(visit: Visit, Path(code): Path<String>) -> Answer {
    let kind = named(&visit, &code).await?;
    let head = Head::of(&kind);
    let texts = texts(&visit, &kind).await?;
    let ids: Vec<_> = texts.iter().map(|text| text.id).collect();
    let uses = query::uses(visit.app(), visit.caller(), &ids).await?;
    let mut documents: Vec<Document> = Vec::new();
    for text in newest_first(&texts) {
        let version = Version::of(&visit, &head, text, &uses);
        match documents.iter_mut().find(|document| document.name == text.document_name) {
            Some(document) => document.versions.push(version),
            None => documents.push(Document::of(&head, text, version)),
        }
    }
    documents.sort_by(|one, other| (one.position, &one.name).cmp(&(other.position, &other.name)));
    visit.page(&ShowPage { head, documents })
}

/// The newest version of a document says where it stands, whatever place it had before.
fn newest_first(texts: &[agreement_template::Model]) -> Vec<&agreement_template::Model> {
    let mut texts: Vec<_> = texts.iter().collect();
    texts.sort_by_key(|text| std::cmp::Reverse(text.version));
    texts
}

impl Document {
    fn of(head: &Head, text: &agreement_template::Model, version: Version) -> Self {
        let named = Fields::default().with("document", &text.document_name);
        Self {
            name: text.document_name.clone(),
            position: text.position,
            edit: named.link(&format!("{}/text", head.address())),
            variables: text.variable_names(),
            versions: vec![version],
        }
    }
}

impl Version {
    fn of(
        visit: &Visit,
        head: &Head,
        text: &agreement_template::Model,
        uses: &HashMap<AgreementTemplateId, i64>,
    ) -> Self {
        let compared = || {
            let fields = Fields::default().with("document", &text.document_name);
            let fields = fields.with("from", &(text.version - 1).to_string()).with("to", &text.version.to_string());
            fields.link(&format!("{}/comparison", head.address()))
        };
        Self {
            id: text.id.to_string(),
            number: text.version,
            by: author(visit.language(), text.published_by.as_deref()),
            at: Moment::of(visit.language(), text.published_at, visit.app().now()),
            flows: grouped(uses.get(&text.id).copied().unwrap_or_default()),
            comparison: (text.version > 1).then(compared),
        }
    }
}

/// A number with its thousands apart: `1,284`.
pub fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let apart = |(index, digit): (usize, char)| {
        let ends = index > 0 && (digits.len() - index).is_multiple_of(3);
        ends.then_some(',').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(apart).collect()
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let version = |number: i32, flows| Version {
        id: "agrtext_018f".into(),
        number,
        by: Some("lan".into()),
        at: sample::moment(),
        flows: grouped(flows),
        comparison: (number > 1).then(|| "/admin/agreements/X/comparison".into()),
    };
    let document = |name: &str, position, versions| Document {
        name: name.into(),
        position,
        edit: "/admin/agreements/X/text".into(),
        variables: if position == 1 { vec!["rate".into(), "store".into()] } else { Vec::new() },
        versions,
    };
    let documents = vec![
        document("门店合作协议", 1, vec![version(3, 18), version(2, 1_204), version(1, 77)]),
        document("附件一 收费标准", 2, vec![version(1, 0)]),
    ];
    let off = Head { enabled: false, ..sample::head() };
    vec![
        Drawing::new("agreement", ShowPage { head: sample::head(), documents }),
        Drawing::new("agreement-empty", ShowPage { head: off, documents: Vec::new() }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let told = [0, 999, 1_000, 1_284, 1_000_000].map(grouped);
        assert_eq!(told, ["0", "999", "1,000", "1,284", "1,000,000"]);
    }
}
