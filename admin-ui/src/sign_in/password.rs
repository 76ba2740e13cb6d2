//! `GET|POST /admin/sign-in`: name and password.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Extension,
    body::Bytes,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::Response,
};
use esign_config::Secret;
use esign_domain::{
    Error,
    staff::{
        session::{Session, Stage},
        sign_in::{self as verb, Attempt, Signed},
    },
};
use serde::Serialize;

use super::{Door, failed, go_on, is_foreign, show, standing, wrong};
use crate::{
    answer,
    drawing::Drawing,
    fields::Fields,
    frame::Frame,
    nav::{Place, local},
    page::Page,
    trouble::TroublePage,
    wish::Wish,
};

/// Name and password.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordPage {
    /// As it was typed.
    pub name: String,
    /// Where it leads afterwards.
    pub back: String,
    /// The key of what was wrong.
    pub wrong: Option<&'static str>,
    /// Seconds until the next try.
    pub seconds: i64,
    /// The key of what is said besides: signed out, the session has ended.
    pub note: Option<&'static str>,
}

impl Page for PasswordPage {
    const TEMPLATE: &'static str = "sign-in/password.html";
    const TITLE: &'static str = "sign-in-title";
    const PLACE: Place = Place::Aside;
}

type From = Option<Extension<ConnectInfo<SocketAddr>>>;

/// `GET /admin/sign-in`.
pub async fn ask(State(door): State<Arc<Door>>, headers: HeaderMap, uri: Uri) -> Response {
    let wish = Wish::of(&headers, &uri);
    let query = &wish.query;
    match standing(&door.app, &headers).await {
        Ok(Some(Session { stage: Stage::Full, .. })) => return answer::onward(local(query.text("back")), None),
        Ok(_) => {}
        Err(error) => return failed(&wish, &error),
    }
    let note = match query.text("note") {
        "out" => Some("sign-in-out"),
        "ended" => Some("sign-in-ended"),
        _ => None,
    };
    let page =
        PasswordPage { name: String::new(), back: local(query.text("back")).into(), wrong: None, seconds: 0, note };
    show(&wish, StatusCode::OK, &page)
}

/// `POST /admin/sign-in`.
pub async fn try_it(State(door): State<Arc<Door>>, from: From, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    let (wish, form) = (Wish::of(&headers, &uri), Fields::read(&body));
    if is_foreign(&headers) {
        return answer::trouble(&wish, &Frame::outside(&wish), &TroublePage::foreign());
    }
    let secret = Secret::new(form.exact("password"));
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let from = from.map(|Extension(info)| info.0.ip());
    let attempt = Attempt { name: form.text("name"), password: &secret, from, agent };
    match door.try_password(attempt).await {
        Ok(signed) => go_on(&door.app, &signed, local(form.text("back"))),
        Err(error) => match wrong(&error, "sign-in-wrong") {
            Some((status, wrong, seconds)) => {
                let (name, back) = (form.text("name").into(), local(form.text("back")).into());
                show(&wish, status, &PasswordPage { name, back, wrong: Some(wrong), seconds, note: None })
            }
            None => failed(&wish, &error),
        },
    }
}

impl Door {
    /// Tries a password, unless the address has been wrong too often: a name's lock knows nothing of who tries a thousand
    /// names, and each try costs a hash.
    async fn try_password(&self, attempt: Attempt<'_>) -> esign_domain::Result<Signed> {
        let (app, most) = (&self.app, self.app.settings.limits.sign_in_misses_per_minute);
        let wait = attempt.from.and_then(|address| self.misses.count(address, most, app.now()));
        if let Some(retry_after_seconds) = wait {
            return Err(Error::RateLimited { retry_after_seconds });
        }
        let tried = verb::with_password(app, attempt).await;
        if let (Ok(_), Some(address)) = (&tried, attempt.from) {
            self.misses.take_back(address);
        }
        tried
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let password = || PasswordPage { name: "lan".into(), back: "/admin".into(), wrong: None, seconds: 0, note: None };
    vec![
        Drawing::new("sign-in", PasswordPage { name: String::new(), ..password() }),
        Drawing::new("sign-in-wrong", PasswordPage { wrong: Some("sign-in-wrong"), ..password() }),
        Drawing::new("sign-in-locked", PasswordPage { wrong: Some("sign-in-locked"), seconds: 60, ..password() }),
        Drawing::new("sign-in-out", PasswordPage { note: Some("sign-in-out"), ..password() }),
        Drawing::new("sign-in-ended", PasswordPage { note: Some("sign-in-ended"), ..password() }),
    ]
}
