//! `GET|POST /admin/sign-in/authenticator`: the step of signing in at which an authenticator must be set up, because the
//! role can't do without one.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header::SET_COOKIE},
    response::Response,
};
use esign_config::Secret;
use esign_domain::{
    App,
    staff::{
        session::{Session, Stage},
        totp,
    },
};

use super::{Door, at_stage, failed, is_ours, show, wrong};
use crate::{
    account::authenticator::{CodesPage, SetUpPage},
    answer, cookie,
    fields::Fields,
    frame::Frame,
    nav::local,
    trouble::TroublePage,
    wish::Wish,
};

const HERE: &str = "/admin/sign-in/authenticator";

/// `GET /admin/sign-in/authenticator`.
pub async fn ask(State(door): State<Arc<Door>>, headers: HeaderMap, uri: Uri) -> Response {
    let wish = Wish::of(&headers, &uri);
    match at_stage(&door.app, &headers, Stage::Enrol).await {
        Ok(Some((token, session))) => {
            let back = local(wish.query.text("back")).to_owned();
            again(&door.app, &wish, (&token, &session), &back, None).await
        }
        Ok(None) => answer::onward("/admin/sign-in", None),
        Err(error) => failed(&wish, &error),
    }
}

/// `POST /admin/sign-in/authenticator`.
pub async fn confirm(State(door): State<Arc<Door>>, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    let (wish, form) = (Wish::of(&headers, &uri), Fields::read(&body));
    let (token, session) = match at_stage(&door.app, &headers, Stage::Enrol).await {
        Ok(Some(entered)) => entered,
        Ok(None) => return answer::onward("/admin/sign-in?note=ended", None),
        Err(error) => return failed(&wish, &error),
    };
    if !is_ours(&headers, &form, &session) {
        return answer::trouble(&wish, &Frame::outside(&wish), &TroublePage::foreign());
    }
    let back = local(form.text("back"));
    match totp::confirm(&door.app, &token, form.text("code")).await {
        Ok((signed, codes)) => {
            let page = CodesPage::of(&signed.session.staff.name, &codes, back);
            let mut response = show(&wish, StatusCode::OK, &page);
            if let Some(line) = cookie::keep(&door.app.settings, &signed.token) {
                response.headers_mut().append(SET_COOKIE, line);
            }
            response
        }
        Err(error) => match wrong(&error, "sign-in-code-wrong") {
            Some(found) => again(&door.app, &wish, (&token, &session), back, Some(found)).await,
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
