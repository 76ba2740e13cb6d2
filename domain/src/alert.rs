//! Alerts: what somebody should look at. Each goes to the log, to a counter (the counters are served as metrics), and to
//! whoever listens: the process may hand them on to a webhook.
//!
//! Raising one never waits and never fails. What is raised faster than it can be handed on stands in the log and in the
//! counter all the same.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, OnceLock},
};

use tokio::sync::mpsc;

use crate::words::Lang;

/// What may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alert {
    /// No SMS template matches what upstream asked for.
    SmsTemplateMissing,
    /// Every automatic retry of an SMS is spent.
    SmsExhausted,
    /// A gateway failed so often that it is left out for a while.
    SmsGatewayOpen,
    /// No gateway may send a template.
    SmsNoGateway,
    /// A text could not be laid out.
    LayoutFailed,
    /// The auth system can't make challenges.
    ChallengeFailed,
    /// The auth system can't be asked about an expired challenge.
    ChallengeUnreachable,
    /// Too many wrong amounts for one account.
    AccountLimited,
    /// A signed result under a key we never gave.
    StrayResult,
    /// Sealing failed; it will be tried again.
    SealFailed,
    /// A job was given up.
    JobDiscarded,
}

impl Alert {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::SmsTemplateMissing,
        Self::SmsExhausted,
        Self::SmsGatewayOpen,
        Self::SmsNoGateway,
        Self::LayoutFailed,
        Self::ChallengeFailed,
        Self::ChallengeUnreachable,
        Self::AccountLimited,
        Self::StrayResult,
        Self::SealFailed,
        Self::JobDiscarded,
    ];

    /// The name in logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SmsTemplateMissing => "sms_template_missing",
            Self::SmsExhausted => "sms_exhausted",
            Self::SmsGatewayOpen => "sms_gateway_open",
            Self::SmsNoGateway => "sms_no_gateway",
            Self::LayoutFailed => "layout_failed",
            Self::ChallengeFailed => "challenge_failed",
            Self::ChallengeUnreachable => "challenge_unreachable",
            Self::AccountLimited => "account_limited",
            Self::StrayResult => "stray_result",
            Self::SealFailed => "seal_failed",
            Self::JobDiscarded => "job_discarded",
        }
    }

    /// What it means, in a short sentence without a full stop.
    pub fn words(self, lang: Lang) -> &'static str {
        lang.say(&format!("alert_{}", self.as_str()))
    }
}

/// One alert, on its way to whoever listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// What may be wrong.
    pub alert: Alert,
    /// With what: ids, never personal data.
    pub about: String,
}

/// The counters of this process, and its listener.
#[derive(Debug, Default)]
pub struct Alerts {
    counts: Mutex<BTreeMap<Alert, u64>>,
    listener: OnceLock<mpsc::Sender<Raised>>,
}

impl Alerts {
    /// Raises an alert about something, named by its id and never by personal data.
    pub fn raise(&self, alert: Alert, about: impl fmt::Display) {
        tracing::error!(alert = alert.as_str(), %about, "alert");
        *self.counts.lock().expect("no holder of the counters panics").entry(alert).or_default() += 1;
        if let Some(listener) = self.listener.get() {
            // A full line is no loss: log and counter have it.
            let _ = listener.try_send(Raised { alert, about: about.to_string() });
        }
    }

    /// How often each was raised since the start.
    pub fn counts(&self) -> BTreeMap<Alert, u64> {
        self.counts.lock().expect("no holder of the counters panics").clone()
    }

    /// Hears what is raised from now on, up to so many waiting. None: somebody listens already.
    pub fn listen(&self, waiting: usize) -> Option<mpsc::Receiver<Raised>> {
        let (sender, receiver) = mpsc::channel(waiting);
        self.listener.set(sender).ok().map(|()| receiver)
    }
}
