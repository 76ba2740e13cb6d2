//! The honest client: asks a light question all the time, and writes down how long it waited for the answer.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Notify, task::JoinHandle};

use crate::{Failure, client, server::Reach};

/// Between an answer and the next question.
const GAP: Duration = Duration::from_millis(5);

/// An honest client at work.
pub struct Pulse {
    over: Arc<Notify>,
    task: JoinHandle<Result<Vec<Duration>, Failure>>,
}

impl Pulse {
    /// Begins to ask.
    pub fn begin(server: &Reach) -> Self {
        let over = Arc::new(Notify::new());
        let (end, url, token) = (Arc::clone(&over), server.url("/graphql"), server.token.clone());
        #[expect(clippy::disallowed_methods, reason = "it is awaited at the end of its story")]
        let task = tokio::spawn(async move {
            let client = client::plain();
            let mut waited = Vec::new();
            loop {
                let request = client.post(&url).bearer_auth(&token).header("content-type", "application/json");
                let began = std::time::Instant::now();
                let answer = request.body(r#"{"query": "{ viewer { kind } }"}"#).send().await;
                let answer = answer.map_err(|error| format!("an honest client got no answer: {error:?}"))?;
                if !answer.status().is_success() {
                    return Err(format!("an honest client was answered {}", answer.status()));
                }
                waited.push(began.elapsed());
                tokio::select! {
                    () = end.notified() => return Ok(waited),
                    () = tokio::time::sleep(GAP) => {}
                }
            }
        });
        Self { over, task }
    }

    /// Ends; gives what is to be told of it: the 99th percentile, the longest wait, and how many there were.
    pub async fn end(self) -> Result<String, Failure> {
        self.over.notify_one();
        let mut waited = self.task.await.map_err(|error| error.to_string())??;
        waited.sort_unstable();
        let p99 = waited[(waited.len() * 99 / 100).min(waited.len() - 1)];
        let longest = waited[waited.len() - 1];
        Ok(format!("an honest client p99 {}, max {} of {}", millis(p99), millis(longest), waited.len()))
    }
}

/// A time to be read.
pub fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
