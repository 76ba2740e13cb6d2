//! What needs a person: what the system gave up, or can't bring to an end by itself.
//!
//! An **item** is one thing that is stuck: what, since when, of which flow, why, and its **remedies**. Items are found
//! where they are ([`find`]), nothing is copied: what is no longer stuck is no longer listed. [`counts`] is cheap whatever
//! the size of the tables, by indexes that hold nothing but what is stuck, and stops counting at a thousand.
//! [`mend`] holds the acts on jobs; the other remedies are verbs of their capabilities.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{caller::Operation, flow::entity::sign_flow};

pub mod cause;
pub mod find;
pub mod mend;

pub use cause::Cause;
pub use find::{counts, list};
pub use mend::{dismiss_job, run_all_again, run_job_again};

/// In which way something is stuck, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stuck {
    /// A signed and authenticated flow that can't be sealed.
    SealFails,
    /// The auth system makes no challenge.
    ChallengeFails,
    /// The auth system doesn't answer.
    AuthSilent,
    /// The first message reached nobody.
    Undelivered,
    /// A job was given up.
    JobDiscarded,
    /// Any other job that fails again and again.
    JobFails,
    /// A gateway is left out for a while.
    GatewayOpen,
    /// Jobs are long due and nobody runs them.
    JobsOverdue,
}

impl Stuck {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::SealFails,
        Self::ChallengeFails,
        Self::AuthSilent,
        Self::Undelivered,
        Self::JobDiscarded,
        Self::JobFails,
        Self::GatewayOpen,
        Self::JobsOverdue,
    ];

    /// The name in addresses, and under which words are found.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SealFails => "seal_fails",
            Self::ChallengeFails => "challenge_fails",
            Self::AuthSilent => "auth_silent",
            Self::Undelivered => "undelivered",
            Self::JobDiscarded => "job_discarded",
            Self::JobFails => "job_fails",
            Self::GatewayOpen => "gateway_open",
            Self::JobsOverdue => "jobs_overdue",
        }
    }

    /// Reads a name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// What staff can do about it.
    pub fn remedies(self) -> &'static [Remedy] {
        match self {
            Self::SealFails => &[Remedy::RetrySeal, Remedy::AbandonSeal],
            Self::ChallengeFails => &[Remedy::AskAuthSystem, Remedy::Cancel],
            Self::AuthSilent => &[Remedy::AskAuthSystem],
            Self::Undelivered => &[Remedy::Resend, Remedy::CopyLink, Remedy::EditTemplate, Remedy::Cancel],
            Self::JobDiscarded => &[Remedy::RunAgain, Remedy::Dismiss],
            Self::JobFails => &[Remedy::RunAgain],
            Self::GatewayOpen | Self::JobsOverdue => &[],
        }
    }
}

/// What can be done about something that is stuck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the operation it leads to")]
pub enum Remedy {
    RetrySeal,
    AbandonSeal,
    AskAuthSystem,
    Resend,
    CopyLink,
    EditTemplate,
    Cancel,
    RunAgain,
    Dismiss,
}

impl Remedy {
    /// The operation it leads to.
    pub fn operation(self) -> Operation {
        match self {
            Self::RetrySeal => Operation::RetrySeal,
            Self::AbandonSeal => Operation::AbandonSeal,
            Self::AskAuthSystem => Operation::AskAuthSystem,
            Self::Resend => Operation::ResendSms,
            Self::CopyLink => Operation::CopyLink,
            Self::EditTemplate => Operation::UpdateSmsTemplate,
            Self::Cancel => Operation::CancelSignFlow,
            Self::RunAgain => Operation::RunJobAgain,
            Self::Dismiss => Operation::DismissJob,
        }
    }

    /// The name under which words are found.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RetrySeal => "retry_seal",
            Self::AbandonSeal => "abandon_seal",
            Self::AskAuthSystem => "ask_auth_system",
            Self::Resend => "resend",
            Self::CopyLink => "copy_link",
            Self::EditTemplate => "edit_template",
            Self::Cancel => "cancel",
            Self::RunAgain => "run_again",
            Self::Dismiss => "dismiss",
        }
    }
}

/// One thing that is stuck.
#[derive(Debug, Clone)]
pub struct Item {
    /// In which way.
    pub kind: Stuck,
    /// Since when.
    pub since: DateTime<Utc>,
    /// The flow; none: it is of no flow.
    pub flow: Option<sign_flow::Model>,
    /// The job that stands behind it, with its kind.
    pub job: Option<(i64, String)>,
    /// The gateway that is left out.
    pub gateway: Option<String>,
    /// How often it was tried.
    pub tries: Option<i32>,
    /// When the system tries again by itself.
    pub next: Option<DateTime<Utc>>,
    /// Why, in short.
    pub cause: Option<Cause>,
    /// The last error as it was told, without long numbers.
    pub told: Option<String>,
    /// Of how many things it speaks, where it is not one.
    pub many: Option<u64>,
}

/// How many there are of each kind, up to [`find::MOST_COUNTED`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(pub BTreeMap<Stuck, u64>);

impl Counts {
    /// Of all kinds together.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Of one.
    pub fn of(&self, kind: Stuck) -> u64 {
        self.0.get(&kind).copied().unwrap_or_default()
    }
}
