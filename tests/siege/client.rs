//! HTTP as a client speaks it.

use std::time::{Duration, Instant};

use reqwest::{Client, redirect::Policy};
use serde_json::Value;

use crate::{Failure, server::Reach};

/// The longest one request may take.
const REQUEST: Duration = Duration::from_secs(30);

/// A client that follows no redirect.
pub fn plain() -> Client {
    let built = Client::builder().no_proxy().redirect(Policy::none()).timeout(REQUEST).build();
    built.expect("a client without TLS settings can be built")
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The code of the first error; empty: there is none.
    pub code: String,
    /// How long it took.
    pub took: Duration,
}

/// Posts a body to GraphQL. Whatever is answered must be JSON; no answer is a failure.
pub async fn post(client: &Client, server: &Reach, body: Vec<u8>, more: &[(&str, &str)]) -> Result<Answer, Failure> {
    let mut request = client.post(server.url("/graphql")).bearer_auth(&server.token).body(body);
    request = request.header("content-type", "application/json");
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    let began = Instant::now();
    let response = request.send().await.map_err(|error| format!("{error:?}"))?;
    let status = response.status().as_u16();
    let bytes = response.bytes().await.map_err(|error| format!("{error:?}"))?;
    let took = began.elapsed();
    let said: Value = serde_json::from_slice(&bytes).map_err(|error| format!("HTTP {status}, no JSON: {error}"))?;
    let code = said["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned();
    Ok(Answer { status, code, took })
}
