//! `GET /admin/clients/new`, `POST /admin/clients`: a new one.

use axum::response::Response;
use esign_domain::{
    Error,
    caller::{Operation, Scope, client_default, scope_names},
    client::{ClientInput, register},
};
use serde::Serialize;

use crate::{
    fields::Fields,
    nav::Place,
    page::{Drawing, Page},
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

/// A box to be ticked.
#[derive(Debug, Clone, Serialize)]
struct Choice {
    name: &'static str,
    ticked: bool,
}

impl Page for NewPage {
    fn template(&self) -> &'static str {
        "client/new.html"
    }

    fn title(&self) -> &'static str {
        "client-new-title"
    }

    fn place(&self) -> Place {
        Place::Clients
    }
}

/// `GET /admin/clients/new`.
pub async fn form(visit: Visit) -> Result<Response, Refusal> {
    visit.caller().require(Operation::CreateClient)?;
    visit.page(&page(Fields::default(), &scope_names(&client_default()), Problems::default()))
}

/// `POST /admin/clients`. The new one's secret is shown on the page that answers, this once.
pub async fn create(visit: Visit, Posted(form): Posted) -> Result<Response, Refusal> {
    let scopes: Vec<String> = form.all("scope").map(ToOwned::to_owned).collect();
    let input = ClientInput {
        code: form.text("code").into(),
        name: form.text("name").into(),
        scopes: scopes.clone(),
        ..ClientInput::default()
    };
    match register::register(visit.app(), visit.caller(), input).await {
        Ok(made) => visit.onward(&format!("/admin/clients/{}", made.client.id), None),
        Err(error @ (Error::InvalidArgument(_) | Error::AlreadyExists { .. })) => {
            let problems = Problems::of(&visit, error)?;
            visit.again(&page(form, &scopes, problems))
        }
        Err(error) => Err(error.into()),
    }
}

fn page(typed: Fields, ticked: &[String], problems: Problems) -> NewPage {
    let choice =
        |scope: &Scope| Choice { name: scope.as_str(), ticked: ticked.iter().any(|name| name == scope.as_str()) };
    NewPage { typed, scopes: Scope::ALL.iter().map(choice).collect(), problems }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let typed = Fields::read(b"code=Yun%20Fan&name=");
    let problems =
        Problems::default().and("code", "2–32 位小写字母、数字或连字符".into()).and("name", "不能为空".into());
    vec![
        Drawing::new("client-new", page(Fields::default(), &scope_names(&client_default()), Problems::default())),
        Drawing::new("client-new-wrong", page(typed.clone(), &[], problems)),
        Drawing::new("client-new-taken", page(typed, &[], Problems::whole("已有同名的".into()))),
    ]
}
