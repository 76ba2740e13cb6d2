//! Answers: a page, a way on, or words for what can't be done.

use axum::{
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    fields::Fields,
    frame::Frame,
    nav::local,
    page::Page,
    template::render,
    trouble::TroublePage,
    wish::{TOAST, Wish},
};

/// A page.
pub fn page<P: Page>(wish: &Wish, status: StatusCode, frame: &Frame, page: &P) -> Response {
    let html = match render(frame, page) {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(?error, template = page.template(), "a page could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = (status, Html(html)).into_response();
    for cookie in &wish.cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("hx-request"));
    response
}

/// Words for what can't be done.
pub fn trouble(wish: &Wish, frame: &Frame, trouble: &TroublePage) -> Response {
    let mut response = page(wish, trouble.status, frame, trouble);
    if let Some(seconds) = trouble.seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    response
}

/// On to another page, where a line says what just worked.
pub fn onward(to: &str, done: Option<&'static str>) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_owned())]).into_response();
    let cookie =
        done.and_then(|key| format!("{TOAST}={key}; Path=/admin; Max-Age=60; SameSite=Lax; HttpOnly").parse().ok());
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// To the sign-in page, and from there back to the page that was asked for. What was posted can't be kept, so that way
/// leads to the console. Whoever was in is told that this is over.
pub fn to_sign_in(method: &Method, uri: &Uri, ended: bool) -> Response {
    let back = match *method {
        Method::GET => uri.path_and_query().map_or("/admin", |path| path.as_str()),
        _ => "/admin",
    };
    let to = Fields::default().with("note", if ended { "ended" } else { "" });
    let back = Some(local(back)).filter(|back| *back != "/admin").unwrap_or_default();
    onward(&to.with("back", back).link("/admin/sign-in"), None)
}

/// To the page that asks for the password again, and from there back.
pub fn to_proof(back: &str) -> Response {
    onward(&with_back("/admin/proof", back), None)
}

fn with_back(to: &str, back: &str) -> String {
    match local(back) {
        "/admin" => to.to_owned(),
        back => format!("{to}?back={}", utf8_percent_encode(back, NON_ALPHANUMERIC)),
    }
}
