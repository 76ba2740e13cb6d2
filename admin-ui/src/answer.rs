//! Answers: a page, a way on, or words for what can't be done.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use esign_web::preference::{Preference, cookie};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    fields::Fields,
    frame::Frame,
    kit::KIT,
    page::Page,
    template::render,
    trouble::TroublePage,
    visit::{PARTIAL, local},
};

/// The cookie that carries the key of what just worked over a redirect, and nothing else.
const TOAST: &str = "esign_done";

/// The header that holds a request's id; whoever serves the pages has put it there.
const TRACE: HeaderName = HeaderName::from_static("x-trace-id");

/// How a request wants its pages.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Language and looks.
    pub preference: Preference,
    /// Only the page's own content is wanted.
    pub partial: bool,
    /// The key of what just worked.
    pub toast: Option<String>,
    /// The id under which the log tells of this request.
    pub trace: Option<String>,
    /// What the query says: links to another language keep it.
    pub query: Fields,
    cookies: Vec<HeaderValue>,
}

impl Wish {
    /// Reads the wish off a request.
    pub fn of(headers: &HeaderMap, uri: &Uri) -> Self {
        let preference = Preference::of(headers, uri);
        let toast = cookie(headers, TOAST).filter(|key| is_ours(preference, key)).map(ToOwned::to_owned);
        let mut cookies = preference.cookies(uri);
        let partial = headers.contains_key(PARTIAL);
        // Whoever asks for a part may drop it: the line stays for the next whole page.
        if toast.is_some() && !partial {
            cookies.push(HeaderValue::from_static("esign_done=; Path=/admin; Max-Age=0; SameSite=Lax; HttpOnly"));
        }
        let trace = headers.get(TRACE).and_then(|id| id.to_str().ok()).map(ToOwned::to_owned);
        let query = Fields::read(uri.query().unwrap_or_default().as_bytes());
        Self { preference, partial, toast, trace, query, cookies }
    }

    /// The wish of nobody's request: for samples.
    pub fn plain(preference: Preference) -> Self {
        let (query, cookies) = (Fields::default(), Vec::new());
        Self { preference, partial: false, toast: None, trace: None, query, cookies }
    }
}

/// Only our own messages are shown: the cookie comes from outside.
fn is_ours(preference: Preference, key: &str) -> bool {
    key.starts_with("done-") && KIT.words.plain(preference.language, key).is_some()
}

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
