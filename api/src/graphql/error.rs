//! The wall between the domain's errors and GraphQL's.
//!
//! [`ApiError`] can't be displayed, so the one conversion into GraphQL's error is the one below, which carries the
//! domain's error whole as its source. Only at the door, where the caller's language and the request's trace id are
//! known, does [`Voice`] put it into words. An error that comes without such a source was made by the executor:
//! before any resolver ran it tells what is wrong with the document, afterwards it is none of the caller's business.

use std::{net::IpAddr, sync::Arc};

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use esign_domain::{error::Error, words::Lang};
use serde::Serialize;

/// So much of a message is shown at most; the executor echoes whole documents.
const MESSAGE_BYTES: usize = 200;

/// So many errors of a document are told at most.
const ERRORS: usize = 20;

/// An error on its way to the caller.
#[derive(Clone, Debug)]
pub struct ApiError(Why);

#[derive(Clone, Debug)]
enum Why {
    /// What a verb said.
    Domain(Arc<Error>),
    /// A subscriber didn't keep up; it may go on after this cursor.
    SlowConsumer(Option<String>),
}

/// What a resolver gives.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// A subscription ends because its subscriber didn't keep up; it may go on after the cursor.
    pub fn slow_consumer(cursor: Option<String>) -> Self {
        Self(Why::SlowConsumer(cursor))
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(Why::Domain(Arc::new(error)))
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        // The words come at the door, where the caller's language is known.
        Self { message: String::new(), source: Some(Arc::new(error)), extensions: None }
    }
}

/// Whom an answer goes to: in which words and under which trace id errors are told, and where the request came from.
#[derive(Clone, Debug)]
pub struct Voice {
    /// The caller's language.
    pub lang: Lang,
    /// The request's id, the same as in the log.
    pub trace_id: String,
    /// The address the request came from, if known.
    pub from: Option<IpAddr>,
}

impl Voice {
    /// A domain error as GraphQL tells it.
    pub fn tell(&self, error: &Error) -> ServerError {
        let mut told = ServerError::new(shortened(&error.message(self.lang)), None);
        told.extensions = Some(self.extensions(error));
        told
    }

    fn tell_slow(&self, cursor: Option<&str>) -> ServerError {
        let words = match self.lang {
            Lang::Zh => "接收事件太慢，订阅已结束；请用 cursor 作为 after 重新订阅",
            Lang::En => "The subscriber was too slow; subscribe again with cursor as after",
        };
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", "SLOW_CONSUMER");
        extensions.set("retryable", true);
        extensions.set("traceId", self.trace_id.as_str());
        extensions.set("cursor", cursor.map_or(Value::Null, Value::from));
        ServerError { extensions: Some(extensions), ..ServerError::new(words, None) }
    }

    /// A response that holds nothing but this error.
    pub fn refuse(&self, error: &Error) -> Response {
        Response::from_errors(vec![self.tell(error)])
    }

    /// Puts every error of a response into the caller's words.
    pub fn retell(&self, mut response: Response) -> Response {
        let before_execution = is_request_error(&response);
        if before_execution {
            response.errors.truncate(ERRORS);
        }
        for error in &mut response.errors {
            let told = match error.source::<ApiError>() {
                Some(ApiError(Why::Domain(known))) => self.tell(known),
                Some(ApiError(Why::SlowConsumer(cursor))) => self.tell_slow(cursor.as_deref()),
                None if before_execution => self.tell(&Error::InvalidRequest(shortened(&error.message))),
                None => self.tell(&Error::internal(error.message.clone())),
            };
            error.message = told.message;
            error.extensions = told.extensions;
        }
        response
    }

    fn extensions(&self, error: &Error) -> ErrorExtensionValues {
        if let Error::Internal(source) = error {
            tracing::error!(traceId = self.trace_id, error = %source, "unexpected error");
        }
        let mut extensions = ErrorExtensionValues::default();
        for (name, detail) in error.details(self.lang) {
            extensions.set(name, Value::from_json(detail).unwrap_or_default());
        }
        extensions.set("code", error.code());
        extensions.set("retryable", error.retryable());
        extensions.set("traceId", self.trace_id.as_str());
        extensions
    }
}

/// Whether the request was refused before any resolver ran: nothing was read or done.
pub fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(|e| e.path.is_empty())
}

/// The body of an answer as JSON, fields in the order of the selection: a request that was refused has no `data` at all,
/// per the specification.
pub fn body(response: &Response) -> String {
    /// A response without data.
    #[derive(Serialize)]
    struct Refusal<'a> {
        errors: &'a [ServerError],
    }
    let body = if is_request_error(response) {
        serde_json::to_string(&Refusal { errors: &response.errors })
    } else {
        serde_json::to_string(response)
    };
    body.expect("a response has no map whose keys aren't strings")
}

fn shortened(message: &str) -> String {
    let mut end = message.len().min(MESSAGE_BYTES);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    message[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn body(response: &Response) -> Json {
        serde_json::from_str(&super::body(response)).unwrap()
    }

    fn voice() -> Voice {
        Voice { lang: Lang::En, trace_id: "t-1".into(), from: None }
    }

    #[test]
    fn an_unexpected_error_leaks_nothing() {
        let error: async_graphql::Error = ApiError::from(Error::internal("password=hunter2")).into();
        let mut error = error.into_server_error(async_graphql::Pos::default());
        error.path.push(async_graphql::PathSegment::Field("signFlow".into()));
        let told = serde_json::to_value(voice().retell(Response::from_errors(vec![error]))).unwrap();
        assert!(!told.to_string().contains("hunter2"), "{told}");
        assert_eq!(told["errors"][0]["extensions"], json!({"code": "INTERNAL", "retryable": true, "traceId": "t-1"}));
    }

    #[test]
    fn what_the_executor_says_during_execution_is_masked_and_before_it_is_cut() {
        let mut error = ServerError::new("x".repeat(5_000), None);
        let refused = voice().retell(Response::from_errors(vec![error.clone()]));
        assert!(refused.errors[0].message.len() <= MESSAGE_BYTES);
        assert_eq!(body(&refused)["errors"][0]["extensions"]["code"], "INVALID_REQUEST");
        assert!(body(&refused).get("data").is_none());
        error.path.push(async_graphql::PathSegment::Field("a".into()));
        let masked = body(&voice().retell(Response::from_errors(vec![error])));
        assert_eq!(masked["errors"][0]["extensions"]["code"], "INTERNAL");
        assert!(masked.get("data").is_some());
    }

    #[test]
    fn whoever_was_too_slow_is_told_where_to_go_on() {
        let error: async_graphql::Error = ApiError::slow_consumer(Some("c-7".into())).into();
        let response = Response::from_errors(vec![error.into_server_error(async_graphql::Pos::default())]);
        let told = body(&voice().retell(response));
        assert_eq!(told["errors"][0]["extensions"]["code"], "SLOW_CONSUMER");
        assert_eq!(told["errors"][0]["extensions"]["cursor"], "c-7");
    }

    #[test]
    fn words_follow_the_language() {
        let chinese = Voice { lang: Lang::Zh, ..voice() };
        assert_ne!(chinese.tell(&Error::Forbidden).message, voice().tell(&Error::Forbidden).message);
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let text = "签".repeat(100);
        assert_eq!(shortened(&text).chars().count(), MESSAGE_BYTES / 3);
    }
}
