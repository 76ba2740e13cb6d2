//! `/verify`: the page for anyone, and the same answer as JSON for programs.
//!
//! No script is needed; a small one lets a file be dropped. What is posted is judged in memory and forgotten; the log
//! knows that somebody asked and what the verdict was.

use std::sync::{Arc, LazyLock};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Multipart, Query, State, multipart::MultipartError},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use esign_domain::{clock::Clock, words::Lang};
use esign_sealing::TrustAnchors;
use esign_web::asset::{CSS, LOGO, SVG, style_sheet};
use jsonwebtoken::jwk::JwkSet;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tera::{Context, Tera};
use tokio::sync::Semaphore;

use super::{Judgement, Trust, Verdict, judge};

/// The longest file, in bytes.
const FILE_BYTES: usize = 20 * 1024 * 1024;
/// What surrounds the file in a form, at most.
const FORM_BYTES: usize = 64 * 1024;
/// So many files are held in memory at once; others wait.
const AT_ONCE: usize = 8;
/// Nothing from anywhere but here, no script in the page, no framing.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

const SCRIPT: &str = include_str!("../../assets/verify/verify.js");

static STYLE: LazyLock<String> = LazyLock::new(|| style_sheet(&[include_str!("../../assets/verify/verify.css")]));
static CHINESE: LazyLock<Value> = LazyLock::new(|| words(include_str!("../../assets/verify/zh.json")));
static ENGLISH: LazyLock<Value> = LazyLock::new(|| words(include_str!("../../assets/verify/en.json")));
static TEMPLATES: LazyLock<Tera> = LazyLock::new(|| {
    let mut tera = Tera::new();
    tera.add_raw_template("page.html", include_str!("../../assets/verify/page.html")).expect("a test renders the page");
    tera
});

fn words(text: &str) -> Value {
    serde_json::from_str(text).expect("a test reads the message files")
}

/// The published keys of result tokens as they are at a moment: they rotate while the page is served.
pub type Published = Box<dyn Fn() -> JwkSet + Send + Sync>;

/// What the page needs: whom to trust, and what time it is.
pub struct Desk {
    /// Roots of the certificates in PDFs.
    pub roots: TrustAnchors,
    /// The keys of result tokens.
    pub keys: Published,
    /// The same roots as PEM, for whoever verifies elsewhere; empty when there are none.
    pub roots_pem: Vec<u8>,
    /// The clock certificates are judged by.
    pub clock: Arc<dyn Clock>,
    places: Semaphore,
}

impl Desk {
    /// A desk that trusts these.
    pub fn new(roots: TrustAnchors, keys: Published, roots_pem: Vec<u8>, clock: Arc<dyn Clock>) -> Self {
        Self { roots, keys, roots_pem, clock, places: Semaphore::new(AT_ONCE) }
    }

    fn trust(&self) -> Trust {
        Trust { roots: self.roots.clone(), keys: (self.keys)() }
    }
}

/// `/verify` and what its page loads.
pub fn router(desk: Arc<Desk>) -> Router {
    let style = asset(CSS, &STYLE);
    let script = asset("text/javascript; charset=utf-8", SCRIPT);
    Router::new()
        .route("/verify", get(show).post(check).layer(DefaultBodyLimit::max(FILE_BYTES + FORM_BYTES)))
        .route("/verify/verify.css", get(|| async move { style }))
        .route("/verify/verify.js", get(|| async move { script }))
        .route("/verify/logo.svg", get(|| async { ([(header::CONTENT_TYPE, SVG)], LOGO) }))
        .route("/verify/root.pem", get(roots))
        .with_state(desk)
}

/// The certificates to trust when verifying without us.
async fn roots(State(desk): State<Arc<Desk>>) -> Response {
    if desk.roots_pem.is_empty() {
        return StatusCode::NOT_FOUND.into_response();
    }
    ([(header::CONTENT_TYPE, "application/x-pem-file")], desk.roots_pem.clone()).into_response()
}

fn asset(kind: &'static str, text: &'static str) -> ([(header::HeaderName, &'static str); 2], &'static str) {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")], text)
}

#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

impl Asked {
    fn lang(&self, headers: &HeaderMap) -> Lang {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Lang::from_accept_language(self.lang.as_deref().filter(|lang| matches!(*lang, "zh" | "en")).unwrap_or(accepted))
    }
}

async fn show(Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    page(asked.lang(&headers), StatusCode::OK, None, None)
}

async fn check(
    State(desk): State<Arc<Desk>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    form: Multipart,
) -> Response {
    let reply = Reply { lang: asked.lang(&headers), as_page: wants_page(&headers) };
    let _place = desk.places.acquire().await;
    let bytes = match posted(form).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return reply.refuse(StatusCode::BAD_REQUEST, "nothing"),
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return reply.refuse(error.status(), "too_large");
        }
        Err(error) => return reply.refuse(error.status(), "broken"),
    };
    let now = desk.clock.now();
    let judging = Arc::clone(&desk);
    match tokio::task::spawn_blocking(move || judge(&bytes, &judging.trust(), now)).await {
        Ok(judgement) => {
            tracing::info!(verdict = ?judgement.verdict, "verified for a visitor");
            reply.tell(&judgement)
        }
        Err(_) => reply.refuse(StatusCode::INTERNAL_SERVER_ERROR, "broken"),
    }
}

/// The first of `file` and `token` that isn't empty. The whole form is read: an answer before the end of the request
/// would look like a broken connection to the browser.
async fn posted(mut form: Multipart) -> Result<Option<Bytes>, MultipartError> {
    let mut found = None;
    while let Some(field) = form.next_field().await? {
        let is_ours = matches!(field.name(), Some("file" | "token"));
        let bytes = field.bytes().await?;
        if is_ours && !bytes.is_empty() && found.is_none() {
            found = Some(bytes);
        }
    }
    Ok(found)
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|kinds| kinds.contains("text/html"))
}

struct Reply {
    lang: Lang,
    as_page: bool,
}

impl Reply {
    fn tell(&self, judgement: &Judgement) -> Response {
        if self.as_page {
            page(self.lang, StatusCode::OK, Some(judgement), None)
        } else {
            Json(judgement).into_response()
        }
    }

    fn refuse(&self, status: StatusCode, problem: &'static str) -> Response {
        if self.as_page {
            return page(self.lang, status, None, Some(problem));
        }
        (status, Json(serde_json::json!({"error": {"code": "INVALID_REQUEST", "problem": problem}}))).into_response()
    }
}

/// What the template is given.
#[derive(Serialize)]
struct Shown<'a> {
    lang: &'static str,
    other: &'static str,
    w: &'a Value,
    tone: &'static str,
    verdict: Option<Verdict>,
    judgement: Option<&'a Judgement>,
    facts: Vec<(&'static str, String)>,
    problem: Option<&'static str>,
}

fn page(lang: Lang, status: StatusCode, judgement: Option<&Judgement>, problem: Option<&'static str>) -> Response {
    let (tag, other, words) = match lang {
        Lang::Zh => ("zh-CN", "en", &*CHINESE),
        Lang::En => ("en", "zh", &*ENGLISH),
    };
    let shown = Shown {
        lang: tag,
        other,
        w: words,
        tone: judgement.map_or("idle", |judgement| tone(judgement.verdict)),
        verdict: judgement.map(|judgement| judgement.verdict),
        judgement,
        facts: judgement.and_then(|judgement| judgement.claims.as_ref()).map(facts).unwrap_or_default(),
        problem,
    };
    let html = Context::from_serialize(&shown).and_then(|context| TEMPLATES.render("page.html", &context));
    match html {
        Ok(html) => {
            (status, [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))], Html(html)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the verify page can't be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Intact => "done",
        Verdict::SignerUnknown => "warn",
        Verdict::Altered => "fail",
        Verdict::Unreadable => "idle",
    }
}

/// The claims a person asks about, by the key of their label; the rest stands in the JSON.
fn facts(claims: &Value) -> Vec<(&'static str, String)> {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let time = |value: &Value| {
        let time = chrono::DateTime::from_timestamp(value.as_i64()?, 0)?;
        Some(time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
    };
    let mut facts = Vec::new();
    for (label, claim) in [
        ("flow_no", "flow_no"),
        ("status", "status"),
        ("failure", "failure_code"),
        ("client", "aud"),
        ("issuer", "iss"),
        ("evidence", "evidence_digest"),
    ] {
        facts.extend(text(&claims[claim]).map(|value| (label, value)));
    }
    facts.extend(time(&claims["iat"]).map(|value| ("issued", value)));
    for seal in claims["seal_records"].as_array().into_iter().flatten() {
        let (name, digest) = (text(&seal["document_name"]), text(&seal["sealed_digest"]));
        facts.extend(name.zip(digest).map(|(name, digest)| ("document", format!("{name} · SHA-256 {digest}"))));
    }
    facts
}

#[cfg(test)]
mod tests;
