//! Kills, freezes, cuts and faults, at moments that the progress of the signers sets.

use std::time::Duration;

use serde_json::json;

use crate::{
    dice::Dice,
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

#[derive(Debug, Clone, Copy)]
enum Trouble {
    Kill { server: usize, delay: Duration },
    Freeze { server: usize },
    Cut,
    Fault { target: &'static str, mode: &'static str },
}

/// Goes about until all its troubles are done, or the signers are.
pub async fn roam(settings: &Settings, world: &World, servers: &mut Servers) {
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
            Trouble::Cut => servers.cut().await,
            Trouble::Fault { target, mode } => world.arm(&json!({"target": target, "mode": mode, "count": 1})).await,
        }
    }
}

fn drawn(settings: &Settings) -> Vec<(usize, Trouble)> {
    let mut dice = Dice::of(settings.seed, u64::MAX);
    let acts = (settings.flows * ACTS_A_FLOW * 9 / 10).max(2);
    let mut troubles = Vec::new();
    for _ in 0..settings.kills {
        let delay = Duration::from_millis(dice.below(MOST_DELAY) as u64);
        troubles.push((1 + dice.below(acts), Trouble::Kill { server: dice.below(settings.servers), delay }));
    }
    for _ in 0..settings.faults {
        let target = dice.one_of(&["sms", "auth", "auth"]);
        let mode = dice.one_of(&["lost_reply", "error", "duplicate"]);
        troubles.push((1 + dice.below(acts), Trouble::Fault { target, mode }));
    }
    for _ in 0..settings.freezes {
        troubles.push((1 + dice.below(acts), Trouble::Freeze { server: dice.below(settings.servers) }));
    }
    for _ in 0..settings.cuts {
        troubles.push((1 + dice.below(acts), Trouble::Cut));
    }
    troubles.sort_by_key(|(acts, _)| *acts);
    troubles
}
