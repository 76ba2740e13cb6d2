//! The only writer of a flow's status.
//!
//! [`lock`] opens a transaction whose first statement locks the flow's row; [`Locked::apply`] asks the machine, appends
//! the event to the chain, writes the new state and the effects as rows and jobs; [`Locked::commit`] ends it. Whatever
//! else a verb has to write about the same flow (an auth record, a submission) it writes through [`Locked::tx`], after
//! the lock. The lock comes first for the sake of the tail as well: PostgreSQL numbers a transaction at its first write
//! and the log is ordered by that number, so a write before the lock would turn a flow's events round.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
    prelude::*,
};

use super::{
    effect,
    entity::{flow_secret, sign_flow},
    machine::{self, Event, FailureCode, Limits, State, Verdict},
};
use crate::{
    App, Caller,
    client::Client,
    error::{Error, Result},
    event::{
        self,
        chain::{self, Evidence},
    },
    ids::FlowId,
    reference,
};

/// A flow whose row is ours until the end of the transaction.
pub struct Locked<'a> {
    /// The system.
    pub app: &'a App,
    /// The transaction; everything about this flow is written through it.
    pub tx: DatabaseTransaction,
    /// The row as it stands in this transaction.
    pub flow: sign_flow::Model,
    /// The flow's client as it was when the lock was asked for.
    pub client: Arc<Client>,
    event_key: Option<Vec<u8>>,
}

/// What came of an event, for the verb that reported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It holds.
    Moved,
    /// A fact that moved nothing.
    Kept,
}

/// Locks a flow. The first statement of the transaction is the lock.
pub async fn lock(app: &App, id: FlowId) -> Result<Locked<'_>> {
    let reference = reference::current(app).await?;
    let tx = app.write_tx().await?;
    let flow = sign_flow::Entity::find_by_id(id).lock_exclusive().one(&tx).await?.ok_or(Error::NotFound)?;
    name_in_log(id);
    let client = reference.client(flow.client_id).ok_or(Error::NotFound)?.clone();
    Ok(Locked { app, tx, flow, client, event_key: None })
}

/// Names the flow that a request is about on the lines of its log.
pub(crate) fn name_in_log(id: FlowId) {
    tracing::Span::current().record("flow", tracing::field::display(id));
}

/// Locks a flow that must exist for this caller; another client's is NOT_FOUND.
pub async fn lock_for<'a>(app: &'a App, caller: &Caller, id: FlowId) -> Result<Locked<'a>> {
    let locked = lock(app, id).await?;
    if caller.sees(locked.flow.client_id) { Ok(locked) } else { Err(Error::NotFound) }
}

impl Locked<'_> {
    /// The machine's view of the row.
    pub fn state(&self) -> State {
        state(&self.flow)
    }

    /// The limits that hold for this flow's client.
    pub fn limits(&self) -> Limits {
        let settings = &self.client.settings;
        Limits {
            auth_attempts: settings.auth_attempts.unwrap_or(self.app.settings.flow.auth_attempts),
            sign_attempts: self.app.settings.flow.sign_attempts,
        }
    }

    /// Whether session time is left.
    pub fn session_open(&self) -> bool {
        self.app.now() < self.flow.expires_at
    }

    /// Judges an event and writes all that follows from it. A command that is not allowed is STATE_CONFLICT.
    pub async fn apply(&mut self, event: Event, evidence: Evidence) -> Result<Applied> {
        let before = self.state();
        match machine::apply(&before, self.limits(), event) {
            Verdict::Refused => Err(Error::state_conflict(self.flow.status)),
            Verdict::Kept(after) => {
                if after != before {
                    self.write(&after).await?;
                }
                Ok(Applied::Kept)
            }
            Verdict::Moved(after, effects) => {
                let key = self.event_key().await?;
                let step = (event.kind(), Some(before.status), after.status);
                chain::next(self.app, &mut self.flow, &key, step, evidence)?.write(&self.tx).await?;
                effect::before_state(self, &after, &effects).await?;
                self.write(&after).await?;
                effect::after_state(self, &effects).await?;
                tracing::info!(flow = %self.flow.id, event = event.kind().as_str(), status = after.status.as_str(), "flow moved");
                Ok(Applied::Moved)
            }
        }
    }

    /// Moves the session's end, never back and never past the longest session.
    pub fn extend_session(&mut self, to: DateTime<Utc>) {
        let longest = self.flow.created_at + chrono::TimeDelta::seconds(self.app.settings.flow.session_max_seconds);
        self.flow.expires_at = self.flow.expires_at.max(to.min(longest));
    }

    /// Commits, and wakes worker and tail.
    pub async fn commit(self) -> Result<sign_flow::Model> {
        self.app.commit(self.tx).await?;
        Ok(self.flow)
    }

    /// How often sealing has failed so far, by the chain.
    pub async fn seal_failures(&self) -> Result<usize> {
        use event::entity::flow_event::{Column, Entity};
        let failed = Entity::find()
            .filter(Column::FlowId.eq(self.flow.id))
            .filter(Column::Kind.eq(crate::terms::FlowEventType::SealFailed))
            .count(&self.tx)
            .await?;
        Ok(usize::try_from(failed).unwrap_or(usize::MAX))
    }

    /// Writes fields of the row that are no part of the machine's state (counters, times).
    pub async fn save(&mut self) -> Result<()> {
        let state = self.state();
        self.write(&state).await
    }

    async fn event_key(&mut self) -> Result<Vec<u8>> {
        if let Some(key) = &self.event_key {
            return Ok(key.clone());
        }
        let id = self.flow.id;
        // Only the key: the row holds everything else a flow keeps secret, too.
        let sealed: Option<Vec<u8>> = flow_secret::Entity::find_by_id(id)
            .select_only()
            .column(flow_secret::Column::EventKey)
            .into_tuple()
            .one(&self.tx)
            .await?;
        // An erased flow is terminal, and nothing is appended to a terminal flow's chain.
        let sealed = sealed.ok_or_else(|| Error::internal(format!("{id} has no secrets any more")))?;
        let key = self.app.vault.open(&super::secret::place("event_key", id), &sealed)?;
        self.event_key = Some(key.clone());
        Ok(key)
    }

    async fn write(&mut self, state: &State) -> Result<()> {
        let now = self.app.now();
        let flow = &mut self.flow;
        let became_terminal = state.status.is_terminal() && !flow.status.is_terminal();
        flow.status = state.status;
        flow.auth_type = state.auth_type;
        flow.auth_status = state.auth_status;
        flow.seal_status = state.seal_status;
        flow.attempt = state.attempt;
        flow.attempts_spent = state.attempts_spent;
        flow.sign_failures = state.sign_failures;
        flow.sms_undelivered = state.sms_undelivered;
        flow.failure_code = state.failure.map(|code| code.as_str().to_owned());
        flow.updated_at = now;
        if became_terminal {
            flow.completed_at = Some(now);
        }
        let mut row = flow.clone().into_active_model();
        changeable(&mut row, flow);
        sign_flow::Entity::update_many().set(row).filter(sign_flow::Column::Id.eq(flow.id)).exec(&self.tx).await?;
        Ok(())
    }
}

/// Marks the columns that change in a flow's life; what was asked for at its start never does.
fn changeable(row: &mut sign_flow::ActiveModel, flow: &sign_flow::Model) {
    row.status = Set(flow.status);
    row.auth_type = Set(flow.auth_type);
    row.auth_status = Set(flow.auth_status);
    row.seal_status = Set(flow.seal_status);
    row.attempt = Set(flow.attempt);
    row.attempts_spent = Set(flow.attempts_spent);
    row.sign_failures = Set(flow.sign_failures);
    row.failure_code = Set(flow.failure_code.clone());
    row.sms_undelivered = Set(flow.sms_undelivered);
    row.sms_sent_count = Set(flow.sms_sent_count);
    row.sms_resent_count = Set(flow.sms_resent_count);
    row.last_sms_at = Set(flow.last_sms_at);
    row.event_count = Set(flow.event_count);
    row.head_hash = Set(flow.head_hash.clone());
    row.updated_at = Set(flow.updated_at);
    row.expires_at = Set(flow.expires_at);
    row.completed_at = Set(flow.completed_at);
}

/// The machine's view of a row.
pub fn state(flow: &sign_flow::Model) -> State {
    State {
        status: flow.status,
        auth_type: flow.auth_type,
        auth_status: flow.auth_status,
        seal_status: flow.seal_status,
        attempt: flow.attempt,
        attempts_spent: flow.attempts_spent,
        sign_failures: flow.sign_failures,
        sms_undelivered: flow.sms_undelivered,
        failure: flow.failure_code.as_deref().and_then(FailureCode::from_code),
    }
}
