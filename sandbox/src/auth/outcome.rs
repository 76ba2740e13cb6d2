//! What comes after an answer: PROCESSING ends by itself, and each status the user's answer led to is called back.
//!
//! A callback is the challenge's state as it was when the status was reached, signed by Standard Webhooks. Its id is made
//! from challenge and status, so a callback that is sent again, even by the next process, is known as the same one.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP};

use super::challenge::{Challenge, Status};
use super::update;
use crate::fault::{Mode, Target, take};
use crate::token::token;
use crate::world::World;

/// How long we wait before each further try of a callback that was refused or found nobody.
const RETRY_AFTER: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(8), Duration::from_secs(30)];

/// Takes up, after a start, what the process before left open.
pub(crate) fn resume(world: &Arc<World>) {
    let challenges: Vec<Challenge> = world.challenges.lock().iter().cloned().collect();
    for challenge in &challenges {
        follow(world, challenge);
    }
}

/// Does what the challenge's status asks for: calls it back unless that is over, and lets PROCESSING end in time.
pub(super) fn follow(world: &Arc<World>, challenge: &Challenge) {
    let is_outcome = matches!(challenge.status, Status::Processing | Status::Passed | Status::Failed);
    if is_outcome
        && challenge.reported != Some(challenge.status)
        && let Some(url) = &challenge.callback_url
    {
        spawn_callback(world, challenge, url.clone());
    }
    if let (Status::Processing, Some(settles_at)) = (challenge.status, challenge.settles_at) {
        spawn_settlement(world, challenge.id.clone(), settles_at);
    }
}

fn spawn_settlement(world: &Arc<World>, id: String, settles_at: DateTime<Utc>) {
    let world = Arc::clone(world);
    world.clone().tasks.spawn(async move {
        let left = (settles_at - world.now()).to_std().unwrap_or_default();
        if !world.wait(left).await {
            return;
        }
        let now = world.now();
        match update(&world, &id, |challenge| challenge.settle(token("cred_"), now)) {
            Ok((challenge, true)) => follow(&world, &challenge),
            Ok((_, false)) => {}
            Err(refusal) => tracing::error!(challenge = id, ?refusal, "a sandbox challenge could not be settled"),
        }
    });
}

/// What is sent, as often as need be.
struct Callback {
    id: String,
    url: String,
    body: String,
}

fn spawn_callback(world: &Arc<World>, challenge: &Challenge, url: String) {
    let times = callbacks(world, challenge);
    let status = challenge.status;
    let callback = Callback {
        id: format!("msg_{}_{status:?}", challenge.id).to_lowercase(),
        url,
        body: challenge.state(world.now(), &world.config.public_url).to_string(),
    };
    let (world, challenge_id) = (Arc::clone(world), challenge.id.clone());
    world.clone().tasks.spawn(async move {
        for _ in 0..times {
            if !deliver(&world, &callback).await {
                return;
            }
        }
        let report = update(&world, &challenge_id, |challenge| {
            challenge.reported = Some(status);
            challenge.status == status
        });
        if let Err(refusal) = report {
            tracing::error!(?refusal, "a sandbox callback could not be noted");
        }
    });
}

/// How often each of the challenge's statuses is called back. The first outcome decides, by the fault armed then.
fn callbacks(world: &World, challenge: &Challenge) -> u8 {
    if let Some(times) = challenge.callbacks {
        return times;
    }
    let times = match take(world, Target::Auth, &[Mode::Duplicate, Mode::Silent]) {
        Some(Mode::Silent) => 0,
        Some(_) => 2,
        None => 1,
    };
    let noted = update(world, &challenge.id, |challenge| {
        challenge.callbacks = Some(times);
        true
    });
    if let Err(refusal) = noted {
        tracing::error!(?refusal, "a sandbox fault could not be noted");
    }
    times
}

/// Sends one callback until it is taken or the tries are spent; false if the sandbox was stopped before.
async fn deliver(world: &World, callback: &Callback) -> bool {
    for gap in RETRY_AFTER.into_iter().map(Some).chain([None]) {
        let sent = tokio::select! {
            sent = send(world, callback) => sent,
            () = world.stop.cancelled() => return false,
        };
        match (sent, gap) {
            (Ok(()), _) => return true,
            (Err(problem), None) => tracing::warn!(id = callback.id, problem, "a callback was given up"),
            (Err(problem), Some(gap)) => {
                tracing::info!(id = callback.id, problem, "a callback will be tried again");
                if !world.wait(gap).await {
                    return false;
                }
            }
        }
    }
    true
}

async fn send(world: &World, callback: &Callback) -> Result<(), String> {
    let timestamp = world.now().timestamp();
    let body = callback.body.as_bytes();
    let signature = world.callback_signer.sign(&callback.id, timestamp, body).map_err(|error| error.to_string())?;
    let answer = world
        .http
        .post(&callback.url)
        .header("content-type", "application/json")
        .header(HEADER_WEBHOOK_ID, &callback.id)
        .header(HEADER_WEBHOOK_TIMESTAMP, timestamp)
        .header(HEADER_WEBHOOK_SIGNATURE, signature)
        .body(callback.body.clone())
        .send()
        .await
        .map_err(|error| error.without_url().to_string())?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("answered {}", answer.status())) }
}
