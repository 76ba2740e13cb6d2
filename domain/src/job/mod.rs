//! Jobs: what is still to be done.
//!
//! The cast: a **job** is a row that says what to do and when at the earliest; the **queue** writes jobs in the
//! transaction that needs them, hands them out under a **lease**, and takes back what came of them; the **worker** runs
//! them. A job's life: *available* until a worker claims it, *running* while the lease holds, then *completed* or
//! *discarded*; a retry or a snooze makes it available again for later, a lapsed lease at once.
//!
//! What always holds: a job holds ids only and re-reads the state, so it may run twice and does nothing when the flow
//! has moved on. A claim counts [`job::Model::attempt`](entity::job::Model) up; finishing names the attempt, so a worker
//! that lost its lease overwrites nothing. No job of a flow is discarded before the flow is terminal.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    App,
    error::Result,
    ids::{AuthRecordId, EntryId, FlowId, SmsRecordId},
};

pub mod entity;
mod queue;
mod worker;

pub use queue::{Claimed, claim, enqueue, finish, forget_finished, move_up, next_due, rows, take_back};
pub use worker::{drain, run_worker};

/// Everything that happens later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Send a message, or try again.
    SendSms {
        /// The message.
        record: SmsRecordId,
    },
    /// End the session when its time is over.
    ExpireSession {
        /// The flow.
        flow: FlowId,
    },
    /// Ask the auth system for a challenge.
    CreateChallenge {
        /// The attempt.
        record: AuthRecordId,
    },
    /// Ask the auth system how a challenge stands.
    PollChallenge {
        /// The attempt.
        record: AuthRecordId,
    },
    /// End a challenge when its time is over, after a last look.
    ExpireChallenge {
        /// The attempt.
        record: AuthRecordId,
    },
    /// Hand a typed amount to the auth system.
    SubmitAmount {
        /// The attempt.
        record: AuthRecordId,
        /// The entry.
        entry: EntryId,
    },
    /// Withdraw a challenge that nobody needs any more.
    WithdrawChallenge {
        /// The attempt.
        record: AuthRecordId,
    },
    /// Fetch the auth system's own evidence while it still has it.
    FetchEvidence {
        /// The attempt.
        record: AuthRecordId,
    },
    /// Seal every document.
    Seal {
        /// The flow.
        flow: FlowId,
    },
}

impl Job {
    /// The name in the table and in metrics.
    pub fn kind(self) -> &'static str {
        match self {
            Self::SendSms { .. } => "send_sms",
            Self::ExpireSession { .. } => "expire_session",
            Self::CreateChallenge { .. } => "create_challenge",
            Self::PollChallenge { .. } => "poll_challenge",
            Self::ExpireChallenge { .. } => "expire_challenge",
            Self::SubmitAmount { .. } => "submit_amount",
            Self::WithdrawChallenge { .. } => "withdraw_challenge",
            Self::FetchEvidence { .. } => "fetch_evidence",
            Self::Seal { .. } => "seal",
        }
    }

    /// At most one of a kind with this key waits or runs.
    pub fn unique_key(self) -> String {
        match self {
            Self::SendSms { record } => record.to_string(),
            Self::ExpireSession { flow } | Self::Seal { flow } => flow.to_string(),
            Self::SubmitAmount { entry, .. } => entry.to_string(),
            Self::CreateChallenge { record }
            | Self::PollChallenge { record }
            | Self::ExpireChallenge { record }
            | Self::WithdrawChallenge { record }
            | Self::FetchEvidence { record } => record.to_string(),
        }
    }

    /// Does it. The one place that knows which verb a job is.
    async fn perform(self, app: &App) -> Result<Outcome> {
        match self {
            Self::SendSms { record } => crate::sms::send::run(app, record).await,
            Self::ExpireSession { flow } => crate::flow::expire::run(app, flow).await,
            Self::CreateChallenge { record } => crate::auth::challenge::create(app, record).await,
            Self::PollChallenge { record } => crate::auth::poll::run(app, record).await,
            Self::ExpireChallenge { record } => crate::auth::expire::run(app, record).await,
            Self::SubmitAmount { record, entry } => crate::auth::material::submit(app, record, entry).await,
            Self::WithdrawChallenge { record } => crate::auth::challenge::withdraw(app, record).await,
            Self::FetchEvidence { record } => crate::auth::evidence::fetch(app, record).await,
            Self::Seal { flow } => crate::seal::run(app, flow).await,
        }
    }
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done, or nothing to do any more.
    Done,
    /// It failed; again after this span.
    Retry(String, TimeDelta),
    /// It did what could be done now; again at this time. No failure.
    Snooze(DateTime<Utc>),
    /// Given up; staff can see why.
    Discard(String),
}
