//! The authenticator: setting it up, its recovery codes, taking it away.
//!
//! Codes stand on a page without the console's frame: it is printed, and the session's mark has just changed.

use std::fmt::Write;

use axum::{http::header, response::Response};
use esign_config::Secret;
use esign_domain::{
    Error,
    staff::totp::{self, Enrolment},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::{
    cookie,
    drawing::Drawing,
    nav::Place,
    page::Page,
    visit::{Answer, Posted, Visit},
};

const HERE: &str = "/admin/account/authenticator";

/// The QR code, the key to type, and the field for the first code.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SetUpPage {
    qr: String,
    /// In groups of four, for eyes.
    key: String,
    wrong: Option<&'static str>,
    seconds: i64,
    /// Where it leads afterwards.
    back: String,
    /// Where the form goes.
    to: &'static str,
    /// Whether it is a step of signing in.
    #[serde(skip)]
    outside: bool,
}

/// The recovery codes, shown this once.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CodesPage {
    name: String,
    codes: Vec<String>,
    /// The codes as a file.
    file: String,
    back: String,
}

/// A question before something of this is done.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AskPage {
    act: &'static str,
    to: String,
}

impl Page for SetUpPage {
    const TEMPLATE: &'static str = "account/set-up.html";
    const TITLE: &'static str = "set-up-title";
    const PLACE: Place = Place::Aside;

    fn template(&self) -> &'static str {
        if self.outside { "sign-in/set-up.html" } else { Self::TEMPLATE }
    }
}

impl Page for CodesPage {
    const TEMPLATE: &'static str = "account/codes.html";
    const TITLE: &'static str = "codes-title";
    const PLACE: Place = Place::Aside;
}

impl Page for AskPage {
    const TEMPLATE: &'static str = "account/ask.html";
    const TITLE: &'static str = "nav-account";
    const PLACE: Place = Place::Aside;
}

impl SetUpPage {
    pub(crate) fn of(begun: &Enrolment, to: &'static str, back: &str, outside: bool) -> Self {
        let letters: Vec<char> = begun.secret.expose().chars().collect();
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        let (qr, key, back) = (begun.qr_svg.clone(), groups.join(" "), back.to_owned());
        Self { qr, key, wrong: None, seconds: 0, back, to, outside }
    }

    pub(crate) fn wrong(self, wrong: &'static str, seconds: i64) -> Self {
        Self { wrong: Some(wrong), seconds, ..self }
    }
}

impl CodesPage {
    pub(crate) fn of(name: &str, codes: &[Secret], back: &str) -> Self {
        let codes: Vec<String> = codes.iter().map(|code| code.expose().to_owned()).collect();
        let mut text = format!("{name}\r\n\r\n");
        for code in &codes {
            let _ = write!(text, "{code}\r\n");
        }
        let file = format!("data:text/plain;charset=utf-8,{}", utf8_percent_encode(&text, NON_ALPHANUMERIC));
        Self { name: name.to_owned(), codes, file, back: back.to_owned() }
    }
}

/// `GET /admin/account/authenticator`.
pub async fn form(visit: Visit) -> Answer {
    visit.require_fresh(HERE)?;
    let begun = totp::begin(visit.app(), visit.token()).await?;
    visit.page(&SetUpPage::of(&begun, HERE, "/admin/account", false))
}

/// `POST /admin/account/authenticator`.
pub async fn confirm(visit: Visit, Posted(form): Posted) -> Answer {
    visit.require_fresh(HERE)?;
    match totp::confirm(visit.app(), visit.token(), form.text("code")).await {
        Ok((signed, codes)) => {
            let mut response = visit.aside(&CodesPage::of(&signed.session.staff.name, &codes, "/admin/account"))?;
            keep(&visit, &mut response, &signed.token);
            Ok(response)
        }
        Err(Error::InvalidArgument(_)) => {
            let begun = totp::begin(visit.app(), visit.token()).await?;
            visit.again(&SetUpPage::of(&begun, HERE, "/admin/account", false).wrong("sign-in-code-wrong", 0))
        }
        Err(error) => Err(error.into()),
    }
}

fn keep(visit: &Visit, response: &mut Response, token: &Secret) {
    if let Some(line) = cookie::keep(&visit.app().settings, token) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

/// `GET /admin/account/recovery-codes`.
pub async fn ask_codes(visit: Visit) -> Answer {
    visit.require_fresh(visit.path())?;
    visit.page(&AskPage { act: "codes", to: visit.path().to_owned() })
}

/// `POST /admin/account/recovery-codes`.
pub async fn renew_codes(visit: Visit, Posted(_): Posted) -> Answer {
    visit.require_fresh(visit.path())?;
    let codes = totp::renew_recovery_codes(visit.app(), visit.token()).await?;
    visit.aside(&CodesPage::of(&visit.session().staff.name, &codes, "/admin/account"))
}

/// `GET /admin/account/authenticator/removal`.
pub async fn ask_removal(visit: Visit) -> Answer {
    visit.require_fresh(visit.path())?;
    visit.page(&AskPage { act: "removal", to: visit.path().to_owned() })
}

/// `POST /admin/account/authenticator/removal`.
pub async fn remove(visit: Visit, Posted(_): Posted) -> Answer {
    visit.require_fresh(visit.path())?;
    totp::remove(visit.app(), visit.token()).await?;
    visit.onward("/admin/account", Some("done-account-removal"))
}

/// The question before a session of one's own ends.
pub(super) fn ask_session(to: &str) -> AskPage {
    AskPage { act: "session", to: to.to_owned() }
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    // A pattern that looks like a code and is none.
    let squares = "M4 4h7v7h-7zM26 4h7v7h-7zM4 26h7v7h-7zM14 14h9v3h-9zM18 20h4v9h-4z";
    let begun = || Enrolment {
        secret: Secret::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
        uri: String::new(),
        qr_svg: format!(
            "<svg viewBox=\"0 0 37 37\"><path fill=\"#fff\" d=\"M0 0h37v37h-37z\"/><path d=\"{squares}\"/></svg>"
        ),
    };
    let set_up = |outside| SetUpPage::of(&begun(), HERE, "/admin", outside);
    let codes = vec![Secret::new("kx7m-p3tq-z9fr-b4wn"); 10];
    vec![
        Drawing::new("account-set-up", set_up(false)),
        Drawing::new("account-set-up-wrong", set_up(false).wrong("sign-in-code-wrong", 0)),
        Drawing::new("sign-in-set-up", set_up(true)),
        Drawing::new("sign-in-set-up-locked", set_up(true).wrong("sign-in-locked", 60)),
        Drawing::new("sign-in-codes", CodesPage::of("lan", &codes, "/admin/account")),
        Drawing::new("account-codes", AskPage { act: "codes", to: HERE.into() }),
        Drawing::new("account-removal", AskPage { act: "removal", to: HERE.into() }),
    ]
}
