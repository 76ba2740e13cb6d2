//! The one error of the system: what went wrong, under the code that callers act on.
//!
//! Doors turn it into a GraphQL error, a page or an exit status; nobody else invents codes. Sources are kept for the
//! log and never shown.

use std::{error::Error as StdError, fmt};

use serde_json::{Map, Value, json};

use crate::words::Lang;

/// A field that can't be accepted, by its path in the input (`subject.mobile`), never with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Path in the input.
    pub path: String,
    /// What is wrong, in English; [`Lang::problem`] says it in Chinese.
    pub problem: String,
}

/// Everything that can go wrong, one variant a code of the catalogue.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Missing or malformed fields, all at once.
    #[error("invalid argument")]
    InvalidArgument(Vec<FieldProblem>),
    /// Not one of the scenes.
    #[error("scene not supported")]
    SceneNotSupported,
    /// Unknown, disabled, or not for this scene or subject type.
    #[error("agreement type not supported")]
    AgreementTypeNotSupported {
        /// The codes that would be accepted here.
        allowed: Vec<String>,
    },
    /// No auth rule matches.
    #[error("no auth rule matches")]
    AuthRuleNotFound(Box<crate::selector::Question>),
    /// No SMS template matches.
    #[error("no SMS template matches")]
    SmsTemplateNotFound(Box<crate::selector::Question>),
    /// A gateway refused or failed, where the caller waits for it.
    #[error("the SMS could not be sent")]
    SmsSendFailed,
    /// Resent too soon or too often.
    #[error("SMS limit reached")]
    SmsRateLimited {
        /// Seconds until the next one may be sent; none when no more may be sent at all.
        retry_after_seconds: Option<i64>,
        /// How many are left for this flow.
        remaining: i32,
    },
    /// Unknown or expired link: one answer for both.
    #[error("the link is unknown or expired")]
    SessionInvalid,
    /// The text could not be laid out or sealed.
    #[error("signing failed")]
    SignFailed,
    /// The auth system refused the material or ended the attempt.
    #[error("authentication failed")]
    AuthFailed {
        /// Attempts left, if known.
        attempts_left: Option<i32>,
        /// Entries left of this challenge, if known.
        entries_left: Option<i32>,
    },
    /// The same flowNo with other content.
    #[error("the flowNo was used with other content")]
    IdempotencyConflict {
        /// Paths of the fields that differ.
        fields: Vec<String>,
    },
    /// Not allowed in this state.
    #[error("not allowed in the state {status}")]
    StateConflict {
        /// The status that stands in the way.
        status: String,
    },
    /// Somebody else changed it since the caller read it: an update that would undo theirs.
    #[error("changed meanwhile: it is version {version} now")]
    LostUpdate {
        /// The version it has now.
        version: i32,
    },
    /// Another one with the same key exists.
    #[error("already exists")]
    AlreadyExists {
        /// The id or name of what is in the way.
        conflicts_with: String,
    },
    /// Named by the caller, but not there, or not the caller's.
    #[error("not found")]
    NotFound,
    /// No or bad credentials.
    #[error("not authenticated")]
    Unauthenticated,
    /// Authenticated, but not allowed.
    #[error("forbidden")]
    Forbidden,
    /// Too many requests.
    #[error("too many requests")]
    RateLimited {
        /// Seconds until the next try.
        retry_after_seconds: i64,
    },
    /// The query asks for too much.
    #[error("the query is too complex")]
    QueryTooComplex,
    /// Not a request that can be understood.
    #[error("the request can't be understood: {0}")]
    InvalidRequest(String),
    /// Anything unexpected. The source goes to the log, never to the caller.
    #[error("internal error")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

/// The result of a verb.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An unexpected failure, with words for the log.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// What lies behind it, in words for the log; empty when nothing does. Never its `Debug`: a database's error quotes in
    /// its details the whole row that was refused.
    pub fn cause(&self) -> String {
        StdError::source(self).map(ToString::to_string).unwrap_or_default()
    }

    /// One field that can't be accepted.
    pub fn field(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::InvalidArgument(vec![FieldProblem { path: path.into(), problem: problem.into() }])
    }

    /// Not allowed in this status.
    pub fn state_conflict(status: impl fmt::Display) -> Self {
        Self::StateConflict { status: status.to_string() }
    }

    /// The code callers act on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidArgument(_) => "INVALID_ARGUMENT",
            Self::SceneNotSupported => "SCENE_NOT_SUPPORTED",
            Self::AgreementTypeNotSupported { .. } => "AGREEMENT_TYPE_NOT_SUPPORTED",
            Self::AuthRuleNotFound(_) => "AUTH_RULE_NOT_FOUND",
            Self::SmsTemplateNotFound(_) => "SMS_TEMPLATE_NOT_FOUND",
            Self::SmsSendFailed => "SMS_SEND_FAILED",
            Self::SmsRateLimited { .. } => "SMS_RATE_LIMITED",
            Self::SessionInvalid => "H5_SESSION_INVALID",
            Self::SignFailed => "SIGN_FAILED",
            Self::AuthFailed { .. } => "AUTH_FAILED",
            Self::IdempotencyConflict { .. } => "IDEMPOTENCY_CONFLICT",
            Self::StateConflict { .. } => "STATE_CONFLICT",
            Self::LostUpdate { .. } => "STATE_CONFLICT",
            Self::AlreadyExists { .. } => "ALREADY_EXISTS",
            Self::NotFound => "NOT_FOUND",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::RateLimited { .. } => "RATE_LIMITED",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::InvalidRequest(_) => "INVALID_REQUEST",
            Self::Internal(_) => "INTERNAL",
        }
    }

    /// Whether the same call may succeed later, unchanged.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::SmsSendFailed | Self::RateLimited { .. } | Self::Internal(_))
    }

    /// What the code's row in the catalogue promises besides code, retryable and traceId.
    pub fn details(&self, lang: Lang) -> Map<String, Value> {
        let value = match self {
            Self::InvalidArgument(fields) => {
                let told = |f: &FieldProblem| json!({"path": f.path, "problem": lang.problem(&f.problem)});
                json!({"fields": fields.iter().map(told).collect::<Vec<_>>()})
            }
            Self::SceneNotSupported => json!({"allowed": ["COLLECTION", "BATCH_PAYMENT", "MEMBER_SETTLEMENT"]}),
            Self::AgreementTypeNotSupported { allowed } => json!({"allowed": allowed}),
            Self::AuthRuleNotFound(q) | Self::SmsTemplateNotFound(q) => {
                json!({"scene": q.scene, "subjectType": q.subject_type, "agreementType": q.agreement_type})
            }
            Self::SmsRateLimited { retry_after_seconds, remaining } => {
                json!({"retryAfterSeconds": retry_after_seconds, "remaining": remaining})
            }
            Self::AuthFailed { attempts_left, entries_left } => {
                json!({"attemptsLeft": attempts_left, "entriesLeft": entries_left})
            }
            Self::IdempotencyConflict { fields } => json!({"fields": fields}),
            Self::StateConflict { status } => json!({"status": status}),
            Self::LostUpdate { version } => json!({"version": version}),
            Self::AlreadyExists { conflicts_with } => json!({"conflictsWith": conflicts_with}),
            Self::RateLimited { retry_after_seconds } => json!({"retryAfterSeconds": retry_after_seconds}),
            _ => json!({}),
        };
        match value {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    /// The error in words for people.
    pub fn message(&self, lang: Lang) -> String {
        let base = lang.say(self.code());
        match self {
            Self::LostUpdate { .. } => lang.say("lost_update").to_owned(),
            Self::InvalidRequest(why) => format!("{base}{}{why}", lang.say("colon")),
            _ => base.to_owned(),
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(source: sea_orm::DbErr) -> Self {
        Self::internal(source)
    }
}

impl From<serde_json::Error> for Error {
    fn from(source: serde_json::Error) -> Self {
        Self::internal(source)
    }
}
