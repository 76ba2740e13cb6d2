//! `GET` and `POST /admin/flows/{id}/reveal`: one hidden value, for a reason, by somebody who has just shown who they are.

use axum::extract::Path;
use esign_domain::{
    Error,
    caller::Operation,
    flow::{
        query,
        staff::{self, PersonalField},
    },
};
use serde::Serialize;

use super::flow_id;
use crate::{
    fields::Fields,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Answer, Posted, Refusal, Visit},
};

/// The question, or the value.
#[derive(Debug, Clone, Serialize)]
pub struct RevealPage {
    pub id: String,
    pub flow_no: String,
    /// Which: its message is `personal-{field}`.
    pub field: &'static str,
    pub typed: Fields,
    pub problems: Problems,
    /// The value in the clear, this once.
    pub value: Option<String>,
}

impl Page for RevealPage {
    const TEMPLATE: &'static str = "flow/reveal.html";
    const TITLE: &'static str = "flow-reveal-title";
    const PLACE: Place = Place::Flows;
}

/// `GET /admin/flows/{id}/reveal?field=…`.
pub async fn ask(visit: Visit, Path(id): Path<String>) -> Answer {
    let page = question(&visit, &id, visit.query().clone()).await?;
    visit.page(&page)
}

/// `POST /admin/flows/{id}/reveal`. The value stands on the page that answers, this once.
pub async fn show(visit: Visit, Path(id): Path<String>, Posted(form): Posted) -> Answer {
    let reason = form.text("reason").to_owned();
    let page = question(&visit, &id, form).await?;
    let field = PersonalField::from_name(page.field).ok_or(Error::NotFound)?;
    match staff::reveal(visit.app(), visit.caller(), flow_id(&id)?, field, &reason).await {
        Ok(value) => visit.page(&RevealPage { value: Some(value), ..page }),
        Err(error) => visit.again(&RevealPage { problems: Problems::of(&visit, error)?, ..page }),
    }
}

async fn question(visit: &Visit, id: &str, typed: Fields) -> Result<RevealPage, Refusal> {
    visit.caller().require(Operation::RevealPersonal)?;
    let field = PersonalField::from_name(typed.text("field")).ok_or(Error::NotFound)?;
    let flow = query::by_id(visit.app(), visit.caller(), flow_id(id)?).await?.ok_or(Error::NotFound)?;
    visit.require_fresh(&format!("/admin/flows/{}/reveal?field={}", flow.id, field.as_str()))?;
    let problems = Problems::default();
    Ok(RevealPage {
        id: flow.id.to_string(),
        flow_no: flow.flow_no,
        field: field.as_str(),
        typed,
        problems,
        value: None,
    })
}
