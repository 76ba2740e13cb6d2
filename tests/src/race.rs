//! Races: contenders that begin at the same moment, each a task of its own.
//!
//! They wait for each other at a barrier and then give way a random number of times, so that over many rounds each of
//! them comes first, second, and in between. The seed is printed; `ESIGN_TEST_SEED` sets it.

use std::sync::Arc;

use esign_domain::clock::Random;
use futures_util::future::BoxFuture;
use tokio::{sync::Barrier, task::JoinSet};

/// How often a contender gives way at most before it begins.
const MOST_YIELDS: usize = 12;

/// The starter of many races.
pub struct Starter(Random);

impl Starter {
    /// A starter for races of this kind.
    pub fn of(kind: &str) -> Self {
        let given = std::env::var("ESIGN_TEST_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| u64::from_le_bytes(Random::from_system().bytes()));
        eprintln!("{kind}: ESIGN_TEST_SEED={seed}");
        Self(Random::seeded(seed))
    }

    /// A number below `most`.
    pub fn below(&self, most: usize) -> usize {
        usize::from_le_bytes(self.0.bytes()) % most
    }

    /// Runs the contenders at once; gives what became of each, in the order they were named.
    pub async fn run<T: Send + 'static>(&self, contenders: Vec<BoxFuture<'static, T>>) -> Vec<T> {
        let barrier = Arc::new(Barrier::new(contenders.len()));
        let mut running = JoinSet::new();
        let mut waiting: Vec<_> = contenders.into_iter().enumerate().collect();
        while !waiting.is_empty() {
            let (place, contender) = waiting.swap_remove(self.below(waiting.len()));
            let (barrier, yields) = (barrier.clone(), self.below(MOST_YIELDS));
            running.spawn(async move {
                barrier.wait().await;
                for _ in 0..yields {
                    tokio::task::yield_now().await;
                }
                (place, contender.await)
            });
        }
        let mut outcomes = running.join_all().await;
        outcomes.sort_by_key(|(place, _)| *place);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }
}

/// A contender of a story: an async block over a clone of the story's platform.
#[macro_export]
macro_rules! contender {
    ($app:ident => $($act:tt)+) => {{
        let $app = std::sync::Arc::clone(&$app);
        let contender: futures_util::future::BoxFuture<'static, _> = Box::pin(async move { $($act)+ });
        contender
    }};
}
