//! Who has to act on a flow, since when, and what staff can do about it now.
//!
//! One pure function over what is known. It offers nothing that its verb would refuse, and says of each act why not; the
//! verbs judge for themselves all the same.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    Caller,
    auth::entity::auth_record,
    caller::Operation,
    flow::{entity::sign_flow, query::dwell_limit, transition::state},
    sms::resend::ResendQuota,
    terms::FlowStatus,
};

/// Who holds the ball.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// The person with the link.
    Signer,
    /// We, or somebody we ask by ourselves.
    System,
    /// Staff: it stands still until one of them acts.
    Staff,
    /// Nobody: it is over.
    Nobody,
}

/// Where it stands, as far as it matters for what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Situation {
    /// The first message is on its way.
    Sending,
    /// No gateway took it, and no try is left.
    Undelivered,
    /// The signer is to read and sign.
    ToSign,
    /// The challenge is being made.
    MakingChallenge,
    /// The signer is to begin the authentication, or to begin it anew.
    ToBegin,
    /// The signer is to answer the challenge.
    ToAnswer,
    /// The auth system judges.
    Judging,
    /// Documents are being sealed.
    Sealing,
    /// They are, and it has failed so far.
    SealFails,
    /// It is done.
    Completed,
    /// It ended, and upstream may start another in its place.
    Restartable,
    /// It ended, and another has taken its place.
    Superseded,
    /// It ended for good.
    Ended,
}

impl Situation {
    /// The name that words are found under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Undelivered => "undelivered",
            Self::ToSign => "to_sign",
            Self::MakingChallenge => "making_challenge",
            Self::ToBegin => "to_begin",
            Self::ToAnswer => "to_answer",
            Self::Judging => "judging",
            Self::Sealing => "sealing",
            Self::SealFails => "seal_fails",
            Self::Completed => "completed",
            Self::Restartable => "restartable",
            Self::Superseded => "superseded",
            Self::Ended => "ended",
        }
    }

    /// Who has to act.
    pub fn holder(self) -> Holder {
        match self {
            Self::ToSign | Self::ToBegin | Self::ToAnswer => Holder::Signer,
            Self::Sending | Self::MakingChallenge | Self::Judging | Self::Sealing | Self::SealFails => Holder::System,
            Self::Undelivered => Holder::Staff,
            Self::Completed | Self::Restartable | Self::Superseded | Self::Ended => Holder::Nobody,
        }
    }

    /// How long it usually takes at most; whoever waits longer should be looked at. None: it may take as long as it likes.
    pub fn patience(self) -> Option<TimeDelta> {
        match self {
            Self::Sending => dwell_limit(FlowStatus::Created),
            Self::Judging => dwell_limit(FlowStatus::Authenticating),
            Self::Sealing => dwell_limit(FlowStatus::Sealing),
            Self::MakingChallenge => Some(TimeDelta::minutes(5)),
            Self::ToSign | Self::ToBegin | Self::ToAnswer => Some(TimeDelta::hours(24)),
            Self::Undelivered | Self::SealFails => Some(TimeDelta::zero()),
            Self::Completed | Self::Restartable | Self::Superseded | Self::Ended => None,
        }
    }
}

/// What staff can do about a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffAct {
    /// Send the link again.
    Resend,
    /// Take the link, to pass it on another way.
    CopyLink,
    /// Withdraw the flow.
    Cancel,
    /// Ask the auth system now.
    AskAuthSystem,
    /// Seal now.
    RetrySeal,
    /// Give the seal up, and the flow with it.
    AbandonSeal,
}

impl StaffAct {
    /// All of them, in the order in which they are offered.
    pub const ALL: &[Self] =
        &[Self::Resend, Self::CopyLink, Self::AskAuthSystem, Self::RetrySeal, Self::AbandonSeal, Self::Cancel];

    /// The operation whose verb does it.
    pub fn operation(self) -> Operation {
        match self {
            Self::Resend => Operation::ResendSms,
            Self::CopyLink => Operation::CopyLink,
            Self::Cancel => Operation::CancelSignFlow,
            Self::AskAuthSystem => Operation::AskAuthSystem,
            Self::RetrySeal => Operation::RetrySeal,
            Self::AbandonSeal => Operation::AbandonSeal,
        }
    }

    /// Whether the act belongs to a flow in this status at all.
    fn belongs_to(self, status: FlowStatus) -> bool {
        use FlowStatus as S;
        match self {
            Self::Resend => matches!(status, S::Created | S::PendingSign | S::PendingAuth | S::Authenticating),
            Self::CopyLink => !status.is_terminal() && status != S::Sealing,
            Self::Cancel => matches!(status, S::Created | S::PendingSign | S::PendingAuth),
            Self::AskAuthSystem => matches!(status, S::PendingAuth | S::Authenticating),
            Self::RetrySeal | Self::AbandonSeal => status == S::Sealing,
        }
    }
}

/// Why an act can't be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    /// The caller's role doesn't allow it.
    NotYours,
    /// Not in this status.
    Status,
    /// Not before this time.
    NotBefore(DateTime<Utc>),
    /// As often as it may be done, it was.
    NoneLeft,
    /// Nothing is asked of the auth system now.
    NothingAsked,
}

/// An act, and why it can't be done now; none: it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Possible {
    /// The act.
    pub act: StaffAct,
    /// Why not.
    pub why_not: Option<WhyNot>,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    /// Where it stands.
    pub situation: Situation,
    /// In this status since.
    pub since: DateTime<Utc>,
    /// It has taken longer than it usually does.
    pub overdue: bool,
    /// When it ends by itself: the challenge, or the session.
    pub ends_at: Option<DateTime<Utc>>,
    /// What staff can do.
    pub acts: Vec<Possible>,
}

/// What has to be known.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The flow.
    pub flow: &'a sign_flow::Model,
    /// Its current attempt.
    pub attempt: Option<&'a auth_record::Model>,
    /// What may still be sent.
    pub quota: ResendQuota,
    /// Since when it is in its status.
    pub since: DateTime<Utc>,
    /// How often sealing has failed.
    pub seal_failures: usize,
    /// Whether its end leaves room for another.
    pub may_restart: bool,
    /// Whether another has taken its place.
    pub superseded: bool,
    /// Now.
    pub now: DateTime<Utc>,
}

impl Known<'_> {
    /// Judges.
    pub fn next(&self, caller: &Caller) -> NextStep {
        let situation = self.situation();
        let acts = StaffAct::ALL.iter().map(|act| Possible { act: *act, why_not: self.why_not(*act, caller) });
        let open = !self.flow.status.is_terminal();
        let challenge =
            self.attempt.and_then(|record| record.expires_at).filter(|_| state(self.flow).challenge_is_open());
        NextStep {
            situation,
            since: self.since,
            overdue: situation.patience().is_some_and(|patience| self.since + patience < self.now),
            // A flow that is being sealed outlives its session.
            ends_at: Some(challenge.unwrap_or(self.flow.expires_at))
                .filter(|_| open && self.flow.status != FlowStatus::Sealing),
            acts: acts.collect(),
        }
    }

    fn situation(&self) -> Situation {
        let flow = self.flow;
        match flow.status {
            FlowStatus::Created if flow.sms_undelivered => Situation::Undelivered,
            FlowStatus::Created => Situation::Sending,
            FlowStatus::PendingSign => Situation::ToSign,
            FlowStatus::PendingAuth if state(flow).challenge_is_open() => Situation::ToAnswer,
            FlowStatus::PendingAuth if state(flow).attempt_is_open() => Situation::MakingChallenge,
            FlowStatus::PendingAuth => Situation::ToBegin,
            FlowStatus::Authenticating => Situation::Judging,
            FlowStatus::Sealing if self.seal_failures > 0 => Situation::SealFails,
            FlowStatus::Sealing => Situation::Sealing,
            FlowStatus::Completed => Situation::Completed,
            _ if self.superseded => Situation::Superseded,
            _ if self.may_restart => Situation::Restartable,
            _ => Situation::Ended,
        }
    }

    fn why_not(&self, act: StaffAct, caller: &Caller) -> Option<WhyNot> {
        if caller.require(act.operation()).is_err() {
            return Some(WhyNot::NotYours);
        }
        if !act.belongs_to(self.flow.status) {
            return Some(WhyNot::Status);
        }
        match act {
            StaffAct::Resend if self.quota.remaining <= 0 => Some(WhyNot::NoneLeft),
            StaffAct::Resend => self.quota.next_allowed_at.filter(|at| *at > self.now).map(WhyNot::NotBefore),
            StaffAct::AskAuthSystem => (!state(self.flow).attempt_is_open()).then_some(WhyNot::NothingAsked),
            _ => None,
        }
    }
}
