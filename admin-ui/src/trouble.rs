//! Words for what can't be done: what happened, what to do now, and the id to ask us by.

use axum::http::StatusCode;
use esign_domain::Error;
use serde::Serialize;

use crate::{
    drawing::Drawing,
    nav::Place,
    page::Page,
    template::{Templates, templates},
    wish::Wish,
};

/// The templates of this page.
pub const TEMPLATES: Templates = templates! { "trouble.html" };

/// A request that could not be answered.
#[derive(Debug, Clone, Serialize)]
pub struct TroublePage {
    /// The status of the answer.
    #[serde(skip)]
    pub status: StatusCode,
    /// Which words: the messages `trouble-{kind}` and `trouble-{kind}-next`.
    pub kind: &'static str,
    /// The code of the catalogue.
    pub code: &'static str,
    /// What the domain says of it, in the reader's language.
    pub message: String,
    /// Seconds until the next try.
    pub seconds: Option<i64>,
    /// The id under which the log tells of it.
    pub trace: Option<String>,
}

impl TroublePage {
    /// The page of an error.
    pub fn of(error: &Error, wish: &Wish) -> Self {
        let lang = wish.lang();
        let (status, kind) = kind(error);
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(%error, source = error.cause(), "a page of the console could not be made");
        }
        let seconds = match error {
            Error::RateLimited { retry_after_seconds } => Some(*retry_after_seconds),
            Error::SmsRateLimited { retry_after_seconds, .. } => *retry_after_seconds,
            _ => None,
        };
        let message = match error {
            Error::InvalidArgument(problems) => {
                problems.iter().map(|problem| lang.problem(&problem.problem)).collect::<Vec<_>>().join(" · ")
            }
            // The heading says it already.
            Error::NotFound => String::new(),
            _ => error.message(lang),
        };
        Self { status, kind, code: error.code(), message, seconds, trace: wish.trace.clone() }
    }

    /// The form lay too long or comes from elsewhere.
    pub fn foreign() -> Self {
        Self::plain(StatusCode::FORBIDDEN, "foreign")
    }

    /// The form is too long or broke off.
    pub fn unreadable() -> Self {
        Self::plain(StatusCode::PAYLOAD_TOO_LARGE, "unreadable")
    }

    /// There is no such page.
    pub fn missing() -> Self {
        Self::plain(StatusCode::NOT_FOUND, "missing")
    }

    fn plain(status: StatusCode, kind: &'static str) -> Self {
        Self { status, kind, code: "", message: String::new(), seconds: None, trace: None }
    }
}

impl Page for TroublePage {
    const TEMPLATE: &'static str = "trouble.html";
    const TITLE: &'static str = "trouble-title";
    const PLACE: Place = Place::Aside;
}

fn kind(error: &Error) -> (StatusCode, &'static str) {
    match error {
        Error::NotFound => (StatusCode::NOT_FOUND, "missing"),
        Error::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
        Error::Unauthenticated => (StatusCode::UNAUTHORIZED, "signed-out"),
        Error::StateConflict { .. } | Error::LostUpdate { .. } | Error::AlreadyExists { .. } => {
            (StatusCode::CONFLICT, "conflict")
        }
        Error::RateLimited { .. } | Error::SmsRateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "limited"),
        Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let of = |kind| TroublePage { kind, ..TroublePage::missing() };
    let internal = TroublePage { code: "INTERNAL", trace: Some("7f3a09c2".into()), ..of("internal") };
    let limited = TroublePage { code: "RATE_LIMITED", seconds: Some(42), ..of("limited") };
    vec![
        Drawing::new("trouble-missing", TroublePage::missing()),
        Drawing::new("trouble-internal", internal),
        Drawing::new("trouble-limited", limited),
        Drawing::new("trouble-conflict", TroublePage { message: "流程已变为「已完成」".into(), ..of("conflict") }),
        Drawing::new("trouble-forbidden", of("forbidden")),
        Drawing::new("trouble-signed-out", of("signed-out")),
        Drawing::new("trouble-refused", TroublePage { message: "不能这样做".into(), ..of("refused") }),
        Drawing::new("trouble-foreign", TroublePage::foreign()),
        Drawing::new("trouble-unreadable", TroublePage::unreadable()),
    ]
}
