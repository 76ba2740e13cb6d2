//! The crash story: signers sign while the servers are killed under them, and nothing is lost or happens twice.
//!
//! Who is who. A [`server`] is the built executable in the sandbox profile, started, killed with SIGKILL and started
//! again. The [`world`] is how anybody outside reaches it: whoever gets no answer asks again, as people and upstream
//! systems do. Every flow follows a [`tale`], lived by a [`signer`] through the real pages. [`trouble`] kills servers and
//! arms faults of the stand-ins; [`watch`] is a subscriber who comes back with its last cursor. At the end the [`judge`]
//! asks the API what became of everything, and believes no server but what it can check itself.
//!
//! What is drawn by lot comes from one seed (`dice`). Troubles are tied to the progress of the signers, not to a clock,
//! so that a seed tells the same story again, as far as two processes on one machine ever do the same twice.
//!
//! `cargo run -p esign-tests --example crash`, after `cargo build`; set by the environment:
//!
//! | variable | means | default |
//! |---|---|---|
//! | `ESIGN_CRASH_FLOWS` | how many flows | 12 |
//! | `ESIGN_CRASH_KILLS` | how many kills | a third of the flows |
//! | `ESIGN_CRASH_FAULTS` | how many faults of the stand-ins | half the flows |
//! | `ESIGN_CRASH_FREEZES` | how many times a server is frozen, longer than its leases last | 0 |
//! | `ESIGN_CRASH_CUTS` | how many times every connection to PostgreSQL is cut | 0 |
//! | `ESIGN_CRASH_AT_ONCE` | signers at the same time | 6 |
//! | `ESIGN_CRASH_SEED` | the seed | drawn, and told |
//! | `ESIGN_CRASH_SERVERS` | servers on one database | 1 |
//! | `ESIGN_CRASH_DATABASE` | `postgres://…` of a server on which a database may be created; needed for several servers | SQLite |
//! | `ESIGN_CRASH_SECONDS` | the longest it may take | 120, and 4 a flow |
//! | `ESIGN_EXECUTABLE` | the server's executable | the one built beside this program |
//!
//! It ends with 0 when everything held; else it lists what did not, and keeps the data and the servers' logs.

mod chain;
mod dice;
mod judge;
mod party;
mod server;
mod settings;
mod signer;
mod tale;
mod trouble;
mod upstream;
mod watch;
mod world;

use std::{
    io::Write,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{server::Servers, settings::Settings, tale::Lived, world::World};

/// What went wrong, in words.
pub type Failure = String;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let settings = Settings::from_environment()?;
    say(&format!("{settings}"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    Ok(runtime.block_on(tell(settings)))
}

async fn tell(settings: Settings) -> ExitCode {
    let began = Instant::now();
    let mut servers = match Servers::start(&settings).await {
        Ok(servers) => servers,
        Err(failure) => return end(&[failure]),
    };
    let world = Arc::new(World::new(&settings, &servers));
    let mut problems = live(&settings, &world, &mut servers).await;
    let oddities = world.oddities();
    say(&format!("  {} requests were answered with an internal error", oddities.len()));
    // Without its database a server has no other answer; with it, there is no excuse.
    if settings.cuts == 0 {
        problems.extend(oddities);
    }
    if servers.kills() * 2 < settings.kills {
        problems.push(format!("only {} of {} kills came about", servers.kills(), settings.kills));
    }
    let (kills, kept) = (servers.kills(), servers.end(!problems.is_empty()).await);
    say(&format!("  {} kills, {} s", kills, began.elapsed().as_secs()));
    if let Some(folder) = kept {
        say(&format!("  kept: {}", folder.display()));
    }
    end(&problems)
}

async fn live(settings: &Settings, world: &Arc<World>, servers: &mut Servers) -> Vec<Failure> {
    let mut watcher = JoinSet::new();
    let (over, is_over) = tokio::sync::oneshot::channel();
    watcher.spawn(watch::follow(Arc::clone(world), is_over));
    let lived = walk_all(settings, world, servers).await;
    servers.all_ready(Duration::from_mins(1)).await;
    world.clear_faults().await;
    let mut problems = Vec::new();
    let events = match judge::judge(settings, world, servers, &lived).await {
        Ok(verdict) => {
            say(&verdict.summary);
            problems.extend(verdict.problems);
            verdict.events
        }
        Err(failure) => return vec![failure],
    };
    // A subscriber who has failed already says so below.
    drop(over.send(events));
    match watcher.join_next().await {
        Some(Ok(Ok(broken))) => say(&format!("  a subscriber was cut off {broken} times and missed nothing")),
        Some(Ok(Err(failure))) => problems.push(failure),
        other => problems.push(format!("the subscriber did not end: {other:?}")),
    }
    problems
}

/// Every signer, a few at a time, while trouble goes about.
async fn walk_all(settings: &Settings, world: &Arc<World>, servers: &mut Servers) -> Vec<Lived> {
    let mut signers = JoinSet::new();
    let mut lived = Vec::new();
    let mut next = 0..settings.flows;
    let troubles = trouble::roam(settings, world, servers);
    tokio::pin!(troubles);
    let mut roaming = true;
    loop {
        while signers.len() < settings.at_once
            && let Some(number) = next.next()
        {
            signers.spawn(signer::live(Arc::clone(world), settings.seed, number));
        }
        if signers.is_empty() {
            break;
        }
        tokio::select! {
            Some(one) = signers.join_next() => lived.push(one.expect("a signer does not panic")),
            () = &mut troubles, if roaming => roaming = false,
        }
    }
    // A server that is just being killed is started again first.
    world.end();
    if roaming {
        troubles.await;
    }
    lived
}

fn end(problems: &[Failure]) -> ExitCode {
    if problems.is_empty() {
        say("  nothing was lost, nothing happened twice");
        return ExitCode::SUCCESS;
    }
    for problem in problems {
        say(&format!("  PROBLEM: {problem}"));
    }
    ExitCode::FAILURE
}

fn say(line: &str) {
    // Nobody to tell is no reason to stop.
    drop(writeln!(std::io::stdout(), "{line}"));
}
