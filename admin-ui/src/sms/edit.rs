//! The editor: `GET /admin/sms-templates/new`, `…/{id}/edit`; `POST` to save, and to look at what is written so far.

use axum::extract::Path;
use esign_domain::{
    Error,
    caller::Operation,
    sms::{
        entity::sms_template,
        sample::VARIABLES,
        template::{self, TemplateInput},
    },
    terms::{Scene, SubjectType},
};
use serde::Serialize;

use super::{
    address,
    form::{self, Choice, Typed},
    look::Look,
    named, sample,
    status::{Conflict, conflict},
};
use crate::{
    author::author,
    difference::{self, Span},
    drawing::Drawing,
    fields::Fields,
    moment::Moment,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Answer, Posted, Refusal, Visit},
};

/// The editor.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EditPage {
    /// None: it is a new one.
    id: Option<String>,
    /// Its name and status as kept.
    name: String,
    status: &'static str,
    /// The version that is changed.
    version: i32,
    typed: Typed,
    scenes: Vec<&'static str>,
    subject_types: Vec<&'static str>,
    agreements: Vec<Choice>,
    variables: Vec<&'static str>,
    look: Look,
    problems: Problems,
    /// What somebody else made of it meanwhile.
    lost: Option<Lost>,
    conflict: Option<Conflict>,
}

/// What a template became while it was edited.
#[derive(Debug, Clone, Serialize)]
struct Lost {
    version: i32,
    by: Option<String>,
    at: Moment,
    /// From their text to this one.
    body: Vec<Span>,
    /// What stands otherwise besides: which field, and what it says now.
    others: Vec<(&'static str, String)>,
}

impl Page for EditPage {
    const TEMPLATE: &'static str = "sms/edit.html";
    const TITLE: &'static str = "sms-edit";
    const PLACE: Place = Place::Sms;

    fn title(&self) -> &'static str {
        if self.id.is_none() { "sms-new" } else { Self::TITLE }
    }
}

impl EditPage {
    fn blank() -> Self {
        Self {
            scenes: Scene::ALL.iter().map(|scene| scene.as_str()).collect(),
            subject_types: SubjectType::ALL.iter().map(|kind| kind.as_str()).collect(),
            variables: VARIABLES.to_vec(),
            ..Self::default()
        }
    }

    fn of(template: &sms_template::Model) -> Self {
        Self {
            id: Some(template.id.to_string()),
            name: template.name.clone(),
            status: template.status.as_str(),
            version: template.version,
            ..Self::blank()
        }
    }

    /// With what was typed, and what it looks like.
    async fn with(self, visit: &Visit, posted: &Fields) -> Result<Self, Refusal> {
        let typed = Typed::posted(posted, &visit.app().settings.sms.gateways);
        let look = Look::at(visit, &form::input(posted)).await?;
        Ok(Self { typed, look, agreements: form::agreements(visit).await?, ..self })
    }

    /// With what a verb refused; what is no fault of the form stays an error.
    async fn refused(self, visit: &Visit, error: Error) -> Result<Self, Refusal> {
        let conflict = conflict(visit, &error).await?;
        Ok(Self { problems: form::renamed(Problems::of(visit, error)?), conflict, ..self })
    }
}

/// `GET /admin/sms-templates/new`.
pub async fn fresh(visit: Visit) -> Answer {
    visit.caller().require(Operation::CreateSmsTemplate)?;
    let typed = Typed::fresh(&visit.app().settings.sms.gateways);
    visit.page(&EditPage { typed, agreements: form::agreements(&visit).await?, ..EditPage::blank() })
}

/// `GET /admin/sms-templates/{id}/edit`.
pub async fn form(visit: Visit, Path(id): Path<String>) -> Answer {
    visit.caller().require(Operation::UpdateSmsTemplate)?;
    let template = named(&visit, &id).await?;
    let content = template.content()?;
    visit.page(&EditPage {
        typed: Typed::kept(&content, &visit.app().settings.sms.gateways),
        look: Look::at(&visit, &content).await?,
        agreements: form::agreements(&visit).await?,
        ..EditPage::of(&template)
    })
}

/// `POST /admin/sms-templates/preview`: a new one as it is written so far.
pub async fn preview_new(visit: Visit, Posted(posted): Posted) -> Answer {
    visit.page(&EditPage::blank().with(&visit, &posted).await?)
}

/// `POST /admin/sms-templates/{id}/preview`: the same of one that is changed.
pub async fn preview(visit: Visit, Path(id): Path<String>, Posted(posted): Posted) -> Answer {
    let kept = EditPage::of(&named(&visit, &id).await?);
    // The version stays the one that was opened, so that saving still finds out who was first.
    let version = posted.parsed("version").unwrap_or(kept.version);
    visit.page(&EditPage { version, ..kept }.with(&visit, &posted).await?)
}

/// `POST /admin/sms-templates`.
pub async fn create(visit: Visit, Posted(posted): Posted) -> Answer {
    match template::create(visit.app(), visit.caller(), form::input(&posted)).await {
        Ok(made) => visit.onward(&address(made.id), Some("done-sms-made")),
        Err(error @ Error::InvalidArgument(_)) => {
            visit.again(&EditPage::blank().with(&visit, &posted).await?.refused(&visit, error).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /admin/sms-templates/{id}`.
pub async fn update(visit: Visit, Path(id): Path<String>, Posted(posted): Posted) -> Answer {
    visit.caller().require(Operation::UpdateSmsTemplate)?;
    let kept = named(&visit, &id).await?;
    let expected = posted.parsed("version").unwrap_or_default();
    match template::update(visit.app(), visit.caller(), kept.id, expected, form::input(&posted)).await {
        Ok(_) => visit.onward(&address(kept.id), Some("done-sms-saved")),
        Err(Error::LostUpdate { .. }) => {
            let now = named(&visit, &id).await?;
            let lost = Some(Lost::of(&visit, &now, &form::input(&posted).trimmed())?);
            visit.again(&EditPage { lost, ..EditPage::of(&now).with(&visit, &posted).await? })
        }
        Err(error @ (Error::InvalidArgument(_) | Error::AlreadyExists { .. })) => {
            let page = EditPage { version: expected, ..EditPage::of(&kept) };
            visit.again(&page.with(&visit, &posted).await?.refused(&visit, error).await?)
        }
        Err(error) => Err(error.into()),
    }
}

impl Lost {
    fn of(visit: &Visit, now: &sms_template::Model, typed: &TemplateInput) -> Result<Self, Refusal> {
        let kept = now.content()?;
        let any = || "*".to_owned();
        let (theirs, ours) = (&kept.selector, &typed.selector);
        let scene = (theirs.scene != ours.scene).then(|| theirs.scene.map_or_else(any, |it| it.as_str().into()));
        let kind = (theirs.subject_type != ours.subject_type)
            .then(|| theirs.subject_type.map_or_else(any, |it| it.as_str().into()));
        let agreement =
            (theirs.agreement_type != ours.agreement_type).then(|| theirs.agreement_type.clone().unwrap_or_else(any));
        let others = [
            ("sms-name", (kept.name != typed.name).then_some(kept.name)),
            ("sms-scene", scene),
            ("sms-subject-type", kind),
            ("sms-agreement-type", agreement),
            ("sms-sign", (kept.sign_name != typed.sign_name).then(|| kept.sign_name.unwrap_or_else(any))),
        ];
        Ok(Self {
            version: now.version,
            by: author(visit.language(), now.updated_by.as_deref()),
            at: Moment::of(visit.language(), now.updated_at, visit.app().now()),
            body: difference::characters(&kept.body, &typed.body),
            others: others.into_iter().filter_map(|(field, said)| Some((field, said?))).collect(),
        })
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let content = sample::content();
    let page = |wrong| EditPage {
        id: Some(sample::ID.into()),
        name: content.name.clone(),
        status: "ENABLED",
        version: 4,
        typed: Typed::kept(&content, &sample::gateways()),
        look: sample::look(wrong),
        agreements: sample::agreements(),
        ..EditPage::blank()
    };
    let lost = Lost {
        version: 5,
        by: Some("mei".into()),
        at: sample::moment(),
        body: difference::characters(&sample::BODY.replace("客服", "客户经理"), sample::BODY),
        others: vec![("sms-sign", "云帆".into())],
    };
    let problems = Problems::default()
        .and("name", "1–200 个字".into())
        .and("body", "没有叫 expireAt 的变量".into())
        .and("gatewayTemplates.0.code", "1–64 个字".into());
    let typed = Typed::fresh(&sample::gateways());
    vec![
        Drawing::new("sms-edit", page(true)),
        Drawing::new("sms-edit-wrong", EditPage { problems, ..page(true) }),
        Drawing::new("sms-edit-lost", EditPage { lost: Some(lost), ..page(false) }),
        Drawing::new("sms-new", EditPage { typed, agreements: sample::agreements(), ..EditPage::blank() }),
    ]
}
