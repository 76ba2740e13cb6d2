//! A type itself: `GET /admin/agreements/new`, `…/{code}/edit`, and `POST` to make or change it.

use axum::extract::Path;
use esign_domain::{
    Error,
    agreement::{self, entity::agreement_type, save::SaveType},
    caller::Operation,
    terms::{Scene, SubjectType},
};
use serde::Serialize;

use super::{Head, named, sample};
use crate::{
    drawing::Drawing,
    fields::Fields,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Answer, Posted, Refusal, Visit},
};

/// The form.
#[derive(Debug, Clone, Serialize)]
pub struct KindPage {
    /// The type as kept; none: it is a new one.
    head: Option<Head>,
    code: String,
    name: String,
    scenes: Vec<Choice>,
    subject_types: Vec<Choice>,
    problems: Problems,
    /// Somebody changed it meanwhile: what is kept is what they made of it.
    lost: bool,
    /// Seconds until its texts can be tried.
    wait: Option<i64>,
    /// The address of the type that has this code.
    conflict: Option<String>,
}

/// A box to be ticked.
#[derive(Debug, Clone, Serialize)]
struct Choice {
    name: &'static str,
    ticked: bool,
}

impl Page for KindPage {
    const TEMPLATE: &'static str = "agreement/kind.html";
    const TITLE: &'static str = "agreement-edit";
    const PLACE: Place = Place::Agreements;

    fn title(&self) -> &'static str {
        if self.head.is_none() { "agreement-new" } else { Self::TITLE }
    }
}

impl KindPage {
    fn of(head: Option<Head>, input: &SaveType) -> Self {
        let scene = |scene: &Scene| Choice { name: scene.as_str(), ticked: input.scenes.contains(scene) };
        let kind = |kind: &SubjectType| Choice { name: kind.as_str(), ticked: input.subject_types.contains(kind) };
        Self {
            head,
            code: input.code.clone(),
            name: input.name.clone(),
            scenes: Scene::ALL.iter().map(scene).collect(),
            subject_types: SubjectType::ALL.iter().map(kind).collect(),
            problems: Problems::default(),
            lost: false,
            wait: None,
            conflict: None,
        }
    }

    /// With what the verb refused; what is no fault of the form stays an error.
    fn refused(self, visit: &Visit, error: Error) -> Result<Self, Refusal> {
        match error {
            Error::RateLimited { retry_after_seconds } => {
                let problems = Problems::whole(error.message(visit.lang()));
                Ok(Self { problems, wait: Some(retry_after_seconds), ..self })
            }
            Error::AlreadyExists { .. } => {
                let conflict = Some(format!("/admin/agreements/{}", self.code));
                Ok(Self { problems: Problems::of(visit, error)?, conflict, ..self })
            }
            error => Ok(Self { problems: Problems::of(visit, error)?, ..self }),
        }
    }
}

/// `GET /admin/agreements/new`.
pub async fn fresh(visit: Visit) -> Answer {
    visit.caller().require(Operation::SaveAgreementType)?;
    visit.page(&KindPage::of(None, &typed(&Fields::default(), String::new(), true)))
}

/// `GET /admin/agreements/{code}/edit`.
pub async fn form(visit: Visit, Path(code): Path<String>) -> Answer {
    visit.caller().require(Operation::SaveAgreementType)?;
    let kind = named(&visit, &code).await?;
    visit.page(&KindPage::of(Some(Head::of(&kind)), &kept(&kind)?))
}

/// `POST /admin/agreements`. Flows can't use it before a text is published, so it is enabled from the first.
pub async fn create(visit: Visit, Posted(posted): Posted) -> Answer {
    let input = typed(&posted, posted.text("code").to_owned(), true);
    match agreement::save(visit.app(), visit.caller(), None, input.clone()).await {
        Ok(made) => visit.onward(&format!("/admin/agreements/{}", made.code), Some("done-agreement-made")),
        Err(Error::Forbidden) => Err(Error::Forbidden.into()),
        Err(error) => visit.again(&KindPage::of(None, &input).refused(&visit, error)?),
    }
}

/// `POST /admin/agreements/{code}`.
pub async fn update(visit: Visit, Path(code): Path<String>, Posted(posted): Posted) -> Answer {
    visit.caller().require(Operation::SaveAgreementType)?;
    let kind = named(&visit, &code).await?;
    let input = typed(&posted, kind.code.clone(), kind.enabled);
    let expected = posted.parsed("version").unwrap_or_default();
    match agreement::save(visit.app(), visit.caller(), Some(expected), input.clone()).await {
        Ok(_) => visit.onward(&Head::of(&kind).address(), Some("done-agreement-saved")),
        Err(Error::LostUpdate { .. }) => {
            let now = Head::of(&*named(&visit, &code).await?);
            visit.again(&KindPage { lost: true, ..KindPage::of(Some(now), &input) })
        }
        Err(error) => {
            let head = Head { version: expected, ..Head::of(&kind) };
            visit.again(&KindPage::of(Some(head), &input).refused(&visit, error)?)
        }
    }
}

/// What was typed, as the verb takes it.
fn typed(form: &Fields, code: String, enabled: bool) -> SaveType {
    let ticked = |name: &str, value: &str| form.all(name).any(|ticked| ticked == value);
    SaveType {
        code,
        name: form.text("name").to_owned(),
        scenes: Scene::ALL.iter().copied().filter(|scene| ticked("scene", scene.as_str())).collect(),
        subject_types: SubjectType::ALL.iter().copied().filter(|it| ticked("subjectType", it.as_str())).collect(),
        enabled,
    }
}

/// What is kept, as the verb takes it.
pub fn kept(kind: &agreement_type::Model) -> Result<SaveType, Refusal> {
    let audience = kind.audience()?;
    Ok(SaveType {
        code: kind.code.clone(),
        name: kind.name.clone(),
        scenes: audience.scenes,
        subject_types: audience.subject_types,
        enabled: kind.enabled,
    })
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let input = SaveType {
        code: "STORE_AGREEMENT".into(),
        name: "门店合作协议".into(),
        scenes: vec![Scene::Collection],
        subject_types: vec![SubjectType::Corporate],
        enabled: true,
    };
    let blank = typed(&Fields::default(), "store".into(), true);
    let problems = Problems::default()
        .and("code", "1–64 位 A–Z、0–9 或下划线".into())
        .and("name", "1–200 个字".into())
        .and("scenes", "至少一项".into())
        .and("subjectTypes", "文件《门店合作协议》无法排版：缺少 seal_company".into());
    let taken = KindPage {
        problems: Problems::whole("已存在".into()),
        conflict: Some("/admin/agreements/STORE_AGREEMENT".into()),
        ..KindPage::of(None, &input)
    };
    vec![
        Drawing::new("agreement-new", KindPage::of(None, &typed(&Fields::default(), String::new(), true))),
        Drawing::new("agreement-new-wrong", KindPage { problems, ..KindPage::of(None, &blank) }),
        Drawing::new("agreement-new-taken", taken),
        Drawing::new("agreement-edit", KindPage::of(Some(sample::head()), &input)),
        Drawing::new("agreement-edit-lost", KindPage { lost: true, ..KindPage::of(Some(sample::head()), &input) }),
    ]
}
