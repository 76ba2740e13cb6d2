//! One HTTP call to an outside system, and what became of it.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect::Policy};

/// The longest answer that is read, in bytes.
const ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// What a failed call means for its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was done; a later try may help.
    Retryable,
    /// Nothing was done, and no try will help.
    Final,
    /// Done or not: nobody knows.
    Unknown,
}

/// A call that gave no usable answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it means.
    pub outcome: Outcome,
    /// A short code: `HTTP_503`, `TIMEOUT`, `UNREACHABLE`.
    pub code: String,
    /// In words, without addresses or personal data.
    pub reason: String,
}

impl Failure {
    /// An answer came, but it makes no sense: whatever was asked for may have been done.
    pub fn senseless(reason: &str) -> Self {
        Self { outcome: Outcome::Unknown, code: "BAD_ANSWER".into(), reason: reason.into() }
    }
}

/// A client for one outside system: no redirects, no proxy from the environment, one time-out from the first byte sent
/// to the last received.
pub fn client(timeout: Duration) -> reqwest::Result<Client> {
    Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(timeout)
        .connect_timeout(timeout)
        .pool_idle_timeout(Duration::from_secs(30))
        .user_agent(concat!("esign/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Sends a request and reads the whole answer, if it is a success.
pub async fn send(request: RequestBuilder) -> Result<Bytes, Failure> {
    let response = request.send().await.map_err(|error| of_error(&error))?;
    if !response.status().is_success() {
        return Err(of_status(response.status()));
    }
    read(response).await
}

/// The same for an outside system that explains its refusals in the body: gives the status, too.
pub async fn ask(request: RequestBuilder) -> Result<(StatusCode, Bytes), Failure> {
    let response = request.send().await.map_err(|error| of_error(&error))?;
    Ok((response.status(), read(response).await?))
}

async fn read(mut response: Response) -> Result<Bytes, Failure> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| of_error(&error))? {
        if body.len() + part.len() > ANSWER_BYTES {
            return Err(Failure::senseless("the answer is too long"));
        }
        body.extend_from_slice(&part);
    }
    Ok(body.into())
}

/// A connection that was never made has done nothing; after that, nobody knows.
fn of_error(error: &reqwest::Error) -> Failure {
    let failure = |outcome, code: &str, reason: &str| Failure { outcome, code: code.into(), reason: reason.into() };
    if error.is_connect() {
        failure(Outcome::Retryable, "UNREACHABLE", "no connection could be made")
    } else if error.is_builder() {
        failure(Outcome::Final, "BAD_ADDRESS", "the configured address can't be called")
    } else if error.is_timeout() {
        failure(Outcome::Unknown, "TIMEOUT", "no answer in time")
    } else {
        failure(Outcome::Unknown, "BROKEN_OFF", "the connection broke off before the answer was complete")
    }
}

/// 408, 429 and 503 say that nothing was done; other 5xx may come after the deed; other answers are refusals.
pub fn of_status(status: StatusCode) -> Failure {
    let outcome = match status {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Outcome::Retryable
        }
        _ if status.is_server_error() => Outcome::Unknown,
        _ => Outcome::Final,
    };
    Failure { outcome, code: format!("HTTP_{}", status.as_u16()), reason: format!("answered with {}", status.as_u16()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_what_to_do_next() {
        for (status, outcome) in [
            (302, Outcome::Final),
            (400, Outcome::Final),
            (401, Outcome::Final),
            (408, Outcome::Retryable),
            (409, Outcome::Final),
            (429, Outcome::Retryable),
            (500, Outcome::Unknown),
            (502, Outcome::Unknown),
            (503, Outcome::Retryable),
            (504, Outcome::Unknown),
        ] {
            let failure = of_status(StatusCode::from_u16(status).unwrap());
            assert_eq!((failure.outcome, failure.code), (outcome, format!("HTTP_{status}")));
        }
    }
}
