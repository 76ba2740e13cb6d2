//! The database is killed under everybody, stays away for a while and comes back on what the kill left. Meanwhile the
//! servers must answer, and quickly, that they can't; and afterwards go on by themselves.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    Failure,
    server::{self, Servers},
    world::{self, World},
};

/// The longest an answer may take while there is no database: the wait for a connection, twice, and a busy machine.
const QUICK: Duration = Duration::from_secs(7);
/// The longest until a server does its work again, once the database takes connections.
const RECOVERY: Duration = Duration::from_secs(10);
/// Lines a server may write a second about what goes on behind its doors: more is a loop that spins.
const LINES_A_SECOND: usize = 10;
/// A link that leads nowhere: finding that out needs the database.
const NO_LINK: &str = "/s/AAAAAAAAAAAAAAAAAAAAAA";
const QUESTION: &str = "{ signFlows(first: 1) { nodes { id } } }";

/// What the outages of a run were like.
#[derive(Debug, Default)]
pub struct Outages {
    /// How many there were.
    pub count: usize,
    /// From the kill until the database took connections again, the longest.
    away: Duration,
    /// From there until a server gave its first good answer, the longest.
    recovery: Duration,
    /// The slowest answer while there was no database.
    slowest: Duration,
    /// What did not hold.
    pub problems: Vec<Failure>,
}

impl Outages {
    /// In words.
    pub fn summary(&self) -> String {
        let Self { count, away, recovery, slowest, .. } = self;
        format!(
            "{count} kills of the database: away up to {away:.1?}, the slowest answer meanwhile {slowest:.1?}, the first \
             good one up to {recovery:.1?} after its return"
        )
    }

    /// One outage, at least as long as `span`.
    pub async fn pass(&mut self, world: &World, servers: &mut Servers, span: Duration) -> Result<(), Failure> {
        let urls = servers.urls();
        let mut were_ready = Vec::new();
        for url in &urls {
            were_ready.push(status(url, "/readyz").await == Some(200));
        }
        let lines: Vec<usize> = servers.logs().map(complaints).collect();
        let began = Instant::now();
        world.outage_begins();
        servers.database.kill().await?;
        let ready: Vec<&String> =
            urls.iter().zip(&were_ready).filter(|(_, ready)| **ready).map(|(url, _)| url).collect();
        while began.elapsed() < span {
            for answers in join_all(ready.iter().map(|url| ask_all(world, url))).await {
                self.judge(answers);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        servers.database.start_again().await?;
        let back = Instant::now();
        self.away = self.away.max(back - began);
        servers.start_what_gave_up(&were_ready);
        for url in &urls {
            self.wait_for_work(world, url, back).await;
        }
        world.outage_ends();
        self.count += 1;
        let seconds = usize::try_from(began.elapsed().as_secs()).unwrap_or(usize::MAX - 1) + 1;
        let most = seconds.saturating_mul(LINES_A_SECOND);
        for (log, before) in servers.logs().zip(lines) {
            let written = complaints(log) - before;
            if written > most {
                self.problems.push(format!("{} holds {written} complaints of {:.1?}", log.display(), began.elapsed()));
            }
        }
        Ok(())
    }

    /// What the doors of a server said while none of them could do anything.
    fn judge(&mut self, said: Said) {
        let Said { url, took, readiness, page, answer } = said;
        self.slowest = self.slowest.max(took);
        let error = answer.as_ref().map(|answer| &answer["errors"][0]["extensions"]);
        for (door, holds, said) in [
            ("/readyz", readiness == Some(503), format!("{readiness:?}")),
            (NO_LINK, matches!(page, Some(500 | 503)), format!("{page:?}")),
            (
                "/graphql",
                error.is_some_and(|e| e["code"] == "INTERNAL" && e["retryable"] == true),
                format!("{answer:?}"),
            ),
            ("'s slowest door", took <= QUICK, format!("nothing for {took:.1?}")),
        ] {
            if !holds {
                self.problems.push(format!("{url}{door} says {said} while there is no database"));
            }
        }
    }

    async fn wait_for_work(&mut self, world: &World, url: &str, back: Instant) {
        loop {
            let fine = status(url, "/readyz").await == Some(200)
                && question(world, url).await.is_some_and(|answer| answer["errors"].is_null());
            if fine {
                self.recovery = self.recovery.max(back.elapsed());
                return;
            }
            if back.elapsed() > RECOVERY {
                self.problems.push(format!("{url} does not work {:.1?} after the database is back", back.elapsed()));
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// What three doors of one server say, and how long the slowest of them took.
struct Said {
    url: String,
    took: Duration,
    readiness: Option<u16>,
    page: Option<u16>,
    answer: Option<Value>,
}

async fn ask_all(world: &World, url: &str) -> Said {
    let began = Instant::now();
    let (readiness, page, answer) = tokio::join!(status(url, "/readyz"), status(url, NO_LINK), question(world, url));
    Said { url: url.to_owned(), took: began.elapsed(), readiness, page, answer }
}

async fn status(url: &str, path: &str) -> Option<u16> {
    let answer = world::client().get(format!("{url}{path}")).send().await.ok()?;
    Some(answer.status().as_u16())
}

/// The answer to a question that needs the database. The token was asked for before: without a database there is none.
async fn question(world: &World, url: &str) -> Option<Value> {
    let token = world.token.lock().expect("no holder panics").clone()?.1;
    let request = world::client().post(format!("{url}/graphql")).bearer_auth(token);
    let request = request.header("content-type", "application/json").body(json!({"query": QUESTION}).to_string());
    serde_json::from_slice(&request.send().await.ok()?.bytes().await.ok()?).ok()
}

/// What a server says of its worker and its tail: they have nobody to answer to but the log.
fn complaints(log: &Path) -> usize {
    server::lines(log, |line| line.contains("can't be tailed") || line.contains("can't be claimed"))
}
