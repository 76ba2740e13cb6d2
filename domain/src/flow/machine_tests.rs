//! The machine over its whole product, and what holds whatever happens in whatever order.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fmt::Write as _;

use proptest::prelude::*;

use super::machine::{Effect, Event, FailureCode, Limits, State, Verdict, apply};
use crate::terms::{AuthStatus, AuthType, FlowStatus, SealStatus};

const LIMITS: Limits = Limits { auth_attempts: 3, sign_attempts: 3 };

/// Every event, facts about the given attempt.
fn events(attempt: i32) -> Vec<Event> {
    let mut all = vec![
        Event::SmsAccepted,
        Event::SmsExhausted,
        Event::SmsResent,
        Event::LinkOpened,
        Event::LinkCopied,
        Event::Read,
        Event::Consented,
        Event::FaceRefused,
        Event::Signed,
        Event::SignFailed,
        Event::Declined,
        Event::AuthRequested,
        Event::ChallengeCreated { attempt },
        Event::ChallengeFailed { attempt, spent: false },
        Event::ChallengeFailed { attempt, spent: true },
        Event::AmountSubmitted { attempt },
        Event::FaceSubmitted { attempt },
        Event::MaterialRefused { attempt },
        Event::AuthPassed { attempt },
        Event::Sealed,
        Event::SealFailed,
        Event::SealAbandoned,
        Event::SessionExpired,
        Event::Cancelled,
    ];
    for (retryable, session_open) in [(true, true), (true, false), (false, true)] {
        all.push(Event::AuthRejected { attempt, retryable, session_open });
    }
    for (opened, session_open) in [(true, true), (false, true), (true, false)] {
        all.push(Event::ChallengeExpired { attempt, opened, session_open });
    }
    all
}

fn name(event: Event) -> String {
    let kind = event.kind().as_str();
    match event {
        Event::FaceRefused => "CONSENTED(face refused)".into(),
        Event::ChallengeFailed { spent: true, .. } => format!("{kind}(spent)"),
        Event::AuthRejected { retryable: false, .. } => format!("{kind}(final)"),
        Event::AuthRejected { session_open: false, .. } | Event::ChallengeExpired { session_open: false, .. } => {
            format!("{kind}(session over)")
        }
        Event::ChallengeExpired { opened: false, .. } => format!("{kind}(unopened)"),
        Event::AmountSubmitted { .. } => format!("{kind}(amount)"),
        Event::FaceSubmitted { .. } => format!("{kind}(face)"),
        _ => kind.into(),
    }
}

fn told(state: &State, next: &State, effects: &[Effect]) -> String {
    let mut text = next.status.to_string();
    let _ = write!(text, "/{}", next.auth_status);
    if next.attempt != state.attempt {
        let _ = write!(text, " attempt {}", next.attempt);
    }
    if next.auth_type != state.auth_type {
        let _ = write!(text, " {}", next.auth_type);
    }
    if let Some(code) = next.failure {
        let _ = write!(text, " {}", code.as_str());
    }
    for effect in effects {
        let _ = write!(text, " +{effect:?}");
    }
    text
}

/// A state of each combination, in its first attempt where the status has one.
fn product() -> Vec<State> {
    let mut states = Vec::new();
    for &status in FlowStatus::ALL {
        for &auth_type in AuthType::ALL {
            for &auth_status in AuthStatus::ALL {
                let before_auth = matches!(status, FlowStatus::Created | FlowStatus::PendingSign);
                if before_auth && auth_status != AuthStatus::NotStarted {
                    continue;
                }
                for attempt in if before_auth { 0..=0 } else { i32::from(auth_status != AuthStatus::NotStarted)..=1 } {
                    states.push(State { status, auth_status, attempt, ..State::started(auth_type) });
                }
            }
        }
    }
    states
}

#[test]
fn the_whole_table() {
    let mut table = String::new();
    for state in product() {
        let State { status, auth_type, auth_status, attempt, .. } = state;
        let _ = writeln!(table, "{status} {auth_type} {auth_status} attempt {attempt}");
        let (mut kept, mut refused) = (Vec::new(), Vec::new());
        for event in events(attempt) {
            match apply(&state, LIMITS, event) {
                Verdict::Moved(next, effects) => {
                    let _ = writeln!(table, "    {} -> {}", name(event), told(&state, &next, &effects));
                }
                Verdict::Kept(_) => kept.push(name(event)),
                Verdict::Refused => refused.push(name(event)),
            }
        }
        let _ = writeln!(table, "    kept: {}", kept.join(", "));
        let _ = writeln!(table, "    refused: {}", refused.join(", "));
    }
    insta::assert_snapshot!("machine", table);
}

/// Every state that can be reached, with limits small enough to count them all.
fn reachable() -> HashSet<State> {
    let limits = Limits { auth_attempts: 2, sign_attempts: 2 };
    let mut seen = HashSet::new();
    let mut queue = VecDeque::from([
        State::started(AuthType::PaymentVerification),
        State::started(AuthType::FaceVerification),
        State::start_failed(AuthType::FaceVerification),
    ]);
    while let Some(state) = queue.pop_front() {
        // Unopened challenges may expire for ever; three attempts show all there is.
        if state.attempt > 4 || !seen.insert(state) {
            continue;
        }
        for attempt in [state.attempt - 1, state.attempt] {
            for event in events(attempt) {
                if let Verdict::Moved(next, _) | Verdict::Kept(next) = apply(&state, limits, event) {
                    queue.push_back(next);
                }
            }
        }
    }
    seen
}

#[test]
fn what_holds_in_every_reachable_state() {
    let all = reachable();
    assert!(all.len() > 100, "the walk goes through the states: {}", all.len());
    let statuses: BTreeSet<_> = all.iter().map(|state| state.status).collect();
    assert_eq!(statuses.len(), FlowStatus::ALL.len());
    for state in all {
        let complete = state.auth_status == AuthStatus::Passed && state.seal_status == SealStatus::Sealed;
        assert_eq!(state.status == FlowStatus::Completed, complete, "{state:?}");
        let failed = matches!(state.status, FlowStatus::Failed | FlowStatus::TimedOut);
        assert_eq!(state.failure.is_some(), failed, "{state:?}");
        assert!(state.attempts_spent <= 2 && state.sign_failures <= 2, "{state:?}");
        assert!(state.status.is_terminal() || something_ends(&state), "no job can end {state:?}");
    }
}

/// A job that is due in this state leads on: the session's, the challenge's or the seal's. (The job that makes a
/// challenge leads to one of the first two.)
fn something_ends(state: &State) -> bool {
    let attempt = state.attempt;
    let enders =
        [Event::SessionExpired, Event::ChallengeExpired { attempt, opened: true, session_open: false }, Event::Sealed];
    enders
        .into_iter()
        .any(|event| matches!(apply(state, LIMITS, event), Verdict::Moved(next, _) if next.status.is_terminal()))
}

#[test]
fn attempts_are_counted_and_the_last_rejection_ends_the_flow() {
    let mut state = State { status: FlowStatus::PendingAuth, ..State::started(AuthType::FaceVerification) };
    for attempt in 1..=3 {
        for event in [Event::AuthRequested, Event::ChallengeCreated { attempt }] {
            let Verdict::Moved(next, _) = apply(&state, LIMITS, event) else { panic!("{event:?} in {state:?}") };
            state = next;
        }
        assert_eq!(apply(&state, LIMITS, Event::AuthRequested), Verdict::Refused, "one attempt at a time");
        let rejected = Event::AuthRejected { attempt, retryable: true, session_open: true };
        let Verdict::Moved(next, effects) = apply(&state, LIMITS, rejected) else { panic!("{rejected:?}") };
        state = next;
        assert_eq!(state.status == FlowStatus::Failed, attempt == 3);
        assert_eq!(effects.contains(&Effect::IssueResult), attempt == 3);
    }
    assert_eq!(state.failure, Some(FailureCode::AuthFailed));
}

#[test]
fn facts_about_another_attempt_are_kept() {
    let state = State {
        status: FlowStatus::PendingAuth,
        auth_status: AuthStatus::Challenged,
        attempt: 2,
        ..State::started(AuthType::PaymentVerification)
    };
    for event in events(1) {
        let about_attempt = !matches!(apply(&state, LIMITS, event), Verdict::Moved(..));
        if matches!(
            event,
            Event::ChallengeCreated { .. }
                | Event::ChallengeFailed { .. }
                | Event::FaceSubmitted { .. }
                | Event::MaterialRefused { .. }
                | Event::AuthPassed { .. }
                | Event::AuthRejected { .. }
                | Event::ChallengeExpired { .. }
        ) {
            assert!(about_attempt, "{event:?}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_order_events_come_in(picks in prop::collection::vec((0_usize..29, 0_i32..=1), 1..120), face: bool) {
        let auth_type = if face { AuthType::FaceVerification } else { AuthType::PaymentVerification };
        let mut state = State::started(auth_type);
        let mut ends = 0;
        for (pick, late) in picks {
            let all = events(state.attempt - late);
            let event = all[pick % all.len()];
            let verdict = apply(&state, LIMITS, event);
            prop_assert_eq!(apply(&state, LIMITS, event), verdict.clone(), "the machine is a function");
            match verdict {
                Verdict::Moved(next, effects) => {
                    prop_assert!(!state.status.is_terminal(), "a terminal state was left by {:?}", event);
                    ends += i32::from(next.status.is_terminal());
                    prop_assert_eq!(effects.contains(&Effect::IssueResult), next.status.is_terminal());
                    state = next;
                }
                Verdict::Kept(next) => {
                    prop_assert!(!event.is_command());
                    prop_assert_eq!(State { sms_undelivered: state.sms_undelivered, ..next }, state);
                    state = next;
                }
                Verdict::Refused => prop_assert!(event.is_command()),
            }
            let complete = state.auth_status == AuthStatus::Passed && state.seal_status == SealStatus::Sealed;
            prop_assert_eq!(state.status == FlowStatus::Completed, complete);
        }
        prop_assert!(ends <= 1);
    }
}
