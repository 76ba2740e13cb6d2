//! The headers of every page: nothing comes from elsewhere, nothing goes elsewhere, nothing is kept.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

/// Puts them on an answer. `framed` allows our own pages to show this one in a frame.
pub fn keep_to_itself(mut response: Response, framed: bool) -> Response {
    let ancestors = if framed { "'self'" } else { "'none'" };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = policy.parse() {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.append(header::VARY, HeaderValue::from_static("cookie, accept-language"));
    response
}

#[cfg(test)]
mod tests {
    use axum::{http::StatusCode, response::IntoResponse};

    use super::*;

    #[test]
    fn nothing_may_be_framed_but_by_leave() {
        let policy = |framed| {
            let response = keep_to_itself(StatusCode::OK.into_response(), framed);
            response.headers()[header::CONTENT_SECURITY_POLICY].to_str().map(str::to_owned).unwrap_or_default()
        };
        assert!(policy(false).ends_with("frame-ancestors 'none'"));
        assert!(policy(true).ends_with("frame-ancestors 'self'"));
        assert!(!policy(true).contains("unsafe"));
    }
}
