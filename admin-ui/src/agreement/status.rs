//! `GET`, `POST /admin/agreements/{code}/status`: whether new flows may use a type.

use axum::extract::Path;
use esign_domain::{
    Error,
    agreement::{self, save::SaveType},
    caller::Operation,
};
use serde::Serialize;

use super::{Head, kind::kept, named, sample};
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
    head: Head,
    to: &'static str,
    problems: Problems,
}

impl Page for StatusPage {
    const TEMPLATE: &'static str = "agreement/status.html";
    const TITLE: &'static str = "agreement-disable";
    const PLACE: Place = Place::Agreements;

    fn title(&self) -> &'static str {
        if self.to == "on" { "agreement-enable" } else { Self::TITLE }
    }
}

/// `GET /admin/agreements/{code}/status?to=on`.
pub async fn ask(visit: Visit, Path(code): Path<String>) -> Answer {
    visit.caller().require(Operation::SaveAgreementType)?;
    let to = wanted(visit.query().text("to"))?;
    let head = Head::of(&*named(&visit, &code).await?);
    visit.page(&StatusPage { head, to, problems: Problems::default() })
}

/// `POST /admin/agreements/{code}/status`.
pub async fn set(visit: Visit, Path(code): Path<String>, Posted(posted): Posted) -> Answer {
    visit.caller().require(Operation::SaveAgreementType)?;
    let to = wanted(posted.text("to"))?;
    let kind = named(&visit, &code).await?;
    let input = SaveType { enabled: to == "on", ..kept(&kind)? };
    let expected = posted.parsed("version").unwrap_or_default();
    let done = if to == "on" { "done-agreement-enabled" } else { "done-agreement-disabled" };
    match agreement::save(visit.app(), visit.caller(), Some(expected), input).await {
        Ok(_) => visit.onward(&Head::of(&kind).address(), Some(done)),
        Err(error @ (Error::InvalidArgument(_) | Error::LostUpdate { .. })) => {
            let head = Head::of(&*named(&visit, &code).await?);
            visit.again(&StatusPage { head, to, problems: Problems::of(&visit, error)? })
        }
        Err(error) => Err(error.into()),
    }
}

fn wanted(name: &str) -> Result<&'static str, Refusal> {
    ["on", "off"].into_iter().find(|to| *to == name).ok_or_else(|| Error::NotFound.into())
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let page = |to| StatusPage { head: sample::head(), to, problems: Problems::default() };
    let lost = StatusPage { problems: Problems::whole("已被别人修改".into()), ..page("off") };
    vec![
        Drawing::new("agreement-enable", page("on")),
        Drawing::new("agreement-disable", page("off")),
        Drawing::new("agreement-disable-lost", lost),
    ]
}
