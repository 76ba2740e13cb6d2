//! `GET|POST /admin/sign-in/code`: the code of an authenticator, where the account has one.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use esign_domain::{
    Error,
    staff::{session::Stage, sign_in as verb},
};
use serde::Serialize;

use super::{Door, failed, go_on, is_foreign, show, standing, wrong};
use crate::{
    answer, cookie,
    drawing::Drawing,
    fields::Fields,
    frame::Frame,
    nav::{Place, local},
    page::Page,
    trouble::TroublePage,
    wish::Wish,
};

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

impl Page for CodePage {
    const TEMPLATE: &'static str = "sign-in/code.html";
    const TITLE: &'static str = "sign-in-code-title";
    const PLACE: Place = Place::Aside;
}

/// `GET /admin/sign-in/code`.
pub async fn ask(State(door): State<Arc<Door>>, headers: HeaderMap, uri: Uri) -> Response {
    let wish = Wish::of(&headers, &uri);
    let query = &wish.query;
    match standing(&door.app, &headers).await {
        Ok(Some(session)) if session.stage == Stage::Code => {
            let page = CodePage { back: local(query.text("back")).into(), wrong: None, seconds: 0 };
            show(&wish, StatusCode::OK, &page)
        }
        Ok(_) => answer::onward("/admin/sign-in", None),
        Err(error) => failed(&wish, &error),
    }
}

/// `POST /admin/sign-in/code`.
pub async fn try_it(State(door): State<Arc<Door>>, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    let (wish, form) = (Wish::of(&headers, &uri), Fields::read(&body));
    if is_foreign(&headers) {
        return answer::trouble(&wish, &Frame::outside(&wish), &TroublePage::foreign());
    }
    let Some(token) = cookie::token(&headers) else { return answer::onward("/admin/sign-in?note=ended", None) };
    match verb::with_code(&door.app, &token, form.text("code")).await {
        // Whoever is down to recovery codes is told how many are left.
        Ok(signed) if signed.recovery_left.is_some() => go_on(&door.app, &signed, "/admin/account?note=recovery"),
        Ok(signed) => go_on(&door.app, &signed, local(form.text("back"))),
        // The first step lies too far back.
        Err(Error::Unauthenticated) if !matches!(standing(&door.app, &headers).await, Ok(Some(_))) => {
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

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let code = || CodePage { back: "/admin".into(), wrong: None, seconds: 0 };
    vec![
        Drawing::new("sign-in-code", code()),
        Drawing::new("sign-in-code-wrong", CodePage { wrong: Some("sign-in-code-wrong"), ..code() }),
    ]
}
