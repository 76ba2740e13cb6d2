//! `GET|POST /admin/sign-in/password`: the step of signing in at which a password that somebody else knows gives way to
//! one of their own.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use esign_config::Secret;
use esign_domain::staff::{
    own,
    session::{Session, Stage},
};
use serde::Serialize;

use super::{Door, at_stage, failed, go_on, is_ours};
use crate::{
    answer,
    drawing::Drawing,
    fields::Fields,
    frame::Frame,
    kit::KIT,
    nav::{Place, local},
    page::Page,
    problem::Problems,
    trouble::TroublePage,
    wish::Wish,
};

/// The form. What was typed into it is not shown again.
#[derive(Debug, Clone, Serialize)]
pub struct ChoicePage {
    /// For the browser that keeps passwords.
    name: String,
    /// Where it leads afterwards.
    back: String,
    problems: Problems,
}

impl Page for ChoicePage {
    const TEMPLATE: &'static str = "sign-in/choose.html";
    const TITLE: &'static str = "choose-title";
    const PLACE: Place = Place::Aside;
}

/// `GET /admin/sign-in/password`.
pub async fn ask(State(door): State<Arc<Door>>, headers: HeaderMap, uri: Uri) -> Response {
    let wish = Wish::of(&headers, &uri);
    match at_stage(&door.app, &headers, Stage::Password).await {
        Ok(Some((_, session))) => page(&wish, &session, wish.query.text("back"), Problems::default()),
        Ok(None) => answer::onward("/admin/sign-in", None),
        Err(error) => failed(&wish, &error),
    }
}

/// `POST /admin/sign-in/password`.
pub async fn choose(State(door): State<Arc<Door>>, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    let (wish, form) = (Wish::of(&headers, &uri), Fields::read(&body));
    let (token, session) = match at_stage(&door.app, &headers, Stage::Password).await {
        Ok(Some(entered)) => entered,
        Ok(None) => return answer::onward("/admin/sign-in?note=ended", None),
        Err(error) => return failed(&wish, &error),
    };
    if !is_ours(&headers, &form, &session) {
        return answer::trouble(&wish, &Frame::outside(&wish), &TroublePage::foreign());
    }
    let back = form.text("back");
    if form.exact("password") != form.exact("again") {
        let differs = KIT.words.plain(wish.preference.language, "account-password-differs").unwrap_or_default();
        return page(&wish, &session, back, Problems::default().and("again", differs));
    }
    match own::choose_password(&door.app, &token, &Secret::new(form.exact("password"))).await {
        Ok(signed) => go_on(&door.app, &signed, local(back)),
        Err(error) => match Problems::in_words(wish.lang(), error) {
            Ok(problems) => page(&wish, &session, back, problems),
            Err(error) => failed(&wish, &error),
        },
    }
}

fn page(wish: &Wish, session: &Session, back: &str, problems: Problems) -> Response {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = Frame::outside(wish).with_csrf(session.csrf.expose());
    let page = ChoicePage { name: session.staff.name.clone(), back: local(back).to_owned(), problems };
    answer::page(wish, status, &frame, &page)
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let page = |problems| ChoicePage { name: "lan".into(), back: "/admin".into(), problems };
    let wrong =
        Problems::default().and("password", "须有 12 个字符或更多".into()).and("again", "两次输入的不一样".into());
    vec![Drawing::new("sign-in-choose", page(Problems::default())), Drawing::new("sign-in-choose-wrong", page(wrong))]
}
