//! One operation on a socket: the executor's responses as the steps of the protocol.

use std::{panic::AssertUnwindSafe, pin::Pin};

use async_graphql::{Response, ServerError};
use esign_domain::error::Error;
use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use serde_json::json;

use super::{
    door::{ANSWER_BYTES, panicked},
    error::{Voice, body, is_request_error},
};

/// What is to be told about an operation next.
#[derive(Debug)]
pub enum Step {
    /// A result, as JSON.
    Next(String),
    /// The operation was refused or broke off; nothing follows.
    Refused(Vec<ServerError>),
    /// The operation is over; nothing follows.
    Complete,
}

/// The message that hands over a result; put together as text, because the order of a result's fields is part of it.
pub fn next(id: &str, payload: &str) -> String {
    format!(r#"{{"type":"next","id":{},"payload":{payload}}}"#, json!(id))
}

/// The message that refuses an operation.
pub fn refused(id: &str, errors: &[ServerError]) -> serde_json::Value {
    json!({"type": "error", "id": id, "payload": errors})
}

/// The steps of an operation. A panic inside ends this operation only.
pub fn run(
    responses: BoxStream<'static, Response>,
    voice: Voice,
    is_subscription: bool,
) -> Pin<Box<dyn Stream<Item = Step> + Send>> {
    let steps = AssertUnwindSafe(responses).catch_unwind().map(move |response| match response {
        Ok(response) => told(voice.retell(response), &voice, is_subscription),
        Err(panic) => Step::Refused(voice.refuse(&panicked(&*panic)).errors),
    });
    Box::pin(steps.chain(stream::once(std::future::ready(Step::Complete))))
}

fn told(response: Response, voice: &Voice, is_subscription: bool) -> Step {
    // An error of the subscription's field itself, not of one below it: its source could not be opened, or gave up.
    let is_over = is_subscription && response.errors.iter().any(|error| error.path.len() <= 1);
    if is_over || is_request_error(&response) {
        return Step::Refused(response.errors);
    }
    let payload = body(&response);
    if payload.len() > ANSWER_BYTES {
        return Step::Refused(voice.refuse(&Error::QueryTooComplex).errors);
    }
    Step::Next(payload)
}
