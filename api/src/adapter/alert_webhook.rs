//! Telling people: alerts, posted to a webhook whose body a template makes, so that it fits a chat robot.
//!
//! The first alert of a kind is told at once. More of the same within a while are counted and told together at its end,
//! so that an outage is two messages and not two thousand. A post that fails is tried again a few times; after that, log
//! and counters are where it stands. Nothing waits for any of this.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use chrono::SecondsFormat;
use esign_domain::{
    App,
    alert::{Alert, Raised},
    sms::template::render,
    words::Lang,
};
use reqwest::Client;
use serde_json::Value;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep, sleep_until},
};

use super::call;

/// So many alerts may wait to be told.
pub const WAITING: usize = 256;

const TIMEOUT: Duration = Duration::from_secs(5);

/// The body is no JSON once its variables are filled in.
#[derive(Debug, thiserror::Error)]
#[error("alerts.webhook_body: {0} (variables stand inside the strings of a JSON text, as {{{{ text }}}})")]
pub struct NoBody(serde_json::Error);

/// When to tell again.
#[derive(Clone, Debug)]
pub struct Pace {
    /// How long the same alert is held back after it was told.
    pub repeat: Duration,
    /// How long to wait before each further try of a post that failed.
    pub retries: Vec<Duration>,
}

/// A webhook for alerts.
pub struct AlertWebhook {
    client: Client,
    url: String,
    body: String,
    pace: Pace,
}

impl AlertWebhook {
    /// The webhook as configured; none: nobody is to be told.
    ///
    /// # Errors
    /// For a body that makes no JSON.
    pub fn of(app: &App) -> anyhow::Result<Option<Self>> {
        let settings = &app.settings.alerts;
        let body = settings.webhook_body.clone();
        serde_json::from_str::<Value>(&render(&body, &variables(app, Alert::JobDiscarded, "job 1", 1)))
            .map_err(NoBody)?;
        if settings.webhook_url.is_empty() {
            return Ok(None);
        }
        let url = settings.webhook_url.expose().to_owned();
        let retries = [1, 5, 30, 120].map(Duration::from_secs).into();
        let pace = Pace { repeat: Duration::from_secs(settings.webhook_repeat_seconds), retries };
        Ok(Some(Self { client: call::client(TIMEOUT)?, url, body, pace }))
    }

    /// Tells what is raised, until `stop` turns true.
    pub async fn run(self, app: Arc<App>, mut raised: mpsc::Receiver<Raised>, mut stop: watch::Receiver<bool>) {
        let mut held = Held::default();
        loop {
            let next = held.next_end();
            let wait = async {
                match next {
                    Some(end) => sleep_until(end).await,
                    None => std::future::pending().await,
                }
            };
            let to_tell = tokio::select! {
                Some(one) = raised.recv() => held.take(one, Instant::now(), self.pace.repeat),
                () = wait => held.ended(Instant::now(), self.pace.repeat),
                // An error says that nobody is left who could tell us to stop.
                _ = stop.wait_for(|stopped| *stopped) => return,
            };
            for (alert, about, count) in to_tell {
                tokio::select! {
                    () = self.tell(&app, alert, &about, count) => {}
                    _ = stop.wait_for(|stopped| *stopped) => return,
                }
            }
        }
    }

    async fn tell(&self, app: &App, alert: Alert, about: &str, count: u64) {
        let body = render(&self.body, &variables(app, alert, about, count));
        for gap in self.pace.retries.iter().map(Some).chain([None]) {
            let request = self.client.post(&self.url).header("Content-Type", "application/json").body(body.clone());
            match (call::send(request).await, gap) {
                (Ok(_), _) => return,
                (Err(failure), Some(gap)) => {
                    tracing::warn!(code = failure.code, "an alert can't be told yet");
                    sleep(*gap).await;
                }
                (Err(failure), None) => tracing::error!(code = failure.code, alert = alert.as_str(), "nobody was told"),
            }
        }
    }
}

/// What was told lately, and what came since.
#[derive(Default)]
struct Held(BTreeMap<Alert, Since>);

struct Since {
    /// Until then the same is only counted.
    end: Instant,
    count: u64,
    last: String,
}

impl Held {
    /// What is to be told now of one that was raised.
    fn take(&mut self, raised: Raised, now: Instant, repeat: Duration) -> Vec<(Alert, String, u64)> {
        match self.0.get_mut(&raised.alert) {
            Some(since) if now < since.end => {
                since.count += 1;
                since.last = raised.about;
                Vec::new()
            }
            _ => {
                self.0.insert(raised.alert, Since { end: now + repeat, count: 0, last: String::new() });
                vec![(raised.alert, raised.about, 1)]
            }
        }
    }

    /// What was held back and may be told now.
    fn ended(&mut self, now: Instant, repeat: Duration) -> Vec<(Alert, String, u64)> {
        let mut due = Vec::new();
        self.0.retain(|alert, since| {
            if now < since.end {
                return true;
            }
            let more = since.count > 0;
            if more {
                due.push((*alert, std::mem::take(&mut since.last), since.count));
                (since.end, since.count) = (now + repeat, 0);
            }
            more
        });
        due
    }

    fn next_end(&self) -> Option<Instant> {
        self.0.values().map(|since| since.end).min()
    }
}

/// The values of the body's variables, as they may stand inside a JSON string.
fn variables(app: &App, alert: Alert, about: &str, count: u64) -> BTreeMap<String, String> {
    let words = alert.words(Lang::Zh);
    let site = app.public("");
    let times = if count > 1 { format!("（{count} 次）") } else { String::new() };
    let values = HashMap::from([
        ("text", format!("【电子签章】{words}{times}：{about} · {site}")),
        ("alert", alert.as_str().to_owned()),
        ("words", words.to_owned()),
        ("about", about.to_owned()),
        ("count", count.to_string()),
        ("at", app.now().to_rfc3339_opts(SecondsFormat::Secs, true)),
        ("site", site),
    ]);
    values.into_iter().map(|(name, value)| (name.to_owned(), inside_a_string(&value))).collect()
}

fn inside_a_string(value: &str) -> String {
    let quoted = Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests;
