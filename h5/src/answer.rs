//! Answers: a page, a way on, or words for what can't be done; each with the headers that keep it to itself.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};

use esign_web::preference::{self, Preference};

use crate::{
    frame::Frame,
    page::{InvalidPage, Page, Trouble, TroublePage},
    template::render,
};

/// The cookie that carries the key of one notice over a redirect, and nothing else.
const NOTICE: &str = "esign_notice";

/// The header that holds a request's id; whoever serves the pages has put it there.
const TRACE: HeaderName = HeaderName::from_static("x-trace-id");

/// How a request wants its pages: language and looks, and the notice it carries.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Language and looks.
    pub preference: Preference,
    /// The notice to show on top of the page.
    pub notice: Option<String>,
    /// The id under which the log tells of this request.
    trace: Option<String>,
    cookies: Vec<HeaderValue>,
}

impl Wish {
    /// Reads the wish off a request.
    pub fn of(headers: &HeaderMap, uri: &Uri) -> Self {
        let preference = Preference::of(headers, uri);
        let notice = preference::cookie(headers, NOTICE).and_then(known_notice);
        let mut cookies = preference.cookies(uri);
        if notice.is_some() {
            cookies.push(HeaderValue::from_static("esign_notice=; Path=/s; Max-Age=0; SameSite=Lax; HttpOnly"));
        }
        let trace = headers.get(TRACE).and_then(|id| id.to_str().ok()).map(ToOwned::to_owned);
        Self { preference, notice, trace, cookies }
    }

    /// A frame outside any flow.
    pub fn frame(&self) -> Frame {
        Frame::new(self.preference)
    }
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
    response
}

/// The one page for unknown and expired links.
pub fn invalid(wish: &Wish) -> Response {
    page(wish, StatusCode::NOT_FOUND, &wish.frame(), &InvalidPage {})
}

/// Words for a request that could not be answered.
pub fn trouble(wish: &Wish, trouble: Trouble, back: Option<String>) -> Response {
    let status = match trouble {
        Trouble::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Trouble::Limited => StatusCode::TOO_MANY_REQUESTS,
        Trouble::Large => StatusCode::PAYLOAD_TOO_LARGE,
    };
    page(wish, status, &wish.frame(), &TroublePage { back, ..words(wish, trouble) })
}

/// The page of a trouble, with the id to ask us by at its foot.
fn words(wish: &Wish, trouble: Trouble) -> TroublePage {
    TroublePage { trace: wish.trace.clone(), ..TroublePage::new(trouble) }
}

/// Too many requests: the answer to an address that asked for too many links that don't exist.
pub fn limited(wish: &Wish, seconds: i64) -> Response {
    let words = TroublePage { seconds, ..words(wish, Trouble::Limited) };
    let mut response = page(wish, StatusCode::TOO_MANY_REQUESTS, &wish.frame(), &words);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}

/// On to where the flow stands, with a notice if there is something to say.
pub fn onward(base: &str, notice: Option<&str>) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, base.to_owned())]).into_response();
    if let Some(cookie) =
        notice.and_then(|key| format!("{NOTICE}={key}; Path=/s; Max-Age=60; SameSite=Lax; HttpOnly").parse().ok())
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Only our own notices are shown: the cookie comes from outside.
fn known_notice(key: &str) -> Option<String> {
    const KEYS: [&str; 12] = [
        "notice-consent",
        "notice-ink",
        "notice-typed-name",
        "notice-reading",
        "notice-amount",
        "notice-moved-on",
        "notice-limited",
        "notice-internal",
        "notice-layout",
        "notice-reason",
        "notice-face-refused",
        "notice-refused",
    ];
    KEYS.contains(&key).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(cookie: &'static str) -> Wish {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
        Wish::of(&headers, &Uri::from_static("/s/x"))
    }

    #[test]
    fn a_notice_is_shown_once_and_only_if_it_is_ours() {
        let wish = asked("esign_notice=notice-ink");
        assert_eq!(wish.notice.as_deref(), Some("notice-ink"));
        let response = invalid(&wish);
        let cookies: Vec<_> = response.headers().get_all(header::SET_COOKIE).iter().collect();
        assert!(cookies.iter().any(|cookie| cookie.to_str().is_ok_and(|text| text.contains("Max-Age=0"))));
        assert_eq!(asked("esign_notice=brand").notice, None);
        assert_eq!(asked("esign_notice=<script>").notice, None);
    }
}
