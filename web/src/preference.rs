//! How a person wants to read: language, theme, size of type. Asked for in the query, kept in cookies, guessed from
//! `Accept-Language`. The cookies hold nothing about the person or the flow.

use axum::http::{HeaderMap, HeaderValue, Uri, header};

use crate::language::Language;

/// Light, dark, or as the system has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system has it.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How a page is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preference {
    /// Which language.
    pub language: Language,
    /// Which colours.
    pub theme: Theme,
    /// Large type (大字).
    pub large: bool,
}

const YEAR_SECONDS: u32 = 31_536_000;

impl Theme {
    /// The name in cookie, query and `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn from_name(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }
}

impl Preference {
    /// What a request asks for: the query before the cookie before the browser's languages.
    pub fn of(headers: &HeaderMap, uri: &Uri) -> Self {
        let chosen = |name: &str| query_value(uri, name).or_else(|| cookie(headers, &format!("esign_{name}")));
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self {
            language: chosen("lang")
                .and_then(Language::from_tag)
                .unwrap_or_else(|| Language::from_accept_language(accepted)),
            theme: chosen("theme").map_or(Theme::Auto, Theme::from_name),
            large: chosen("size") == Some("large"),
        }
    }

    /// The cookies that keep what the query asked for; none when it asked for nothing.
    pub fn cookies(self, uri: &Uri) -> Vec<HeaderValue> {
        let size = if self.large { "large" } else { "normal" };
        let values = [("lang", self.language.tag()), ("theme", self.theme.name()), ("size", size)];
        let asked = values.into_iter().filter(|(name, _)| query_value(uri, name).is_some());
        asked.filter_map(|(name, value)| kept(name, value)).collect()
    }
}

/// The value of a cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

fn query_value<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn kept(name: &str, value: &str) -> Option<HeaderValue> {
    // Not HttpOnly: the script switches the size of type in place and writes the same cookie.
    format!("esign_{name}={value}; Path=/; Max-Age={YEAR_SECONDS}; SameSite=Lax").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookie: &str, languages: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().expect("a header value"));
        headers.insert(header::ACCEPT_LANGUAGE, languages.parse().expect("a header value"));
        headers
    }

    #[test]
    fn the_query_wins_over_the_cookie_over_the_browser() {
        let asked = |cookie: &str, query: &str| {
            Preference::of(&headers(cookie, "en"), &query.parse().expect("a path and query"))
        };
        assert_eq!(asked("", "/s/x").language, Language::English);
        assert_eq!(asked("esign_lang=zh-CN", "/s/x").language, Language::Chinese);
        assert_eq!(asked("a=b; esign_lang=zh-CN", "/s/x?size=large&lang=en").language, Language::English);
        assert!(asked("", "/s/x?size=large").large);
        assert_eq!(asked("esign_theme=dark", "/s/x").theme, Theme::Dark);
        assert_eq!(asked("esign_theme=%22%3E", "/s/x").theme, Theme::Auto);
    }

    #[test]
    fn only_what_was_asked_for_is_kept() {
        let uri: Uri = "/s/x?lang=en".parse().expect("a path and query");
        let cookies = Preference::of(&HeaderMap::new(), &uri).cookies(&uri);
        assert_eq!(cookies.len(), 1);
        assert!(cookies[0].to_str().is_ok_and(|cookie| cookie.starts_with("esign_lang=en;")));
    }
}
