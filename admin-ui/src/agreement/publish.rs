//! `POST /admin/agreements/{code}/text/confirmation` asks with what would change; `…/publication` publishes.

use axum::extract::Path;
use esign_domain::{
    Error,
    agreement::{self, entity::agreement_template},
    caller::Operation,
};
use serde::Serialize;

use super::{
    Head, current,
    editor::{EditorPage, Typed},
    named, sample,
    sheet::Sheet,
    texts,
};
use crate::{
    author::author,
    difference::{self, Line},
    drawing::Drawing,
    moment::Moment,
    nav::Place,
    page::Page,
    visit::{Answer, Posted, Refusal, Visit},
};

/// The question.
#[derive(Debug, Clone, Serialize)]
pub struct AskPage {
    head: Head,
    typed: Typed,
    /// The version that it would become.
    next: i32,
    current: Option<Current>,
    /// Somebody published since this text was begun.
    lost: bool,
    /// What differs from the current version.
    groups: Vec<Vec<Line>>,
}

/// The version that new flows get now.
#[derive(Debug, Clone, Serialize)]
struct Current {
    version: i32,
    by: Option<String>,
    at: Moment,
}

impl Page for AskPage {
    const TEMPLATE: &'static str = "agreement/publish.html";
    const TITLE: &'static str = "agreement-publish";
    const PLACE: Place = Place::Agreements;
}

/// `POST /admin/agreements/{code}/text/confirmation`. A text with something wrong goes back to the editor.
pub async fn ask(visit: Visit, Path(code): Path<String>, Posted(posted): Posted) -> Answer {
    visit.caller().require(Operation::PublishAgreementTemplate)?;
    let typed = Typed::of(&posted);
    let head = Head::of(&*named(&visit, &code).await?);
    let sheet = Sheet::of(&visit, &typed.text(&head.code), &typed.to()).await?;
    if sheet.errors() > 0 {
        return visit.again(&EditorPage::plain(head, typed, sheet));
    }
    visit.page(&AskPage::of(&visit, head, typed).await?)
}

/// `POST /admin/agreements/{code}/text/publication`.
pub async fn publish(visit: Visit, Path(code): Path<String>, Posted(posted): Posted) -> Answer {
    visit.caller().require(Operation::PublishAgreementTemplate)?;
    let typed = Typed::of(&posted);
    let head = Head::of(&*named(&visit, &code).await?);
    match agreement::publish(visit.app(), visit.caller(), typed.text(&head.code)).await {
        Ok(_) => visit.onward(&head.address(), Some("done-agreement-published")),
        Err(Error::LostUpdate { .. }) => visit.again(&AskPage::of(&visit, head, typed).await?),
        Err(error) => visit.again(&EditorPage::of(&visit, head, typed).await?.refused(&visit, error).await?),
    }
}

impl AskPage {
    async fn of(visit: &Visit, head: Head, typed: Typed) -> Result<Self, Refusal> {
        let kind = named(visit, &head.code).await?;
        let texts = texts(visit, &kind).await?;
        let now = current(&texts, &typed.document);
        let version = now.map_or(0, |text| text.version);
        let current = |text: &agreement_template::Model| Current {
            version: text.version,
            by: author(visit.language(), text.published_by.as_deref()),
            at: Moment::of(visit.language(), text.published_at, visit.app().now()),
        };
        Ok(Self {
            head,
            next: version + 1,
            current: now.map(current),
            lost: typed.base != version,
            groups: difference::lines(now.map_or("", |text| &text.source), &typed.source),
            // Whoever has seen what differs publishes upon what is current now.
            typed: Typed { base: version, ..typed },
        })
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let typed = Typed {
        document: "门店合作协议".into(),
        position: "1".into(),
        source: sample::SOURCE.replace("五个工作日", "七个工作日"),
        base: 2,
        ..Typed::default()
    };
    let page = AskPage {
        head: sample::head(),
        next: 3,
        current: Some(Current { version: 2, by: Some("mei".into()), at: sample::moment() }),
        lost: false,
        groups: difference::lines(sample::SOURCE, &typed.source),
        typed,
    };
    let first = AskPage {
        next: 1,
        current: None,
        groups: difference::lines("", sample::SOURCE),
        typed: Typed { base: 0, ..page.typed.clone() },
        ..page.clone()
    };
    vec![
        Drawing::new("agreement-publish-lost", AskPage { lost: true, ..page.clone() }),
        Drawing::new("agreement-publish-same", AskPage { groups: Vec::new(), ..page.clone() }),
        Drawing::new("agreement-publish", page),
        Drawing::new("agreement-publish-first", first),
    ]
}
