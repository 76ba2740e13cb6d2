//! The end of a session's time.

use chrono::TimeDelta;

use super::{
    machine::Event,
    transition::{Applied, lock},
};
use crate::{App, error::Result, event::chain::Evidence, ids::FlowId, job::Outcome};

/// How long the job waits for a flow that something else must end first: an open challenge, a seal.
const WAIT: TimeDelta = TimeDelta::seconds(60);

/// Ends the session, or waits: the end may have moved, or the flow may be where only its challenge or its seal ends it.
/// The job is never discarded before the flow is terminal.
pub async fn run(app: &App, id: FlowId) -> Result<Outcome> {
    let mut locked = lock(app, id).await?;
    if locked.flow.status.is_terminal() {
        return Ok(Outcome::Done);
    }
    if locked.session_open() {
        return Ok(Outcome::Snooze(locked.flow.expires_at));
    }
    match locked.apply(Event::SessionExpired, Evidence::default()).await? {
        Applied::Moved => {
            locked.commit().await?;
            Ok(Outcome::Done)
        }
        Applied::Kept => Ok(Outcome::Snooze(app.now() + WAIT)),
    }
}
