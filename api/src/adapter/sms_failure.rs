//! What an answer of a gateway means, in the port's words.

use esign_domain::sms::port::SmsFailure;
use reqwest::StatusCode;

use super::call::{self, Failure, Outcome};

/// The kinds of [`SmsFailure`], for tables of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It took no more for now.
    Limited,
    /// It will never take it as things stand there.
    Refused,
    /// Nobody will take it.
    Final,
    /// Nobody knows.
    Unknown,
}

/// A row of a table of codes: a code, or with a star at its end all that begin so. The first that fits counts.
pub type Row = (&'static str, Class);

/// A failure of a class.
pub fn failure(class: Class, code: &str, reason: &str) -> SmsFailure {
    let (code, reason) = (code.to_owned(), reason.to_owned());
    match class {
        Class::Limited => SmsFailure::Limited { code, reason },
        Class::Refused => SmsFailure::Refused { code, reason },
        Class::Final => SmsFailure::Final { code, reason },
        Class::Unknown => SmsFailure::Unknown { reason: format!("{code}: {reason}") },
    }
}

/// The class of a code by a table; a code that stands in none is judged by the status it came with: whoever answered
/// with a refusal did nothing.
pub fn class_of(table: &[Row], code: &str, status: StatusCode) -> Class {
    let fits = |pattern: &str| match pattern.strip_suffix('*') {
        Some(start) => code.starts_with(start),
        None => code == pattern,
    };
    let known = table.iter().find(|(pattern, _)| fits(pattern)).map(|(_, class)| *class);
    known.unwrap_or(if status.is_client_error() { Class::Refused } else { Class::Unknown })
}

/// A call that gave no usable answer. What a status refuses is about our account or address, unless it says that the
/// message itself is wrong.
pub fn told(failure: Failure) -> SmsFailure {
    let Failure { outcome, code, reason } = failure;
    match outcome {
        Outcome::Retryable => SmsFailure::Retryable { code, reason },
        Outcome::Final if matches!(&*code, "HTTP_400" | "HTTP_409" | "HTTP_413" | "HTTP_422") => {
            SmsFailure::Final { code, reason }
        }
        Outcome::Final => SmsFailure::Refused { code, reason },
        Outcome::Unknown => SmsFailure::Unknown { reason: format!("{code}: {reason}") },
    }
}

/// An answer that explains nothing, by its status.
pub fn unexplained(status: StatusCode) -> SmsFailure {
    if status.is_success() {
        return told(Failure::senseless("the answer is none of its kind"));
    }
    told(call::of_status(status))
}

/// A question that got no answer: nothing was sent by it, whatever became of it, so what was not known still is not.
pub fn unanswered(failure: SmsFailure) -> SmsFailure {
    match failure {
        SmsFailure::Retryable { code, reason }
        | SmsFailure::Limited { code, reason }
        | SmsFailure::Refused { code, reason }
        | SmsFailure::Final { code, reason } => SmsFailure::Retryable { code, reason },
        SmsFailure::Unknown { reason } => SmsFailure::Retryable { code: "NO_ANSWER".into(), reason },
    }
}
