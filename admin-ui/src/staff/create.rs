//! `GET /admin/staff/new`, `POST /admin/staff`: a new account, and its password, shown once.

use axum::response::Response;
use esign_config::Secret;
use esign_domain::{
    caller::{Operation, Role},
    staff::register::{self, Credentials, NewStaff},
};
use serde::Serialize;

use crate::{
    drawing::Drawing,
    fields::Fields,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Posted, Refusal, Visit},
};

/// The roles, the least first: who is in doubt takes less.
pub(super) const ROLES: [&str; 3] = ["auditor", "operator", "admin"];

/// The form.
#[derive(Debug, Clone, Serialize)]
pub struct NewPage {
    typed: Fields,
    roles: [&'static str; 3],
    problems: Problems,
}

/// A password that was made, shown this once.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordPage {
    id: String,
    name: String,
    password: String,
    /// Whether the account is new too.
    is_new: bool,
}

impl Page for NewPage {
    const TEMPLATE: &'static str = "staff/new.html";
    const TITLE: &'static str = "staff-new";
    const PLACE: Place = Place::Staff;
}

impl Page for PasswordPage {
    const TEMPLATE: &'static str = "staff/password.html";
    const TITLE: &'static str = "staff-password-title";
    const PLACE: Place = Place::Staff;
}

impl PasswordPage {
    pub(super) fn of(made: &Credentials, is_new: bool) -> Self {
        let (id, name) = (made.staff.id.to_string(), made.staff.name.clone());
        Self { id, name, password: made.password.expose().to_owned(), is_new }
    }
}

/// `GET /admin/staff/new`.
pub async fn form(visit: Visit) -> Result<Response, Refusal> {
    visit.caller().require(Operation::CreateStaff)?;
    visit.require_fresh("/admin/staff/new")?;
    visit.page(&page(Fields::default(), Problems::default()))
}

/// `POST /admin/staff`. The password is shown on the page that answers, this once.
pub async fn create(visit: Visit, Posted(form): Posted) -> Result<Response, Refusal> {
    visit.caller().require(Operation::CreateStaff)?;
    visit.require_fresh("/admin/staff/new")?;
    let made = match form.text("role").parse::<Role>() {
        Ok(role) => {
            let new = NewStaff { name: form.text("name").to_lowercase(), role, password: None };
            register::add(visit.app(), visit.caller(), new).await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok(made) => visit.page(&PasswordPage::of(&made, true)),
        Err(error) => {
            let problems = Problems::of(&visit, error)?;
            visit.again(&page(form, problems))
        }
    }
}

fn page(typed: Fields, problems: Problems) -> NewPage {
    NewPage { typed, roles: ROLES, problems }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let typed = Fields::read("name=李伟&role=operator".as_bytes());
    let wrong = Problems::default().and("name", "须为 2-64 位".into());
    let made = PasswordPage {
        id: "staff_1".into(),
        name: "li.wei".into(),
        password: Secret::new("kx7mh-p3tqa-z9fre-b4wnc").expose().into(),
        is_new: true,
    };
    vec![
        Drawing::new("staff-new", page(Fields::default(), Problems::default())),
        Drawing::new("staff-new-wrong", page(typed, wrong)),
        Drawing::new("staff-password-new", made.clone()),
        Drawing::new("staff-password-reset", PasswordPage { is_new: false, ..made }),
    ]
}
