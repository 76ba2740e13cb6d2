//! The templates, and how values get into them: `{{name}}`, always escaped.

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};

/// The try-it page.
pub(crate) const TRY_IT: &str = include_str!("../../templates/try-it.html");
/// The auth system's face page, while it waits.
pub(crate) const FACE: &str = include_str!("../../templates/face.html");
/// The same page once there is nothing to choose any more.
pub(crate) const FACE_OVER: &str = include_str!("../../templates/face-over.html");
/// A transfer, as a bank's app would announce it.
pub(crate) const PAYMENT: &str = include_str!("../../templates/payment.html");
/// The list of challenges.
pub(crate) const CHALLENGES: &str = include_str!("../../templates/challenges.html");
/// One row of that list.
pub(crate) const CHALLENGE: &str = include_str!("../../templates/challenge.html");
/// The list's only row when there is none.
pub(crate) const NO_CHALLENGE: &str = include_str!("../../templates/no-challenge.html");

/// A template with its values in place, escaped. The template is walked once, so a value that looks like a placeholder
/// stays what it is.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() + 256);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value);
        filled.push_str(before);
        filled.push_str(&escape(value));
        rest = after;
    }
    filled + rest
}

/// A template with one piece of ready markup in place.
pub(crate) fn insert(template: &str, name: &str, markup: &str) -> String {
    template.replace(&format!("{{{{{name}}}}}"), markup)
}

fn escape(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// A page with its policy: everything from this server, nothing inline, framed by this server only. `form_origin` is
/// another origin that a form may lead to, or empty.
pub(crate) fn page(markup: String, form_origin: &str) -> Response {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         frame-src 'self'; form-action 'self' {form_origin}; base-uri 'none'; frame-ancestors 'self'"
    );
    let mut response = Html(markup).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(policy.trim_end()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn values_are_escaped_and_never_read_as_placeholders() {
        let filled = fill("<b>{{a}}</b> {{b}} {{c}}", &[("a", "{{b}}<\"'&"), ("b", "x")]);
        assert_eq!(filled, "<b>{{b}}&lt;&quot;&#39;&amp;</b> x ");
    }
}
