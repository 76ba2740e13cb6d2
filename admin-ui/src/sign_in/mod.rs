//! Signing in (登录): name and password; then the code of an authenticator where the account has one ([`code`]), a password
//! of one's own where somebody else knows it ([`choose`]), an authenticator where the role can't do without ([`enrol`]).
//!
//! Each step is a page, and the session has another token after each. What is said of a wrong name and of a wrong password
//! is the same. Later the password is asked for again before what only its owner may do ([`proof`]).

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use esign_config::Secret;
use esign_domain::{
    App, Error, Result,
    staff::{
        session::{self, Session, Stage},
        sign_in::Signed,
    },
};
use esign_web::misses::Misses;

use crate::{
    answer, cookie,
    drawing::Drawing,
    fields::Fields,
    frame::Frame,
    page::Page,
    template::{Templates, templates},
    trouble::TroublePage,
    visit::{Answer, Posted, Visit},
    wish::Wish,
};

mod choose;
mod code;
mod enrol;
mod password;
mod proof;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! {
    "sign-in/password.html" "sign-in/code.html" "sign-in/choose.html" "sign-in/set-up.html" "sign-in/proof.html"
};

/// What everybody at the door shares.
struct Door {
    app: Arc<App>,
    misses: Misses,
}

/// What is open to everybody.
pub fn outside(app: Arc<App>) -> Router {
    Router::new()
        .route("/admin/sign-in", get(password::ask).post(password::try_it))
        .route("/admin/sign-in/code", get(code::ask).post(code::try_it))
        .route("/admin/sign-in/password", get(choose::ask).post(choose::choose))
        .route("/admin/sign-in/authenticator", get(enrol::ask).post(enrol::confirm))
        .with_state(Arc::new(Door { app, misses: Misses::default() }))
}

/// What is for those who are in.
pub fn inside() -> Router {
    Router::new().route("/admin/sign-out", post(out)).route("/admin/proof", get(proof::ask).post(proof::prove))
}

/// `POST /admin/sign-out`.
async fn out(visit: Visit, Posted(_): Posted) -> Answer {
    session::end(visit.app(), visit.caller(), visit.token()).await?;
    let mut response = answer::onward("/admin/sign-in?note=out", None);
    if let Some(line) = cookie::forget(&visit.app().settings) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    Ok(response)
}

/// The session so far, whatever its stage.
async fn standing(app: &App, headers: &HeaderMap) -> Result<Option<Session>> {
    match cookie::token(headers) {
        Some(token) => session::find(app, &token).await,
        None => Ok(None),
    }
}

/// Who stands at a step of signing in.
async fn at_stage(app: &App, headers: &HeaderMap, stage: Stage) -> Result<Option<(Secret, Session)>> {
    let session = standing(app, headers).await?.filter(|session| session.stage == stage);
    Ok(cookie::token(headers).zip(session))
}

/// To what comes next, with the new token.
fn go_on(app: &App, signed: &Signed, back: &str) -> Response {
    let to = match signed.session.stage {
        Stage::Full => back.to_owned(),
        Stage::Code => Fields::default().with("back", back).link("/admin/sign-in/code"),
        Stage::Password => Fields::default().with("back", back).link("/admin/sign-in/password"),
        Stage::Enrol => Fields::default().with("back", back).link("/admin/sign-in/authenticator"),
    };
    let mut response = answer::onward(&to, None);
    if let Some(line) = cookie::keep(&app.settings, &signed.token) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}

/// What a form is shown again for: its status, the key of the words, the seconds to wait.
fn wrong(error: &Error, words: &'static str) -> Option<(StatusCode, &'static str, i64)> {
    match error {
        Error::Unauthenticated | Error::InvalidArgument(_) => Some((StatusCode::UNPROCESSABLE_ENTITY, words, 0)),
        Error::RateLimited { retry_after_seconds } => {
            Some((StatusCode::TOO_MANY_REQUESTS, "sign-in-locked", *retry_after_seconds))
        }
        _ => None,
    }
}

/// Whether a browser says that another site's page sends this. Nobody is in yet, so no session's mark can say it.
fn is_foreign(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}

/// Whether a form comes from a page of ours, with the mark of the session.
fn is_ours(headers: &HeaderMap, form: &Fields, session: &Session) -> bool {
    !is_foreign(headers) && cookie::same(form.exact("csrf"), session.csrf.expose())
}

fn show<P: Page>(wish: &Wish, status: StatusCode, page: &P) -> Response {
    answer::page(wish, status, &Frame::outside(wish), page)
}

fn failed(wish: &Wish, error: &Error) -> Response {
    answer::trouble(wish, &Frame::outside(wish), &TroublePage::of(error, wish))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    [password::drawings(), code::drawings(), choose::drawings(), proof::drawings()].into_iter().flatten().collect()
}
