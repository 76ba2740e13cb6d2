//! The load: so many connections that ask one thing after the other, and a window in which is counted.

use std::{
    cell::Cell,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use tokio::task::LocalSet;

use crate::{
    Failure, ask::Ask, cpu, http::Connection, postgres::Postgres, sample::Sample, server::Server, settings::Settings,
};

/// Flows' numbers: never the same twice in one run of this program, nor close to pgbench's.
static NEXT: AtomicU64 = AtomicU64::new(10_000_000_000_000);

/// Numbers for a whole window.
pub fn numbers() -> u64 {
    NEXT.fetch_add(10_000_000, Ordering::Relaxed)
}

struct Load {
    ask: Ask,
    token: String,
    base: u64,
    asked: Cell<u64>,
    answered: Cell<u64>,
    over: Cell<bool>,
}

/// Asks for a window, after a warm-up, and measures.
pub async fn measure(
    settings: &Settings,
    server: &Server,
    postgres: Option<&Postgres>,
    ask: Ask,
    base: u64,
) -> Result<Sample, Failure> {
    if let Some(postgres) = postgres {
        postgres.checkpoint().await?;
    }
    let load = Rc::new(Load {
        ask,
        token: server.token.clone(),
        base,
        asked: Cell::new(0),
        answered: Cell::new(0),
        over: Cell::new(false),
    });
    let tasks = LocalSet::new();
    let askers: Vec<_> = (0..settings.connections)
        .map(|_| tasks.spawn_local(keep_asking(Rc::clone(&load), server.address.clone())))
        .collect();
    let used = || -> Result<_, Failure> {
        let postgres = postgres.map_or(Ok(0.0), Postgres::used)?;
        Ok((cpu::used(server.pid)?, postgres, cpu::used(std::process::id())?.own))
    };
    tasks
        .run_until(async {
            tokio::time::sleep(settings.warm_up).await;
            let (before, answered, began) = (used()?, load.answered.get(), Instant::now());
            tokio::time::sleep(settings.window).await;
            let (operations, seconds) = (load.answered.get() - answered, began.elapsed().as_secs_f64());
            let after = used()?;
            load.over.set(true);
            for asker in askers {
                asker.await.map_err(|error| error.to_string())??;
            }
            let server = after.0.since(before.0);
            #[expect(clippy::cast_precision_loss, reason = "a few millions at most")]
            let operations = operations as f64;
            Ok(Sample {
                operations,
                seconds,
                server: server.own,
                workers: server.below,
                postgres: after.1 - before.1,
                client: after.2 - before.2,
            })
        })
        .await
}

async fn keep_asking(load: Rc<Load>, address: String) -> Result<(), Failure> {
    let mut connection = Connection::open(&address).await?;
    while !load.over.get() {
        let number = load.asked.get();
        load.asked.set(number + 1);
        let request = load.ask.request(&load.token, load.base, number);
        let answer = connection.ask(&request).await?;
        if !load.ask.is_answered_by(&answer) {
            load.over.set(true);
            return Err(format!("{:?}: {}", load.ask, answer.words()));
        }
        load.answered.set(load.answered.get() + 1);
    }
    Ok(())
}

/// Asks once.
pub async fn once(server: &Server, ask: Ask, base: u64, number: u64) -> Result<(), Failure> {
    let mut connection = Connection::open(&server.address).await?;
    let answer = connection.ask(&ask.request(&server.token, base, number)).await?;
    if ask.is_answered_by(&answer) { Ok(()) } else { Err(format!("{ask:?}: {}", answer.words())) }
}
