//! `GET /admin/clients/new`, `POST /admin/clients`: a new one.

use axum::response::Response;
use esign_domain::{
    Caller, Error,
    caller::{Operation, client_default, scope_names},
    client::{ClientInput, register},
};
use serde::Serialize;

use super::{
    form::{Choice, gathered, scope_choices},
    secret::{Kind, SecretPage},
};
use crate::{
    drawing::Drawing,
    fields::Fields,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Posted, Refusal, Visit},
};

/// The form.
#[derive(Debug, Clone, Serialize)]
pub struct NewPage {
    typed: Fields,
    scopes: Vec<Choice>,
    problems: Problems,
}

impl Page for NewPage {
    const TEMPLATE: &'static str = "client/new.html";
    const TITLE: &'static str = "client-new-title";
    const PLACE: Place = Place::Clients;
}

/// `GET /admin/clients/new`. The password is asked for first, because a secret comes of it; what was typed before it had
/// to be asked for again comes back in the query.
pub async fn form(visit: Visit) -> Result<Response, Refusal> {
    visit.caller().require(Operation::CreateClient)?;
    visit.require_fresh(&visit.query().link("/admin/clients/new"))?;
    let typed = visit.query().clone();
    let ticked: Vec<_> = typed.all("scope").map(ToOwned::to_owned).collect();
    let ticked = if ticked.is_empty() { scope_names(&client_default()) } else { ticked };
    visit.page(&page(visit.caller(), typed, &ticked, Problems::default()))
}

/// `POST /admin/clients`. The new one's secret is shown on the page that answers, this once.
pub async fn create(visit: Visit, Posted(form): Posted) -> Result<Response, Refusal> {
    visit.caller().require(Operation::CreateClient)?;
    visit.require_fresh(&form.link("/admin/clients/new"))?;
    let scopes: Vec<String> = form.all("scope").map(ToOwned::to_owned).collect();
    let input = ClientInput {
        code: form.text("code").into(),
        name: form.text("name").into(),
        scopes: scopes.clone(),
        ..ClientInput::default()
    };
    match register::register(visit.app(), visit.caller(), input).await {
        Ok(made) => visit.page(&SecretPage::of(&made.client, &made.secret, Kind::First)),
        Err(error @ (Error::InvalidArgument(_) | Error::AlreadyExists { .. })) => {
            let problems = gathered(&Problems::of(&visit, error)?, &form);
            visit.again(&page(visit.caller(), form, &scopes, problems))
        }
        Err(error) => Err(error.into()),
    }
}

fn page(caller: &Caller, typed: Fields, ticked: &[String], problems: Problems) -> NewPage {
    NewPage { typed, scopes: scope_choices(caller, ticked), problems }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let page = |typed: Fields, ticked: &[String], problems| page(&Caller::System, typed, ticked, problems);
    let typed = Fields::read(b"code=Yun%20Fan&name=");
    let problems =
        Problems::default().and("code", "2–32 位小写字母、数字或连字符".into()).and("name", "不能为空".into());
    vec![
        Drawing::new("client-new", page(Fields::default(), &scope_names(&client_default()), Problems::default())),
        Drawing::new("client-new-wrong", page(typed.clone(), &[], problems)),
        Drawing::new("client-new-taken", page(typed, &[], Problems::whole("已有同名的".into()))),
    ]
}
