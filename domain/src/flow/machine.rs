//! The machine: what may happen to a flow, and what follows.
//!
//! One pure function, [`apply`]: `(state, event) -> moved | kept | refused`. It knows no clock, no I/O, no randomness;
//! where a rule needs the time ("session time left"), the event carries the answer. [`super::transition`] is the only
//! caller outside tests.
//!
//! A **command** (somebody wants something) in a state that doesn't allow it is refused. A **fact** (something has
//! happened outside) in such a state, or about an attempt that is not the current one, is kept: whoever reports it is
//! answered with success, nothing is appended to the chain and nothing moves.

use crate::terms::{AuthStatus, AuthType, FlowEventType, FlowStatus, SealStatus};

/// All of a flow that decides what may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    /// 签约状态
    pub status: FlowStatus,
    /// 认证类型
    pub auth_type: AuthType,
    /// 认证状态 of the current attempt.
    pub auth_status: AuthStatus,
    /// 签章状态 of all documents: they move together.
    pub seal_status: SealStatus,
    /// The current attempt; 0: none was asked for yet.
    pub attempt: i32,
    /// Attempts that count: rejected, or expired after the user had opened them.
    pub attempts_spent: i32,
    /// How often the text could not be laid out.
    pub sign_failures: i32,
    /// Every automatic retry of the SMS is spent.
    pub sms_undelivered: bool,
    /// Why it failed or timed out.
    pub failure: Option<FailureCode>,
}

/// Limits a client's settings may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Attempts at the auth system.
    pub auth_attempts: i32,
    /// Failures to lay out the text.
    pub sign_attempts: i32,
}

/// Why a flow ended without being completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the code of that name in the catalogue of errors")]
pub enum FailureCode {
    SmsTemplateNotFound,
    SignFailed,
    SignDeclined,
    AuthInitFailed,
    AuthFailed,
    AuthTimeout,
    SessionExpired,
}

impl FailureCode {
    /// The code as callers see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SmsTemplateNotFound => "SMS_TEMPLATE_NOT_FOUND",
            Self::SignFailed => "SIGN_FAILED",
            Self::SignDeclined => "SIGN_DECLINED",
            Self::AuthInitFailed => "AUTH_INIT_FAILED",
            Self::AuthFailed => "AUTH_FAILED",
            Self::AuthTimeout => "AUTH_TIMEOUT",
            Self::SessionExpired => "SESSION_EXPIRED",
        }
    }

    /// Reads a code back from the flow's row.
    pub fn from_code(code: &str) -> Option<Self> {
        [
            Self::SmsTemplateNotFound,
            Self::SignFailed,
            Self::SignDeclined,
            Self::AuthInitFailed,
            Self::AuthFailed,
            Self::AuthTimeout,
            Self::SessionExpired,
        ]
        .into_iter()
        .find(|known| known.as_str() == code)
    }
}

/// What happens. `attempt` names the attempt a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the event of that name in the vocabulary")]
pub enum Event {
    SmsAccepted,
    SmsExhausted,
    SmsResent,
    LinkOpened,
    /// Staff took the link to pass it on another way.
    LinkCopied,
    Read,
    /// A consent that changes nothing.
    Consented,
    /// The signer refuses face verification and is verified by payment instead.
    FaceRefused,
    Signed,
    SignFailed,
    Declined,
    AuthRequested,
    ChallengeCreated {
        attempt: i32,
    },
    /// `spent`: no retry is left.
    ChallengeFailed {
        attempt: i32,
        spent: bool,
    },
    /// The user handed in an amount: a command.
    AmountSubmitted {
        attempt: i32,
    },
    /// The auth system judges the user's face: a fact.
    FaceSubmitted {
        attempt: i32,
    },
    MaterialRefused {
        attempt: i32,
    },
    AuthPassed {
        attempt: i32,
    },
    /// `session_open`: session time is left for another attempt.
    AuthRejected {
        attempt: i32,
        retryable: bool,
        session_open: bool,
    },
    /// `opened`: the user had seen the challenge.
    ChallengeExpired {
        attempt: i32,
        opened: bool,
        session_open: bool,
    },
    Sealed,
    SealFailed,
    SealAbandoned,
    SessionExpired,
    Cancelled,
}

/// What follows from a move, to be written in the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// A new attempt, and the job that asks for its challenge.
    OpenAttempt,
    /// Jobs that ask about the challenge and end it.
    WatchChallenge,
    /// The open challenge is withdrawn, best effort.
    WithdrawChallenge,
    /// The auth system's own evidence is fetched.
    FetchEvidence,
    /// Documents are sealed.
    Seal,
    /// Every document is marked with the state's seal status.
    MarkDocuments,
    /// The result and its token.
    IssueResult,
}

/// What came of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds: append the event, write the state, write the effects.
    Moved(State, Vec<Effect>),
    /// A fact that moves nothing.
    Kept(State),
    /// A command that is not allowed now.
    Refused,
}

impl Event {
    /// Its name in the chain.
    pub fn kind(self) -> FlowEventType {
        use FlowEventType as T;
        match self {
            Self::SmsAccepted => T::SmsAccepted,
            Self::SmsExhausted => T::SmsExhausted,
            Self::SmsResent => T::SmsResent,
            Self::LinkOpened => T::LinkOpened,
            Self::LinkCopied => T::LinkCopied,
            Self::Read => T::Read,
            Self::Consented | Self::FaceRefused => T::Consented,
            Self::Signed => T::Signed,
            Self::SignFailed => T::SignFailed,
            Self::Declined => T::Declined,
            Self::AuthRequested => T::AuthRequested,
            Self::ChallengeCreated { .. } => T::ChallengeCreated,
            Self::ChallengeFailed { .. } => T::ChallengeFailed,
            Self::AmountSubmitted { .. } | Self::FaceSubmitted { .. } => T::MaterialSubmitted,
            Self::MaterialRefused { .. } => T::MaterialRefused,
            Self::AuthPassed { .. } => T::AuthPassed,
            Self::AuthRejected { .. } => T::AuthRejected,
            Self::ChallengeExpired { .. } => T::ChallengeExpired,
            Self::Sealed => T::Sealed,
            Self::SealFailed => T::SealFailed,
            Self::SealAbandoned => T::SealAbandoned,
            Self::SessionExpired => T::SessionExpired,
            Self::Cancelled => T::Cancelled,
        }
    }

    /// Whether somebody wants it (and is refused) rather than that it has happened (and is kept).
    pub fn is_command(self) -> bool {
        matches!(
            self,
            Self::SmsResent
                | Self::LinkCopied
                | Self::Read
                | Self::Consented
                | Self::FaceRefused
                | Self::Signed
                | Self::Declined
                | Self::AuthRequested
                | Self::AmountSubmitted { .. }
                | Self::SealAbandoned
                | Self::Cancelled
        )
    }
}

impl State {
    /// A flow as `startSignFlow` makes it.
    pub fn started(auth_type: AuthType) -> Self {
        Self {
            status: FlowStatus::Created,
            auth_type,
            auth_status: AuthStatus::NotStarted,
            seal_status: SealStatus::Pending,
            attempt: 0,
            attempts_spent: 0,
            sign_failures: 0,
            sms_undelivered: false,
            failure: None,
        }
    }

    /// A flow that failed at its start for want of an SMS template.
    pub fn start_failed(auth_type: AuthType) -> Self {
        Self { status: FlowStatus::Failed, failure: Some(FailureCode::SmsTemplateNotFound), ..Self::started(auth_type) }
    }

    /// Whether the auth system holds a challenge that the user, or it, may still act on.
    pub fn challenge_is_open(&self) -> bool {
        self.attempt > 0 && matches!(self.auth_status, AuthStatus::Challenged | AuthStatus::Processing)
    }

    /// Whether an attempt is under way: its challenge is being made or is open.
    pub fn attempt_is_open(&self) -> bool {
        self.challenge_is_open() || (self.attempt > 0 && self.auth_status == AuthStatus::NotStarted)
    }

    /// Whether this is the attempt under way, in a state where its result counts.
    fn awaits(&self, attempt: i32) -> bool {
        matches!(self.status, FlowStatus::PendingAuth | FlowStatus::Authenticating)
            && attempt == self.attempt
            && self.attempt_is_open()
    }

    fn to(self, status: FlowStatus) -> Self {
        Self { status, ..self }
    }

    fn fail(self, status: FlowStatus, code: FailureCode) -> Self {
        Self { status, failure: Some(code), ..self }
    }
}

/// Judges an event.
pub fn apply(state: &State, limits: Limits, event: Event) -> Verdict {
    let moved = if state.status.is_terminal() { None } else { step(*state, limits, event) };
    let kept = || Verdict::Kept(flags(*state, event));
    match moved {
        Some((next, mut effects)) => {
            let next = flags(next, event);
            if next.status.is_terminal() {
                effects.push(Effect::IssueResult);
            }
            Verdict::Moved(next, effects)
        }
        None if event.is_command() => Verdict::Refused,
        None => kept(),
    }
}

/// What an accepted SMS clears in every state, terminal ones included.
fn flags(state: State, event: Event) -> State {
    match event {
        Event::SmsAccepted => State { sms_undelivered: false, ..state },
        _ => state,
    }
}

/// The table. `None`: not in this state.
fn step(s: State, limits: Limits, event: Event) -> Option<(State, Vec<Effect>)> {
    use FlowStatus as S;
    let only = |state: State| Some((state, vec![]));
    match event {
        Event::SmsAccepted | Event::LinkOpened if s.status == S::Created => only(s.to(S::PendingSign)),
        Event::SmsExhausted if s.status == S::Created => only(State { sms_undelivered: true, ..s }),
        Event::SmsResent | Event::LinkCopied | Event::Read | Event::Consented => only(s),
        Event::Signed if s.status == S::PendingSign => Some(signed(s)),
        Event::SignFailed if s.status == S::PendingSign => Some(sign_failed(s, limits)),
        Event::Declined if matches!(s.status, S::PendingSign | S::PendingAuth) => {
            Some((s.fail(S::Failed, FailureCode::SignDeclined), withdrawal(&s)))
        }
        Event::Cancelled if matches!(s.status, S::Created | S::PendingSign | S::PendingAuth) => {
            Some((s.to(S::Cancelled), withdrawal(&s)))
        }
        Event::SessionExpired if may_time_out(&s) => Some((s.fail(S::TimedOut, FailureCode::SessionExpired), vec![])),
        Event::Sealed if s.status == S::Sealing => {
            Some((State { seal_status: SealStatus::Sealed, ..s.to(S::Completed) }, vec![Effect::MarkDocuments]))
        }
        Event::SealFailed if s.status == S::Sealing => only(s),
        Event::SealAbandoned if s.status == S::Sealing => {
            let failed = State { seal_status: SealStatus::Failed, ..s.fail(S::Failed, FailureCode::SignFailed) };
            Some((failed, vec![Effect::MarkDocuments]))
        }
        Event::FaceRefused | Event::AuthRequested => ask(s, limits, event),
        _ => authenticate(s, limits, event),
    }
}

/// What a signer asks of the authentication.
fn ask(s: State, limits: Limits, event: Event) -> Option<(State, Vec<Effect>)> {
    if s.status != FlowStatus::PendingAuth || s.attempts_spent >= limits.auth_attempts {
        return None;
    }
    let next = State { attempt: s.attempt + 1, auth_status: AuthStatus::NotStarted, ..s };
    match event {
        Event::AuthRequested if !s.attempt_is_open() => Some((next, vec![Effect::OpenAttempt])),
        Event::FaceRefused if s.auth_type == AuthType::FaceVerification => {
            let mut effects = withdrawal(&s);
            effects.push(Effect::OpenAttempt);
            Some((State { auth_type: AuthType::PaymentVerification, ..next }, effects))
        }
        _ => None,
    }
}

/// What becomes of an attempt.
fn authenticate(s: State, limits: Limits, event: Event) -> Option<(State, Vec<Effect>)> {
    use AuthStatus as A;
    use FlowStatus as S;
    let pending = s.status == S::PendingAuth;
    let only = |state: State| Some((state, vec![]));
    match event {
        Event::ChallengeCreated { attempt } if pending && s.awaits(attempt) && s.auth_status == A::NotStarted => {
            Some((State { auth_status: A::Challenged, ..s }, vec![Effect::WatchChallenge]))
        }
        Event::ChallengeFailed { attempt, spent } if pending && s.awaits(attempt) && s.auth_status == A::NotStarted => {
            only(if spent { s.fail(S::Failed, FailureCode::AuthInitFailed) } else { s })
        }
        Event::AmountSubmitted { attempt } | Event::FaceSubmitted { attempt }
            if pending
                && s.awaits(attempt)
                && s.auth_status == A::Challenged
                && event.is_command() == (s.auth_type == AuthType::PaymentVerification) =>
        {
            only(State { auth_status: A::Processing, ..s.to(S::Authenticating) })
        }
        Event::MaterialRefused { attempt }
            if s.status == S::Authenticating && s.awaits(attempt) && s.auth_type == AuthType::PaymentVerification =>
        {
            only(State { auth_status: A::Challenged, ..s.to(S::PendingAuth) })
        }
        Event::AuthPassed { attempt } if s.awaits(attempt) => {
            let passed = State { auth_status: A::Passed, ..s.to(S::Sealing) };
            Some((passed, vec![Effect::Seal, Effect::FetchEvidence]))
        }
        Event::AuthRejected { attempt, retryable, session_open } if s.awaits(attempt) => {
            let rejected = State { auth_status: A::Rejected, attempts_spent: s.attempts_spent + 1, ..s };
            let again = retryable && session_open && rejected.attempts_spent < limits.auth_attempts;
            only(if again { rejected.to(S::PendingAuth) } else { rejected.fail(S::Failed, FailureCode::AuthFailed) })
        }
        Event::ChallengeExpired { attempt, opened, session_open } if s.awaits(attempt) => {
            let spent = s.attempts_spent + i32::from(opened);
            let expired = State { auth_status: A::Expired, attempts_spent: spent, ..s };
            let again = session_open && spent < limits.auth_attempts;
            only(if again { expired.to(S::PendingAuth) } else { expired.fail(S::TimedOut, FailureCode::AuthTimeout) })
        }
        _ => None,
    }
}

fn signed(s: State) -> (State, Vec<Effect>) {
    let next = State { seal_status: SealStatus::Signed, ..s.to(FlowStatus::PendingAuth) };
    match s.auth_type {
        AuthType::PaymentVerification => {
            (State { attempt: 1, ..next }, vec![Effect::MarkDocuments, Effect::OpenAttempt])
        }
        // Face data may only leave after a separate consent: nothing is asked for yet.
        AuthType::FaceVerification => (next, vec![Effect::MarkDocuments]),
    }
}

fn sign_failed(s: State, limits: Limits) -> (State, Vec<Effect>) {
    let next = State { sign_failures: s.sign_failures + 1, ..s };
    if next.sign_failures < limits.sign_attempts {
        return (next, vec![]);
    }
    let failed = State { seal_status: SealStatus::Failed, ..next.fail(FlowStatus::Failed, FailureCode::SignFailed) };
    (failed, vec![Effect::MarkDocuments])
}

fn withdrawal(s: &State) -> Vec<Effect> {
    if s.attempt_is_open() { vec![Effect::WithdrawChallenge] } else { vec![] }
}

fn may_time_out(s: &State) -> bool {
    match s.status {
        FlowStatus::Created | FlowStatus::PendingSign => true,
        FlowStatus::PendingAuth => !s.challenge_is_open(),
        _ => false,
    }
}
