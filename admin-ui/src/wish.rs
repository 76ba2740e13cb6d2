//! How a request wants its pages.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use esign_domain::words::Lang;
use esign_web::{
    language::Language,
    preference::{Preference, cookie},
};

use crate::{fields::Fields, kit::KIT};

/// The cookie that carries the key of what just worked over a redirect, and nothing else.
pub const TOAST: &str = "esign_done";

/// The header that holds a request's id; whoever serves the pages has put it there.
const TRACE: HeaderName = HeaderName::from_static("x-trace-id");

/// The header by which a script asks for a page's content alone.
pub const PARTIAL: HeaderName = HeaderName::from_static("hx-request");

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
    /// What the browser is told to remember or to forget with the page.
    pub cookies: Vec<HeaderValue>,
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

    /// The language wished for, as the domain speaks it.
    pub fn lang(&self) -> Lang {
        match self.preference.language {
            Language::Chinese => Lang::Zh,
            Language::English => Lang::En,
        }
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
