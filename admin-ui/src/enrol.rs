//! `GET|POST /admin/sign-in/authenticator`: the step of signing in at which an authenticator must be set up, because the
//! role can't do without one.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::Response,
    routing::get,
};
use esign_config::Secret;
use esign_domain::{
    App,
    staff::{
        session::{Session, Stage},
        totp,
    },
};

use crate::{
    account::authenticator::{CodesPage, SetUpPage},
    answer::{self, Wish},
    cookie,
    fields::Fields,
    frame::Frame,
    sign_in::{failed, is_foreign, show, standing, wrong},
    template::{Templates, templates},
    trouble::TroublePage,
    visit::local,
};

const HERE: &str = "/admin/sign-in/authenticator";

/// The templates of this page.
pub const TEMPLATES: Templates = templates! { "sign-in/set-up.html" };

/// What is open to whoever gave the right password.
pub fn outside(app: Arc<App>) -> Router {
    Router::new().route(HERE, get(ask).post(confirm)).with_state(app)
}

async fn ask(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri) -> Response {
    let wish = Wish::of(&headers, &uri);
    match entered(&app, &headers).await {
        Ok(Some((token, session))) => {
            let back = local(wish.query.text("back")).to_owned();
            again(&app, &wish, (&token, &session), &back, None).await
        }
        Ok(None) => answer::onward("/admin/sign-in", None),
        Err(error) => failed(&wish, &error),
    }
}

async fn confirm(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    let (wish, form) = (Wish::of(&headers, &uri), Fields::read(&body));
    let (token, session) = match entered(&app, &headers).await {
        Ok(Some(entered)) => entered,
        Ok(None) => return answer::onward("/admin/sign-in?note=ended", None),
        Err(error) => return failed(&wish, &error),
    };
    if is_foreign(&headers) || !cookie::same(form.exact("csrf"), session.csrf.expose()) {
        return answer::trouble(&wish, &Frame::outside(&wish), &TroublePage::foreign());
    }
    let back = local(form.text("back"));
    match totp::confirm(&app, &token, form.text("code")).await {
        Ok((signed, codes)) => {
            let page = CodesPage::of(&signed.session.staff.name, &codes, back);
            let mut response = show(&wish, StatusCode::OK, &page);
            if let Some(line) = cookie::keep(&app.settings, &signed.token) {
                response.headers_mut().append(header::SET_COOKIE, line);
            }
            response
        }
        Err(error) => match wrong(&error, "sign-in-code-wrong") {
            Some(found) => again(&app, &wish, (&token, &session), back, Some(found)).await,
            None => failed(&wish, &error),
        },
    }
}

/// The page, with what was wrong if something was.
async fn again(
    app: &App,
    wish: &Wish,
    (token, session): (&Secret, &Session),
    back: &str,
    found: Option<(StatusCode, &'static str, i64)>,
) -> Response {
    let begun = match totp::begin(app, token).await {
        Ok(begun) => begun,
        Err(error) => return failed(wish, &error),
    };
    let page = SetUpPage::of(&begun, HERE, back, true);
    let (status, page) = match found {
        Some((status, words, seconds)) => (status, page.wrong(words, seconds)),
        None => (StatusCode::OK, page),
    };
    answer::page(wish, status, &Frame::outside(wish).with_csrf(session.csrf.expose()), &page)
}

/// Who stands at this step.
async fn entered(app: &App, headers: &HeaderMap) -> esign_domain::Result<Option<(Secret, Session)>> {
    let session = standing(app, headers).await?.filter(|session| session.stage == Stage::Enrol);
    Ok(cookie::token(headers).zip(session))
}
