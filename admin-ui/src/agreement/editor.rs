//! The editor of a text: `GET /admin/agreements/{code}/text?document=…`, and `POST` to see it laid out or take its PDF.

use std::collections::BTreeMap;

use axum::{
    extract::Path,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use esign_domain::{
    Error,
    agreement::{self, preview::ShowTo, publish::PublishText},
    caller::Operation,
    ids::AgreementTemplateId,
    terms::SubjectType,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::{Head, current, named, sample, sheet::Sheet, texts};
use crate::{
    drawing::Drawing,
    fields::Fields,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Answer, Posted, Refusal, Visit},
};

/// A text to begin with.
const STARTER: &str = include_str!("../../assets/starter.typ");

/// What stands in the fields.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Typed {
    pub document: String,
    pub position: String,
    pub source: String,
    /// The version it is written upon; 0 for a new document.
    pub base: i32,
    pub subject_type: String,
    pub values: BTreeMap<String, String>,
}

/// The editor.
#[derive(Debug, Clone, Serialize)]
pub struct EditorPage {
    head: Head,
    typed: Typed,
    sheet: Sheet,
    problems: Problems,
    /// Which document has the place that this one wants.
    conflict: Option<String>,
    /// Seconds until it can be published.
    wait: Option<i64>,
}

impl Page for EditorPage {
    const TEMPLATE: &'static str = "agreement/editor.html";
    const TITLE: &'static str = "agreement-text";
    const PLACE: Place = Place::Agreements;
}

impl Typed {
    /// What was typed. Browsers send lines that end in two characters.
    pub fn of(form: &Fields) -> Self {
        let pairs = form.all("variable").zip(form.all("value"));
        let values = pairs.filter(|(_, value)| !value.is_empty());
        Self {
            document: form.text("document").to_owned(),
            position: form.text("position").to_owned(),
            source: form.exact("source").replace("\r\n", "\n"),
            base: form.parsed("base").unwrap_or_default(),
            subject_type: form.text("subjectType").to_owned(),
            values: values.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }

    /// As the verbs take it.
    pub fn text(&self, code: &str) -> PublishText {
        PublishText {
            agreement_type: code.to_owned(),
            document_name: self.document.clone(),
            position: self.position.parse().unwrap_or_default(),
            source: self.source.clone(),
            based_on: Some(self.base),
        }
    }

    /// Whose sample is shown, and what it says.
    pub fn to(&self) -> ShowTo {
        let subject_type = SubjectType::ALL.iter().copied().find(|kind| kind.as_str() == self.subject_type);
        ShowTo { subject_type, values: self.values.clone() }
    }
}

impl EditorPage {
    /// With how the text would come out.
    pub async fn of(visit: &Visit, head: Head, typed: Typed) -> Result<Self, Refusal> {
        let sheet = Sheet::of(visit, &typed.text(&head.code), &typed.to()).await?;
        Ok(Self::plain(head, typed, sheet))
    }

    /// The same when that is known already.
    pub fn plain(head: Head, typed: Typed, sheet: Sheet) -> Self {
        Self { head, typed, sheet, problems: Problems::default(), conflict: None, wait: None }
    }

    /// With what publishing refused; what is no fault of the form stays an error.
    pub async fn refused(self, visit: &Visit, error: Error) -> Result<Self, Refusal> {
        match error {
            Error::RateLimited { retry_after_seconds } => {
                let problems = Problems::whole(error.message(visit.lang()));
                Ok(Self { problems, wait: Some(retry_after_seconds), ..self })
            }
            Error::AlreadyExists { ref conflicts_with } => {
                let kind = named(visit, &self.head.code).await?;
                let id: Option<AgreementTemplateId> = conflicts_with.parse().ok();
                let holder = texts(visit, &kind).await?.into_iter().find(|text| Some(text.id) == id);
                let conflict = holder.map(|text| text.document_name);
                Ok(Self { problems: Problems::of(visit, error)?, conflict, ..self })
            }
            error => Ok(Self { problems: Problems::of(visit, error)?, ..self }),
        }
    }
}

/// `GET /admin/agreements/{code}/text`: a document's newest version, or the beginning of a new document.
pub async fn form(visit: Visit, Path(code): Path<String>) -> Answer {
    visit.caller().require(Operation::PublishAgreementTemplate)?;
    let kind = named(&visit, &code).await?;
    let texts = texts(&visit, &kind).await?;
    let typed = if let Some(name) = visit.query().given("document") {
        let text = current(&texts, name).ok_or(Error::NotFound)?;
        Typed {
            document: text.document_name.clone(),
            position: text.position.to_string(),
            source: text.source.clone(),
            base: text.version,
            ..Typed::default()
        }
    } else {
        let last = texts.iter().map(|text| text.position).max().unwrap_or_default();
        Typed { position: (last + 1).to_string(), source: STARTER.to_owned(), ..Typed::default() }
    };
    visit.page(&EditorPage::plain(Head::of(&kind), typed, Sheet::default()))
}

/// `POST /admin/agreements/{code}/text/preview`.
pub async fn preview(visit: Visit, Path(code): Path<String>, Posted(posted): Posted) -> Answer {
    let head = Head::of(&*named(&visit, &code).await?);
    visit.page(&EditorPage::of(&visit, head, Typed::of(&posted)).await?)
}

/// `POST /admin/agreements/{code}/text/pdf`: the file as it would be sealed; the editor with what is wrong, if anything is.
pub async fn pdf(visit: Visit, Path(code): Path<String>, Posted(posted): Posted) -> Answer {
    let head = Head::of(&*named(&visit, &code).await?);
    let typed = Typed::of(&posted);
    match agreement::preview(visit.app(), visit.caller(), &typed.text(&head.code), &typed.to()).await {
        Ok(preview) => {
            if let Some(pdf) = preview.pdf {
                return Ok(file(&typed.document, pdf));
            }
            let sheet = Sheet::from(&preview, &typed.source, &typed.values, visit.lang());
            visit.again(&EditorPage::plain(head, typed, sheet))
        }
        Err(Error::RateLimited { .. } | Error::InvalidArgument(_)) => {
            visit.again(&EditorPage::of(&visit, head, typed).await?)
        }
        Err(error) => Err(error.into()),
    }
}

fn file(name: &str, pdf: Vec<u8>) -> axum::response::Response {
    let name = utf8_percent_encode(if name.is_empty() { "preview" } else { name }, NON_ALPHANUMERIC);
    let disposition = format!("attachment; filename=\"preview.pdf\"; filename*=UTF-8''{name}.pdf");
    let disposition = disposition.parse().unwrap_or(HeaderValue::from_static("attachment"));
    let pdf_type = HeaderValue::from_static("application/pdf");
    ([(header::CONTENT_TYPE, pdf_type), (header::CONTENT_DISPOSITION, disposition)], pdf).into_response()
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let typed = Typed {
        document: "门店合作协议".into(),
        position: "1".into(),
        source: sample::SOURCE.into(),
        base: 2,
        ..Typed::default()
    };
    let page = |wrong| EditorPage::plain(sample::head(), typed.clone(), sample::sheet(wrong));
    let fresh = Typed { position: "2".into(), source: STARTER.into(), ..Typed::default() };
    let problems = Problems::default().and("documentName", "1–200 个字".into()).and("position", "1 到 99".into());
    let taken = EditorPage {
        problems: Problems::whole("已存在".into()),
        conflict: Some("附件一 收费标准".into()),
        ..page(false)
    };
    vec![
        Drawing::new("agreement-text", page(false)),
        Drawing::new("agreement-text-wrong", page(true)),
        Drawing::new("agreement-text-new", EditorPage::plain(sample::head(), fresh.clone(), sample::sheet(false))),
        Drawing::new(
            "agreement-text-refused",
            EditorPage { problems, ..EditorPage::plain(sample::head(), fresh, sample::sheet(false)) },
        ),
        Drawing::new("agreement-text-taken", taken),
    ]
}
