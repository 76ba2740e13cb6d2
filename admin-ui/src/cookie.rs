//! The cookie of the session.
//!
//! `__Host-` binds it to this host and to encryption. A console that is served without encryption, as the sandbox on
//! one's own machine is, can't have that name: it has another, so that neither is ever taken for the other.

use axum::http::{HeaderMap, HeaderValue};
use esign_config::{Secret, Settings};
use esign_web::preference::cookie;

const GUARDED: &str = "__Host-esign-staff";
const PLAIN: &str = "esign-staff";

/// The token of the session, if the request carries one.
pub fn token(headers: &HeaderMap) -> Option<Secret> {
    cookie(headers, GUARDED).or_else(|| cookie(headers, PLAIN)).map(Secret::new)
}

/// Keeps the token in the browser until it is closed; the server knows better when it ends.
pub fn keep(settings: &Settings, token: &Secret) -> Option<HeaderValue> {
    line(settings, token.expose(), "")
}

/// Takes the token out of the browser.
pub fn forget(settings: &Settings) -> Option<HeaderValue> {
    line(settings, "", "; Max-Age=0")
}

fn line(settings: &Settings, value: &str, rest: &str) -> Option<HeaderValue> {
    let (name, secure) = if encrypted(settings) { (GUARDED, "; Secure") } else { (PLAIN, "") };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{rest}").parse().ok()
}

fn encrypted(settings: &Settings) -> bool {
    settings.server.public_url.starts_with("https://")
}

/// Whether two marks are the same, in a time that doesn't tell how much of them is.
pub fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |found, (a, b)| found | (a ^ b)) == 0
}
