//! The way in from outside: requests that are asked again until somebody answers, as people and upstream systems do.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder, redirect::Policy};
use serde_json::{Value, json};

use crate::{Failure, server::Servers, settings::Settings};

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(8);
/// For so long after an outage an answer may still speak of it: it was being waited for.
const EXCUSED_AFTER: Duration = Duration::from_secs(5);
/// How long whoever got no answer waits before asking again.
const GAP: Duration = Duration::from_millis(150);

/// An answer: what of it matters here.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Where it leads.
    pub location: String,
    /// What the page will say on top: the key of a notice.
    pub notice: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Result<Value, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| format!("HTTP {}, no JSON: {error}", self.status))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Everything the signers share.
pub struct World {
    client: Client,
    servers: Vec<String>,
    outside: String,
    pub(crate) credentials: (String, String),
    pub(crate) token: Mutex<Option<(Instant, String)>>,
    turn: AtomicUsize,
    acts: AtomicUsize,
    over: AtomicBool,
    oddities: Mutex<Vec<(Instant, Failure)>>,
    outages: Mutex<Vec<(Instant, Option<Instant>)>>,
    deadline: Instant,
}

/// Answers that a server gave because something went wrong inside it.
#[derive(Debug, Default)]
pub struct Oddities {
    /// Those for which the database had an excuse, by kind.
    pub excused: BTreeMap<String, usize>,
    /// The others.
    pub unexcused: Vec<Failure>,
}

/// A client that follows no redirect and keeps its requests short.
pub fn client() -> Client {
    let built = Client::builder().no_proxy().redirect(Policy::none()).timeout(REQUEST).build();
    built.expect("a client without TLS settings can be built")
}

impl World {
    /// Around these servers.
    pub fn new(settings: &Settings, servers: &Servers) -> Self {
        Self {
            client: client(),
            servers: servers.urls(),
            outside: servers.outside(),
            credentials: servers.credentials().expect("a server that is ready has written its credentials"),
            token: Mutex::default(),
            turn: AtomicUsize::default(),
            acts: AtomicUsize::default(),
            over: AtomicBool::default(),
            oddities: Mutex::default(),
            outages: Mutex::default(),
            deadline: Instant::now() + settings.longest,
        }
    }

    /// The addresses of the servers.
    pub fn servers(&self) -> &[String] {
        &self.servers
    }

    /// Whether the time of the story is over.
    pub fn is_late(&self) -> bool {
        Instant::now() > self.deadline
    }

    /// Asks the servers in turn, until one answers.
    pub async fn ask(&self, build: impl Fn(&Client, &str) -> RequestBuilder) -> Result<Answer, Failure> {
        loop {
            let server = &self.servers[self.turn.fetch_add(1, Ordering::Relaxed) % self.servers.len()];
            if let Some(answer) = self.once(build(&self.client, server)).await {
                return Ok(answer);
            }
            self.pause().await?;
        }
    }

    /// Asks the outside's stand-ins, until they answer.
    pub async fn ask_outside(&self, build: impl Fn(&Client, &str) -> RequestBuilder) -> Result<Answer, Failure> {
        loop {
            if let Some(answer) = self.once(build(&self.client, &self.outside)).await {
                return Ok(answer);
            }
            self.pause().await?;
        }
    }

    /// One request. An answer of 5xx is kept as an oddity: a server that lives has an answer to everything.
    async fn once(&self, request: RequestBuilder) -> Option<Answer> {
        let response = request.send().await.ok()?;
        let (status, path) = (response.status().as_u16(), response.url().path().to_owned());
        let header = |name: &str| {
            let values = response.headers().get_all(name).iter();
            values.filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join("\n")
        };
        let (location, cookies) = (header("location"), header("set-cookie"));
        let notice = cookies.lines().find_map(|cookie| cookie.strip_prefix("esign_notice=notice-"));
        let notice = notice.and_then(|rest| rest.split(';').next()).map(str::to_owned);
        let body = response.bytes().await.ok()?.to_vec();
        if status >= 500 {
            let said: String = String::from_utf8_lossy(&body).chars().take(200).collect();
            self.note(format!("HTTP {status} at {path}: {said}"));
            return None;
        }
        Some(Answer { status, location, notice, body })
    }

    /// Keeps an answer that nobody should have got.
    pub fn note(&self, oddity: Failure) {
        self.oddities.lock().expect("no holder panics").push((Instant::now(), oddity));
    }

    /// The database goes away.
    pub fn outage_begins(&self) {
        self.outages.lock().expect("no holder panics").push((Instant::now(), None));
    }

    /// The database is back.
    pub fn outage_ends(&self) {
        if let Some((_, end)) = self.outages.lock().expect("no holder panics").last_mut() {
            *end = Some(Instant::now());
        }
    }

    /// Waits a little before something is asked again; fails when the time of the story is over.
    pub async fn pause(&self) -> Result<(), Failure> {
        if self.is_late() {
            return Err("the time is over".into());
        }
        tokio::time::sleep(GAP).await;
        Ok(())
    }

    /// Something was done.
    pub fn count_act(&self) {
        self.acts.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until so many acts were done; false: the signers ended before.
    pub async fn acts_done(&self, acts: usize) -> bool {
        while self.acts.load(Ordering::Relaxed) < acts {
            if self.over.load(Ordering::Relaxed) {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        true
    }

    /// The signers have ended.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Arms a fault of the stand-ins; one that finds nobody at home is let be.
    pub async fn arm(&self, fault: &Value) {
        let request = self.client.post(format!("{}/sandbox/faults", self.outside));
        drop(request.body(fault.to_string()).send().await);
    }

    /// All goes well again.
    pub async fn clear_faults(&self) {
        for target in ["sms", "auth"] {
            self.arm(&json!({"target": target, "mode": "none", "count": 0})).await;
        }
    }

    /// Answers that nobody should have got. Without its database a server has no other; with it, there is no excuse.
    pub fn oddities(&self) -> Oddities {
        let outages = self.outages.lock().expect("no holder panics").clone();
        let has_excuse = |at: Instant| {
            outages.iter().any(|(begin, end)| at >= *begin && end.is_none_or(|end| at <= end + EXCUSED_AFTER))
        };
        let mut oddities = Oddities::default();
        for (at, what) in self.oddities.lock().expect("no holder panics").iter() {
            if has_excuse(*at) {
                *oddities.excused.entry(kind(what)).or_default() += 1;
            } else {
                oddities.unexcused.push(what.clone());
            }
        }
        oddities
    }
}

/// `HTTP 500 at /s`: without what tells one flow from another.
fn kind(oddity: &str) -> String {
    let head =
        oddity.split_once(": ").filter(|_| oddity.starts_with("HTTP")).map_or("INTERNAL in an answer", |at| at.0);
    let place = head.match_indices('/').nth(1).map_or(head.len(), |(at, _)| at);
    head[..place].to_owned()
}
