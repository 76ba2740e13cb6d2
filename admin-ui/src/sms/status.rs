//! `GET`, `POST /admin/sms-templates/{id}/status`: into use or out of it, with what that changes.

use axum::extract::Path;
use esign_domain::{
    Error,
    caller::Operation,
    decision::{self, impact::Change},
    ids::SmsTemplateId,
    sms::{
        entity::sms_template,
        template::{self, query},
    },
    terms::TemplateStatus,
};
use serde::Serialize;

use super::{address, look::Look, named, sample, show::Cell};
use crate::{
    drawing::Drawing,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Answer, Posted, Refusal, Visit},
};

/// The question.
#[derive(Debug, Clone, Serialize)]
pub struct StatusPage {
    id: String,
    name: String,
    version: i32,
    to: &'static str,
    /// Cells that get another template.
    changes: Vec<Changed>,
    /// How many of them are left with none.
    holes: usize,
    /// What carriers would say; only asked on the way into use.
    look: Look,
    conflict: Option<Conflict>,
    problems: Problems,
}

/// A cell that gets another template.
#[derive(Debug, Clone, Serialize)]
struct Changed {
    cell: Cell,
    before: Option<String>,
    after: Option<String>,
}

/// What is in the way.
#[derive(Debug, Clone, Serialize)]
pub struct Conflict {
    /// Its page.
    pub href: String,
    /// What it is called.
    pub name: String,
}

impl Page for StatusPage {
    const TEMPLATE: &'static str = "sms/status.html";
    const TITLE: &'static str = "sms-disable";
    const PLACE: Place = Place::Sms;

    fn title(&self) -> &'static str {
        if self.to == "ENABLED" { "sms-enable" } else { Self::TITLE }
    }
}

/// The template that an error says is in the way.
pub async fn conflict(visit: &Visit, error: &Error) -> Result<Option<Conflict>, Refusal> {
    let Error::AlreadyExists { conflicts_with } = error else { return Ok(None) };
    let Ok(id) = conflicts_with.parse::<SmsTemplateId>() else { return Ok(None) };
    let other = query::by_id(visit.app(), visit.caller(), id).await?;
    Ok(other.map(|other| Conflict { href: address(other.id), name: other.name }))
}

/// `GET /admin/sms-templates/{id}/status?to=ENABLED`.
pub async fn ask(visit: Visit, Path(id): Path<String>) -> Answer {
    visit.caller().require(Operation::SetSmsTemplateStatus)?;
    let to = wanted(visit.query().text("to"))?;
    let template = named(&visit, &id).await?;
    visit.page(&StatusPage::of(&visit, &template, to).await?)
}

/// `POST /admin/sms-templates/{id}/status`.
pub async fn set(visit: Visit, Path(id): Path<String>, Posted(posted): Posted) -> Answer {
    visit.caller().require(Operation::SetSmsTemplateStatus)?;
    let to = wanted(posted.text("to"))?;
    let kept = named(&visit, &id).await?;
    let expected = posted.parsed("version").unwrap_or_default();
    let done = if to == TemplateStatus::Enabled { "done-sms-enabled" } else { "done-sms-disabled" };
    match template::set_status(visit.app(), visit.caller(), kept.id, expected, to).await {
        Ok(_) => visit.onward(&address(kept.id), Some(done)),
        Err(
            error @ (Error::InvalidArgument(_)
            | Error::AlreadyExists { .. }
            | Error::LostUpdate { .. }
            | Error::StateConflict { .. }),
        ) => {
            let page = StatusPage::of(&visit, &named(&visit, &id).await?, to).await?;
            let conflict = conflict(&visit, &error).await?.or(page.conflict);
            visit.again(&StatusPage { conflict, problems: Problems::of(&visit, error)?, ..page })
        }
        Err(error) => Err(error.into()),
    }
}

fn wanted(name: &str) -> Result<TemplateStatus, Refusal> {
    let status = TemplateStatus::ALL.iter().copied().find(|status| status.as_str() == name);
    Ok(status.filter(|status| *status != TemplateStatus::Draft).ok_or(Error::NotFound)?)
}

impl StatusPage {
    async fn of(visit: &Visit, template: &sms_template::Model, to: TemplateStatus) -> Result<Self, Refusal> {
        let content = template.content()?;
        let enables = to == TemplateStatus::Enabled;
        let look = if enables { Look::at(visit, &content).await? } else { Look::default() };
        let planned = enables.then_some(content);
        let (changes, conflict) =
            match decision::sms_template_impact(visit.app(), visit.caller(), Some(template.id), planned).await {
                Ok(changes) => (changes, None),
                Err(error @ Error::AlreadyExists { .. }) => (Vec::new(), conflict(visit, &error).await?),
                Err(Error::InvalidArgument(_)) => (Vec::new(), None),
                Err(error) => return Err(error.into()),
            };
        Ok(Self {
            id: template.id.to_string(),
            name: template.name.clone(),
            version: template.version,
            to: to.as_str(),
            holes: changes.iter().filter(|change| change.after.is_none()).count(),
            changes: changes.iter().map(Changed::of).collect(),
            look,
            conflict,
            problems: Problems::default(),
        })
    }
}

impl Changed {
    fn of(change: &Change<sms_template::Model>) -> Self {
        Self {
            cell: Cell::of(&change.question),
            before: change.before.as_ref().map(|template| template.name.clone()),
            after: change.after.as_ref().map(|template| template.name.clone()),
        }
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let question = |subject_type| esign_domain::selector::Question {
        scene: esign_domain::terms::Scene::MemberSettlement,
        subject_type,
        agreement_type: "SETTLEMENT_MANDATE".into(),
    };
    let changed = |subject_type, before: Option<&str>, after: Option<&str>| Changed {
        cell: Cell::of(&question(subject_type)),
        before: before.map(Into::into),
        after: after.map(Into::into),
    };
    let (company, person) = (esign_domain::terms::SubjectType::Corporate, esign_domain::terms::SubjectType::Individual);
    let page = |to, changes: Vec<Changed>| StatusPage {
        id: sample::ID.into(),
        name: "会员结算签约邀请".into(),
        version: 4,
        to,
        holes: changes.iter().filter(|change| change.after.is_none()).count(),
        changes,
        look: if to == "ENABLED" { sample::look(false) } else { Look::default() },
        conflict: None,
        problems: Problems::default(),
    };
    let mine = Some("会员结算签约邀请");
    let in_the_way = Conflict { href: "/admin/sms-templates".into(), name: "旧版会员结算".into() };
    let problems = Problems::default().and("body", "没有叫 expireAt 的变量".into());
    let enables = || vec![changed(company, Some("通用签约邀请"), mine), changed(person, None, mine)];
    vec![
        Drawing::new("sms-enable", page("ENABLED", enables())),
        Drawing::new(
            "sms-disable",
            page("DISABLED", vec![changed(company, mine, Some("通用签约邀请")), changed(person, mine, None)]),
        ),
        Drawing::new(
            "sms-enable-blocked",
            StatusPage { look: sample::look(true), problems, ..page("ENABLED", enables()) },
        ),
        Drawing::new("sms-enable-taken", StatusPage { conflict: Some(in_the_way), ..page("ENABLED", Vec::new()) }),
    ]
}
