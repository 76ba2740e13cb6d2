//! Signing in (登录): name and password, then the code of an authenticator where the account has one.
//!
//! The two steps are two pages, and the session has another token after each. What is said of a wrong name and of a
//! wrong password is the same.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::Response,
    routing::{get, post},
};
use esign_config::Secret;
use esign_domain::{
    App, Error,
    staff::{
        session::{self, Session, Stage},
        sign_in::{self as verb, Attempt, Signed},
    },
};
use serde::Serialize;

use crate::{
    answer::{self, Wish},
    cookie,
    fields::Fields,
    frame::Frame,
    nav::Place,
    page::{Drawing, Page},
    template::{Templates, templates},
    trouble::TroublePage,
    visit::{Answer, Posted, Visit, local},
};

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! { "sign-in/password.html" "sign-in/code.html" "sign-in/proof.html" };

/// What is open to everybody.
pub fn outside(app: Arc<App>) -> Router {
    Router::new()
        .route("/admin/sign-in", get(ask_password).post(password))
        .route("/admin/sign-in/code", get(ask_code).post(code))
        .with_state(app)
}

/// What is for those who are in.
pub fn inside() -> Router {
    Router::new().route("/admin/sign-out", post(out)).route("/admin/proof", get(ask_proof).post(prove))
}

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

/// The code of the authenticator, or one of the codes for when it is lost.
#[derive(Debug, Clone, Serialize)]
pub struct CodePage {
    /// Where it leads afterwards.
    pub back: String,
    /// The key of what was wrong.
    pub wrong: Option<&'static str>,
    /// Seconds until the next try.
    pub seconds: i64,
}

/// The password again, before something that only its owner may do.
#[derive(Debug, Clone, Serialize)]
pub struct ProofPage {
    /// Where it leads afterwards.
    pub back: String,
    /// Whether a code is asked for too.
    pub code: bool,
    /// The key of what was wrong.
    pub wrong: Option<&'static str>,
    /// Seconds until the next try.
    pub seconds: i64,
}

macro_rules! page {
    ($page:ident, $template:literal, $title:literal) => {
        impl Page for $page {
            fn template(&self) -> &'static str {
                $template
            }

            fn title(&self) -> &'static str {
                $title
            }

            fn place(&self) -> Place {
                Place::Aside
            }
        }
    };
}

page!(PasswordPage, "sign-in/password.html", "sign-in-title");
page!(CodePage, "sign-in/code.html", "sign-in-code-title");
page!(ProofPage, "sign-in/proof.html", "proof-title");

type From = Option<Extension<ConnectInfo<SocketAddr>>>;

async fn ask_password(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri) -> Response {
    let wish = Wish::of(&headers, &uri);
    let query = &wish.query;
    match standing(&app, &headers).await {
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

async fn password(State(app): State<Arc<App>>, from: From, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    let (wish, form) = (Wish::of(&headers, &uri), Fields::read(&body));
    if is_foreign(&headers) {
        return answer::trouble(&wish, &Frame::outside(&wish), &TroublePage::foreign());
    }
    let secret = Secret::new(form.exact("password"));
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let from = from.map(|Extension(info)| info.0.ip());
    let attempt = Attempt { name: form.text("name"), password: &secret, from, agent };
    match verb::with_password(&app, attempt).await {
        Ok(signed) => go_on(&app, &signed, local(form.text("back"))),
        Err(error) => match wrong(&error, "sign-in-wrong") {
            Some((status, wrong, seconds)) => {
                let (name, back) = (form.text("name").into(), local(form.text("back")).into());
                show(&wish, status, &PasswordPage { name, back, wrong: Some(wrong), seconds, note: None })
            }
            None => failed(&wish, &error),
        },
    }
}

async fn ask_code(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri) -> Response {
    let wish = Wish::of(&headers, &uri);
    let query = &wish.query;
    match standing(&app, &headers).await {
        Ok(Some(session)) if session.stage == Stage::Code => {
            let page = CodePage { back: local(query.text("back")).into(), wrong: None, seconds: 0 };
            show(&wish, StatusCode::OK, &page)
        }
        Ok(_) => answer::onward("/admin/sign-in", None),
        Err(error) => failed(&wish, &error),
    }
}

async fn code(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    let (wish, form) = (Wish::of(&headers, &uri), Fields::read(&body));
    if is_foreign(&headers) {
        return answer::trouble(&wish, &Frame::outside(&wish), &TroublePage::foreign());
    }
    let Some(token) = cookie::token(&headers) else { return answer::onward("/admin/sign-in?note=ended", None) };
    match verb::with_code(&app, &token, form.text("code")).await {
        // Whoever is down to recovery codes is told how many are left.
        Ok(signed) if signed.recovery_left.is_some() => go_on(&app, &signed, "/admin/account?note=recovery"),
        Ok(signed) => go_on(&app, &signed, local(form.text("back"))),
        // The first step lies too far back.
        Err(Error::Unauthenticated) if !matches!(standing(&app, &headers).await, Ok(Some(_))) => {
            answer::onward("/admin/sign-in?note=ended", None)
        }
        Err(error) => match wrong(&error, "sign-in-code-wrong") {
            Some((status, wrong, seconds)) => {
                show(&wish, status, &CodePage { back: local(form.text("back")).into(), wrong: Some(wrong), seconds })
            }
            None => failed(&wish, &error),
        },
    }
}

async fn out(visit: Visit, Posted(_): Posted) -> Answer {
    session::end(visit.app(), visit.caller(), visit.token()).await?;
    let mut response = answer::onward("/admin/sign-in?note=out", None);
    if let Some(line) = cookie::forget(&visit.app().settings) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    Ok(response)
}

async fn ask_proof(visit: Visit) -> Answer {
    let back = local(visit.query().text("back")).into();
    visit.page(&ProofPage { back, code: visit.session().staff.has_totp(), wrong: None, seconds: 0 })
}

async fn prove(visit: Visit, Posted(form): Posted) -> Answer {
    let back = local(form.text("back"));
    let secret = Secret::new(form.exact("password"));
    match session::prove_again(visit.app(), visit.token(), &secret, form.given("code")).await {
        Ok(()) => visit.onward(back, None),
        Err(error) => match wrong(&error, "proof-wrong") {
            Some((_, wrong, seconds)) => visit.again(&ProofPage {
                back: back.into(),
                code: visit.session().staff.has_totp(),
                wrong: Some(wrong),
                seconds,
            }),
            None => Err(error.into()),
        },
    }
}

/// The session so far, whatever its stage.
pub(crate) async fn standing(app: &App, headers: &HeaderMap) -> esign_domain::Result<Option<Session>> {
    match cookie::token(headers) {
        Some(token) => session::find(app, &token).await,
        None => Ok(None),
    }
}

/// To what comes next, with the new token.
fn go_on(app: &App, signed: &Signed, back: &str) -> Response {
    let to = match signed.session.stage {
        Stage::Full => back.to_owned(),
        Stage::Code => Fields::default().with("back", back).link("/admin/sign-in/code"),
        Stage::Enrol => Fields::default().with("back", back).link("/admin/sign-in/authenticator"),
    };
    let mut response = answer::onward(&to, None);
    if let Some(line) = cookie::keep(&app.settings, &signed.token) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}

/// What a form is shown again for: its status, the key of the words, the seconds to wait.
pub(crate) fn wrong(error: &Error, words: &'static str) -> Option<(StatusCode, &'static str, i64)> {
    match error {
        Error::Unauthenticated | Error::InvalidArgument(_) => Some((StatusCode::UNPROCESSABLE_ENTITY, words, 0)),
        Error::RateLimited { retry_after_seconds } => {
            Some((StatusCode::TOO_MANY_REQUESTS, "sign-in-locked", *retry_after_seconds))
        }
        _ => None,
    }
}

/// Whether a browser says that another site's page sends this. Nobody is in yet, so no session's mark can say it.
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}

pub(crate) fn show<P: Page>(wish: &Wish, status: StatusCode, page: &P) -> Response {
    answer::page(wish, status, &Frame::outside(wish), page)
}

pub(crate) fn failed(wish: &Wish, error: &Error) -> Response {
    answer::trouble(wish, &Frame::outside(wish), &TroublePage::of(error, wish))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    let password = || PasswordPage { name: "lan".into(), back: "/admin".into(), wrong: None, seconds: 0, note: None };
    let code = || CodePage { back: "/admin".into(), wrong: None, seconds: 0 };
    let proof = || ProofPage { back: "/admin".into(), code: true, wrong: None, seconds: 0 };
    vec![
        Drawing::new("sign-in", PasswordPage { name: String::new(), ..password() }),
        Drawing::new("sign-in-wrong", PasswordPage { wrong: Some("sign-in-wrong"), ..password() }),
        Drawing::new("sign-in-locked", PasswordPage { wrong: Some("sign-in-locked"), seconds: 60, ..password() }),
        Drawing::new("sign-in-out", PasswordPage { note: Some("sign-in-out"), ..password() }),
        Drawing::new("sign-in-ended", PasswordPage { note: Some("sign-in-ended"), ..password() }),
        Drawing::new("sign-in-code", code()),
        Drawing::new("sign-in-code-wrong", CodePage { wrong: Some("sign-in-code-wrong"), ..code() }),
        Drawing::new("proof", proof()),
        Drawing::new("proof-wrong", ProofPage { wrong: Some("proof-wrong"), code: false, ..proof() }),
    ]
}
