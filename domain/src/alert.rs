//! Alerts: what somebody should look at. Each goes to the log and to a counter; the counters are served as metrics.

use std::{collections::BTreeMap, fmt, sync::Mutex};

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
}

/// The counters of this process.
#[derive(Debug, Default)]
pub struct Alerts(Mutex<BTreeMap<Alert, u64>>);

impl Alerts {
    /// Raises an alert about something, named by its id and never by personal data.
    pub fn raise(&self, alert: Alert, about: impl fmt::Display) {
        tracing::error!(alert = alert.as_str(), %about, "alert");
        *self.0.lock().expect("no holder of the counters panics").entry(alert).or_default() += 1;
    }

    /// How often each was raised since the start.
    pub fn counts(&self) -> BTreeMap<Alert, u64> {
        self.0.lock().expect("no holder of the counters panics").clone()
    }
}
