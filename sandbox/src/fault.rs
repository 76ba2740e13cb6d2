//! Faults on demand: at most one is armed against each stand-in, for the next `count` occasions.
//!
//! `error`, `timeout`, `lost_reply` and `slow` strike requests to the stand-in, one each. `duplicate` and `silent`
//! strike what it reports: for the auth system a challenge's callbacks (all of that challenge's count as one), for the
//! SMS gateway a message's receipts, for a webhook receiver what it lists. So a fault that was armed before a challenge
//! was created still waits for its outcome.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::refusal::{Refusal, parse};
use crate::store::Record;
use crate::world::World;

/// How long a `timeout` keeps its client waiting: longer than any client waits, then the connection is dropped.
const TIMEOUT: Duration = Duration::from_secs(35);
/// How much later a `slow` request is looked at.
const DELAY: Duration = Duration::from_secs(3);

/// Whom a fault is armed against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    Sms,
    Auth,
    Webhook,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// 503, nothing done.
    Error,
    /// No answer, nothing done.
    Timeout,
    /// The work is done, then the connection is dropped.
    LostReply,
    /// What happened is reported twice.
    Duplicate,
    /// Three seconds late.
    Slow,
    /// What happened is not reported.
    Silent,
    /// Nothing; clears what was armed.
    None,
}

/// A fault, armed for the next `count` occasions; with a count of 0 it is spent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Fault {
    target: Target,
    mode: Mode,
    #[serde(default = "once")]
    count: u32,
}

fn once() -> u32 {
    1
}

impl Record for Fault {
    fn key(&self) -> &str {
        match self.target {
            Target::Sms => "sms",
            Target::Auth => "auth",
            Target::Webhook => "webhook",
        }
    }
}

/// `/sandbox/faults`: arm one, see what is armed.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new().route("/sandbox/faults", get(list).post(arm))
}

async fn arm(State(world): State<Arc<World>>, body: Bytes) -> Result<Json<Vec<Fault>>, Refusal> {
    let fault: Fault = parse(&body)?;
    world.faults.lock().put(fault)?;
    Ok(list(State(world)).await)
}

async fn list(State(world): State<Arc<World>>) -> Json<Vec<Fault>> {
    Json(world.faults.lock().iter().filter(|fault| fault.is_armed()).cloned().collect())
}

impl Fault {
    fn is_armed(&self) -> bool {
        self.count > 0 && self.mode != Mode::None
    }
}

/// Takes one occasion of the fault armed against `target`, if it is one of `modes`.
pub(crate) fn take(world: &World, target: Target, modes: &[Mode]) -> Option<Mode> {
    let mut faults = world.faults.lock();
    let armed =
        faults.iter().find(|fault| fault.target == target && fault.is_armed() && modes.contains(&fault.mode))?;
    let left = Fault { count: armed.count - 1, ..armed.clone() };
    let mode = left.mode;
    if let Err(error) = faults.put(left) {
        tracing::error!(%error, "a sandbox journal cannot be written");
    }
    Some(mode)
}

/// The layer around a stand-in's own door: strikes the request if a fault is armed.
pub(crate) async fn strike(
    State((world, target)): State<(Arc<World>, Target)>,
    request: Request,
    next: Next,
) -> Response {
    match take(&world, target, &[Mode::Error, Mode::Timeout, Mode::LostReply, Mode::Slow]) {
        Some(Mode::Error) => {
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "FAULT", "a fault was armed here").into_response()
        }
        Some(Mode::Timeout) => {
            world.wait(TIMEOUT).await;
            dropped_connection()
        }
        Some(Mode::LostReply) => {
            next.run(request).await;
            dropped_connection()
        }
        Some(Mode::Slow) => {
            world.wait(DELAY).await;
            next.run(request).await
        }
        _ => next.run(request).await,
    }
}

/// An answer whose first byte fails: the server gives the connection up before it has sent anything.
fn dropped_connection() -> Response {
    let lost = std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "the reply is lost, as armed");
    Response::new(Body::from_stream(futures_util::stream::iter([Err::<Bytes, _>(lost)])))
}
