//! The auth system: opens challenges, takes the user's answers, tells the platform how they ended.
//!
//! Who is who. A **challenge** ([`challenge`]) is one question to one subject: which amount reached your account
//! (payment), or is this your face. The **door** ([`door`]) is the signed API; [`signature`] guards it. The user answers
//! a payment through the platform, and a face on the auth system's own page ([`face`]). What a bank's app would show, the
//! transferred amount, stands on [`payment`]'s pages. An **outcome** ([`outcome`]) is what comes after an answer: a
//! while of PROCESSING, then the end, each called back signed.
//!
//! The life of a challenge: PENDING, from which a wrong amount leads back to PENDING until the entries are spent
//! (FAILED); a right amount or a passed face leads to PROCESSING and then PASSED, with a credential; a failed face to
//! FAILED; a cancellation to FAILED; and the clock, if nobody answers, to EXPIRED.
//!
//! What always holds:
//! - One idempotencyKey has one challenge; the challenge's id is made from the key.
//! - A final status never changes. `expiresAt` is set once, and neither a query nor the subject moves it.
//! - An entryId counts once, however often it is sent.
//! - An outcome that was not called back when the process died is called back after the next start.

mod challenge;
mod door;
mod face;
mod outcome;
mod payment;
mod signature;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

pub(crate) use challenge::Challenge;
pub(crate) use outcome::resume;

use crate::fault::{Target, strike};
use crate::refusal::Refusal;
use crate::world::World;

/// `/sandbox/auth-system` and below: the signed API, the list for whoever looks on, and the pages.
pub(crate) fn routes(world: &Arc<World>) -> Router<Arc<World>> {
    api(world)
        .route("/sandbox/auth-system", get(payment::index))
        .route("/sandbox/auth-system/challenges", get(door::list))
        .route("/sandbox/auth-system/face/{id}", get(face::show).post(face::answer))
        .route("/sandbox/auth-system/payments/{id}", get(payment::show))
}

/// The contract's requests: a fault strikes first, then the signature is checked.
fn api(world: &Arc<World>) -> Router<Arc<World>> {
    Router::new()
        .route("/sandbox/auth-system/challenges", post(door::create))
        .route("/sandbox/auth-system/challenges/{id}", get(door::show))
        .route("/sandbox/auth-system/challenges/{id}/materials", post(door::submit_material))
        .route("/sandbox/auth-system/challenges/{id}/evidence", get(door::evidence))
        .route("/sandbox/auth-system/challenges/{id}/cancellation", post(door::cancel))
        .route_layer(from_fn_with_state(Arc::clone(world), signature::require))
        .route_layer(from_fn_with_state((Arc::clone(world), Target::Auth), strike))
}

/// The challenge of this id, as it was last journaled.
fn find(world: &World, id: &str) -> Result<Challenge, Refusal> {
    world.challenges.lock().get(id).cloned().ok_or_else(Refusal::not_found)
}

/// Changes a challenge under the lock, journals it, and gives it back as it now is. `change` says whether it moved
/// anything; if not, nothing is written.
fn update(world: &World, id: &str, change: impl FnOnce(&mut Challenge) -> bool) -> Result<(Challenge, bool), Refusal> {
    let mut challenges = world.challenges.lock();
    let mut challenge = challenges.get(id).cloned().ok_or_else(Refusal::not_found)?;
    let has_moved = change(&mut challenge);
    if has_moved {
        challenges.put(challenge.clone())?;
    }
    Ok((challenge, has_moved))
}
