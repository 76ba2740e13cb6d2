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
//! | `ESIGN_CRASH_DATABASE_KILLS` | how many times PostgreSQL itself is killed, all its processes at once | 0 |
//! | `ESIGN_CRASH_AT_ONCE` | signers at the same time | 6 |
//! | `ESIGN_CRASH_SEED` | the seed | drawn, and told |
//! | `ESIGN_CRASH_SERVERS` | servers on one database | 1 |
//! | `ESIGN_CRASH_DATABASE` | `sqlite`; `own`: a PostgreSQL server of this program's own; or `postgres://…` of one on which a database may be created | `own` if it is needed, else `sqlite` |
//! | `ESIGN_CRASH_SECONDS` | the longest it may take | 120, and 4 a flow |
//! | `ESIGN_CRASH_ONLY_DRAW` | 1: only tell what would be told | 0 |
//! | `ESIGN_EXECUTABLE` | the server's executable | the one built beside this program |
//!
//! It ends with 0 when everything held; else it lists what did not, and keeps the data and the servers' logs.

mod audit;
mod chain;
mod database;
mod dice;
mod journal;
mod judge;
mod outage;
mod party;
mod postgres;
mod server;
mod settings;
mod signer;
mod tale;
mod token;
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

use crate::{outage::Outages, server::Servers, settings::Settings, tale::Lived, world::World};

/// What went wrong, in words.
pub type Failure = String;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let settings = Settings::from_environment()?;
    say(&format!("{settings}"));
    let lots = lots(&settings);
    if settings.only_draw {
        say(&lots);
    }
    say(&format!("  what was drawn: {}", &chain::sha256(lots.as_bytes())[..16]));
    if settings.only_draw {
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    Ok(runtime.block_on(tell(settings)))
}

/// Everything that the seed decides: what becomes of each flow, and what goes wrong when.
fn lots(settings: &Settings) -> String {
    let flow = |number| {
        let (tale, flow_no, input) = signer::drawn(settings.seed, number);
        format!("  {flow_no} {tale:?} {input}\n")
    };
    let flows: String = (0..settings.flows).map(flow).collect();
    let trouble = |(acts, trouble)| format!("  after {acts} acts: {trouble:?}\n");
    flows + &trouble::drawn(settings).into_iter().map(trouble).collect::<String>()
}

async fn tell(settings: Settings) -> ExitCode {
    let began = Instant::now();
    let mut servers = match Servers::start(&settings).await {
        Ok(servers) => servers,
        Err(failure) => return end(&[failure]),
    };
    let world = Arc::new(World::new(&settings, &servers));
    let mut outages = Outages::default();
    let mut problems = live(&settings, &world, &mut servers, &mut outages).await;
    let oddities = world.oddities();
    for (kind, count) in &oddities.excused {
        say(&format!("  {count} answers while the database was away: {kind}"));
    }
    problems.extend(oddities.unexcused);
    if servers.kills() * 2 < settings.kills || outages.count < settings.database_kills {
        let (kills, outages) = (servers.kills(), outages.count);
        problems.push(format!("only {kills} kills and {outages} of the database came about"));
    }
    if outages.count > 0 {
        say(&format!("  {}", outages.summary()));
        problems.append(&mut outages.problems);
    }
    let (kills, restarts) = (servers.kills(), servers.restarts());
    let kept = servers.end(!problems.is_empty()).await;
    say(&format!("  {kills} kills, {restarts} restarts besides, {} s", began.elapsed().as_secs()));
    for folder in kept {
        say(&format!("  kept: {}", folder.display()));
    }
    end(&problems)
}

async fn live(settings: &Settings, world: &Arc<World>, servers: &mut Servers, outages: &mut Outages) -> Vec<Failure> {
    let mut watcher = JoinSet::new();
    let (over, is_over) = tokio::sync::oneshot::channel();
    watcher.spawn(watch::follow(Arc::clone(world), is_over));
    let lived = walk_all(settings, world, servers, outages).await;
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
async fn walk_all(settings: &Settings, world: &Arc<World>, servers: &mut Servers, outages: &mut Outages) -> Vec<Lived> {
    let mut signers = JoinSet::new();
    let mut lived = Vec::new();
    let mut next = 0..settings.flows;
    let troubles = trouble::roam(settings, world, servers, outages);
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
