//! `GET|POST /admin/account/password`: another password.

use esign_config::Secret;
use esign_domain::staff::own;
use serde::Serialize;

use crate::{
    drawing::Drawing,
    kit::KIT,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Answer, Posted, Visit},
};

/// The form. What was typed into it is not shown again.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordPage {
    /// For the browser that keeps passwords.
    name: String,
    problems: Problems,
}

impl Page for PasswordPage {
    const TEMPLATE: &'static str = "account/password.html";
    const TITLE: &'static str = "account-password";
    const PLACE: Place = Place::Aside;
}

/// `GET /admin/account/password`.
pub async fn form(visit: Visit) -> Answer {
    visit.page(&page(&visit, Problems::default()))
}

/// `POST /admin/account/password`.
pub async fn change(visit: Visit, Posted(form): Posted) -> Answer {
    if form.exact("password") != form.exact("again") {
        let differs = KIT.words.plain(visit.language(), "account-password-differs").unwrap_or_default();
        return visit.again(&page(&visit, Problems::default().and("again", differs)));
    }
    let (old, new) = (Secret::new(form.exact("oldPassword")), Secret::new(form.exact("password")));
    match own::change_password(visit.app(), visit.token(), &old, &new).await {
        Ok(()) => visit.onward("/admin/account", Some("done-account-password")),
        Err(error) => {
            let problems = Problems::of(&visit, error)?;
            visit.again(&page(&visit, problems))
        }
    }
}

fn page(visit: &Visit, problems: Problems) -> PasswordPage {
    PasswordPage { name: visit.session().staff.name.clone(), problems }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let wrong = Problems::default()
        .and("oldPassword", "不是这个账号的密码".into())
        .and("password", "须有 12 个字符或更多".into())
        .and("again", "两次输入的不一样".into());
    let page = |problems| PasswordPage { name: "lan".into(), problems };
    vec![
        Drawing::new("account-password", page(Problems::default())),
        Drawing::new("account-password-wrong", page(wrong)),
    ]
}
