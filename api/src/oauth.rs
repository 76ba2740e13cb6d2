//! The token door: client credentials in, access token out (RFC 6749, 4.4), and the public keys beside it.
//!
//! A client says who it is by HTTP Basic (`client_secret_basic`) or in the form (`client_secret_post`), never by both.
//! An unknown client, a disabled one and a wrong secret get one and the same `invalid_client`. Answers are JSON and kept
//! by no cache, refusals in the words of RFC 6749, 5.2.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use esign_domain::{
    App, Error,
    client::{authenticate::authenticate, token},
};
use serde_json::{Value, json};
use url::form_urlencoded;

/// The longest form, in bytes.
const FORM_BYTES: usize = 16 * 1024;

/// `/oauth/token` and `/.well-known/jwks.json`.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/oauth/token", post(issue).layer(DefaultBodyLimit::max(FORM_BYTES)))
        .route("/.well-known/jwks.json", get(jwks))
        .with_state(app)
}

/// The public keys of access and result tokens. They may be kept for five minutes: a new key is published before it
/// signs.
async fn jwks(State(app): State<Arc<App>>) -> Response {
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(app.keyset.jwks())).into_response()
}

async fn issue(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let form = Form::read(&headers, &body)?;
    let by_header = headers.contains_key(header::AUTHORIZATION);
    let (id, secret) = credentials(&headers, &form)?;
    let client = authenticate(&app, &id, &secret).await.map_err(|error| refusal_of(&error, by_header))?;
    match form.get("grant_type")? {
        Some("client_credentials") => {}
        Some(_) => return Err(Refusal::new("unsupported_grant_type", "only client_credentials is supported")),
        None => return Err(Refusal::new("invalid_request", "grant_type is missing")),
    }
    let token = token::issue(&app, &client, form.get("scope")?).map_err(|error| refusal_of(&error, by_header))?;
    tracing::info!(client = client.code, "issued an access token");
    let scope = token.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let body = json!({
        "access_token": token.token,
        "token_type": "Bearer",
        "expires_in": token.lifetime.num_seconds(),
        "scope": scope,
    });
    Ok(uncached(Json(body).into_response()))
}

/// The parameters of the request. One that is empty counts as left out, one that is named twice is refused (RFC 6749, 3.2).
struct Form(Vec<(String, String)>);

impl Form {
    fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refusal::new("invalid_request", "send application/x-www-form-urlencoded"));
        }
        Ok(Self(form_urlencoded::parse(body).into_owned().filter(|(_, value)| !value.is_empty()).collect()))
    }

    fn get(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Refusal::new("invalid_request", "a parameter is named twice")),
            (value, None) => Ok(value),
        }
    }
}

/// Id and secret, from the header or from the form.
fn credentials(headers: &HeaderMap, form: &Form) -> Result<(String, String), Refusal> {
    let posted = (form.get("client_id")?, form.get("client_secret")?);
    let Some(authorization) = headers.get(header::AUTHORIZATION) else {
        return match posted {
            (Some(id), Some(secret)) => Ok((id.to_owned(), secret.to_owned())),
            _ => Err(Refusal::unknown_client(false)),
        };
    };
    let (id, secret) = authorization.to_str().ok().and_then(basic).ok_or_else(|| Refusal::unknown_client(true))?;
    if posted.1.is_some() {
        return Err(Refusal::new("invalid_request", "the secret stands in the header and in the form: send one"));
    }
    if posted.0.is_some_and(|posted| posted != id) {
        return Err(Refusal::new("invalid_request", "the header and the form name different clients"));
    }
    Ok((id, secret))
}

/// `Basic base64(id:secret)`, each of the two form-encoded first (RFC 6749, 2.3.1).
fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((decoded(id)?, decoded(secret)?))
}

fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    Some(percent_encoding::percent_decode_str(&spaced).decode_utf8().ok()?.into_owned())
}

/// A refusal as RFC 6749, 5.2 has it.
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
    status: StatusCode,
    code: &'static str,
    words: &'static str,
    challenge: bool,
}

impl Refusal {
    fn new(code: &'static str, words: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, words, challenge: false }
    }

    /// Whoever tried HTTP authentication is told how it goes.
    fn unknown_client(challenge: bool) -> Self {
        let words = "the client is unknown, or its secret is wrong";
        Self { status: StatusCode::UNAUTHORIZED, code: "invalid_client", words, challenge }
    }
}

fn refusal_of(error: &Error, by_header: bool) -> Refusal {
    match error {
        Error::Unauthenticated => Refusal::unknown_client(by_header),
        Error::InvalidArgument(_) => Refusal::new("invalid_scope", "the scope is not among the client's"),
        error => {
            tracing::error!(error = %error, source = error.cause(), "no token could be issued");
            let words = "something went wrong on our side; try again";
            Refusal { status: StatusCode::INTERNAL_SERVER_ERROR, code: "server_error", words, challenge: false }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body: Value = json!({"error": self.code, "error_description": self.words});
        let mut response = uncached((self.status, Json(body)).into_response());
        if self.challenge {
            let value = HeaderValue::from_static(r#"Basic realm="esign", charset="UTF-8""#);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}

fn uncached(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

#[cfg(test)]
mod through_the_router;

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, String)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        headers
    }

    fn ask(headers: &HeaderMap, body: &str) -> Result<(String, String), Refusal> {
        credentials(headers, &Form::read(headers, body.as_bytes())?)
    }

    #[test]
    fn a_client_says_who_it_is_in_one_of_two_ways() {
        let pair = |id: &str, secret: &str| Ok((id.to_owned(), secret.to_owned()));
        let with = |pair: &str| headers(&[("authorization", format!("Basic {}", STANDARD.encode(pair)))]);
        assert_eq!(ask(&headers(&[]), "client_id=demo&client_secret=a%2Bb"), pair("demo", "a+b"));
        assert_eq!(ask(&with("demo:s%3Ax%2B+y"), ""), pair("demo", "s:x+ y"));
        assert_eq!(ask(&with("demo:a:b"), "client_id=demo"), pair("demo", "a:b"));
        assert_eq!(ask(&with("demo:s"), "client_secret=s").unwrap_err().code, "invalid_request");
        assert_eq!(ask(&with("demo:s"), "client_id=other").unwrap_err().code, "invalid_request");
        assert_eq!(ask(&headers(&[]), "client_id=demo&client_id=demo").unwrap_err().code, "invalid_request");
        assert_eq!(ask(&headers(&[]), "client_id=demo").unwrap_err(), Refusal::unknown_client(false));
        for bad in ["Basic !", "Bearer abc", "Basic", "Basic ZGVtbw=="] {
            let headers = headers(&[("authorization", bad.to_owned())]);
            assert_eq!(ask(&headers, "").unwrap_err(), Refusal::unknown_client(true), "{bad}");
        }
    }

    #[test]
    fn only_forms_are_read() {
        let mut headers = headers(&[]);
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        assert_eq!(ask(&headers, "{}").unwrap_err().code, "invalid_request");
    }

    #[test]
    fn a_refusal_is_json_and_uncached() {
        let response = Refusal::unknown_client(true).into_response();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert!(response.headers().contains_key("www-authenticate"));
        assert!(!Refusal::unknown_client(false).into_response().headers().contains_key("www-authenticate"));
    }
}
