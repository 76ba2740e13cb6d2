//! Kills, freezes, cuts, outages and faults, at moments that the progress of the signers sets.

use std::time::Duration;

use serde_json::json;

use crate::{
    dice::Dice,
    outage::Outages,
    server::{LEASE_SECONDS, Servers},
    settings::Settings,
    world::World,
};

/// Acts of a signer, about: what they are spread over.
const ACTS_A_FLOW: usize = 4;
/// The longest time between the moment of a kill and the kill, in milliseconds: acts end before what follows from them.
const MOST_DELAY: usize = 900;
/// How long a frozen server stays so: others have taken its jobs over when it goes on.
const FREEZE: Duration = Duration::from_secs(LEASE_SECONDS + 2);

/// The longest the database stays away after it was killed, in milliseconds, its own recovery not counted.
const MOST_AWAY: usize = 4_000;
/// What the stand-ins can be made to do wrong.
const FAULTS: [&str; 6] = ["lost_reply", "error", "duplicate", "timeout", "slow", "silent"];

/// Something that goes wrong.
#[derive(Debug, Clone, Copy)]
pub enum Trouble {
    /// A server is killed, a moment after the act that it is tied to.
    Kill {
        /// Which.
        server: usize,
        /// The moment.
        delay: Duration,
    },
    /// A server is stopped for longer than its leases last.
    Freeze {
        /// Which.
        server: usize,
    },
    /// Every connection to the database is cut.
    Cut,
    /// The database is killed.
    Outage {
        /// How long nobody starts it again.
        span: Duration,
    },
    /// A stand-in fails once.
    Fault {
        /// Which.
        target: &'static str,
        /// How.
        mode: &'static str,
    },
}

/// Goes about until all its troubles are done, or the signers are.
pub async fn roam(settings: &Settings, world: &World, servers: &mut Servers, outages: &mut Outages) {
    for (acts, trouble) in drawn(settings) {
        if !world.acts_done(acts).await {
            return;
        }
        match trouble {
            Trouble::Kill { server, delay } => {
                tokio::time::sleep(delay).await;
                servers.kill_and_start(server).await;
            }
            Trouble::Freeze { server } => servers.freeze(server, FREEZE).await,
            Trouble::Cut => {
                world.outage_begins();
                servers.cut().await;
                world.outage_ends();
            }
            Trouble::Outage { span } => {
                if let Err(failure) = outages.pass(world, servers, span).await {
                    outages.problems.push(failure);
                    return;
                }
            }
            Trouble::Fault { target, mode } => world.arm(&json!({"target": target, "mode": mode, "count": 1})).await,
        }
    }
}

/// All troubles of a run, and after how many acts of the signers each comes.
pub fn drawn(settings: &Settings) -> Vec<(usize, Trouble)> {
    let mut dice = Dice::of(settings.seed, u64::MAX);
    let acts = (settings.flows * ACTS_A_FLOW * 9 / 10).max(2);
    let mut troubles = Vec::new();
    for _ in 0..settings.kills {
        let delay = Duration::from_millis(dice.below(MOST_DELAY) as u64);
        troubles.push((1 + dice.below(acts), Trouble::Kill { server: dice.below(settings.servers), delay }));
    }
    for _ in 0..settings.faults {
        let target = dice.one_of(&["sms", "auth", "auth"]);
        let mode = dice.one_of(&FAULTS);
        troubles.push((1 + dice.below(acts), Trouble::Fault { target, mode }));
    }
    for _ in 0..settings.freezes {
        troubles.push((1 + dice.below(acts), Trouble::Freeze { server: dice.below(settings.servers) }));
    }
    for _ in 0..settings.cuts {
        troubles.push((1 + dice.below(acts), Trouble::Cut));
    }
    for _ in 0..settings.database_kills {
        let span = Duration::from_millis(dice.below(MOST_AWAY) as u64);
        troubles.push((1 + dice.below(acts), Trouble::Outage { span }));
    }
    troubles.sort_by_key(|(acts, _)| *acts);
    troubles
}
