//! An auth system that fails, is slow, loses replies, repeats itself or falls silent: each fault at each of its doors, as
//! often as it may come, for both kinds of authentication. The flow ends where the rules say, nothing is done twice at
//! the auth system, and the records tell the story.
//!
//! The stand-in of the sandbox has the same faults; what its `timeout` and `slow` mean to us, an outcome nobody knows and
//! a reply that others overtake, is played here without waiting for it.

use chrono::TimeDelta;
use esign_config::AuthMode;
use esign_domain::{
    alert::Alert,
    auth::{entity::auth_record, port::AuthSystemFailure, query},
    ids::FlowId,
    terms::{AuthStatus, FlowEventType as Kind},
};
use esign_tests::{
    TestApp,
    auth_system::{AMOUNT, Mishap, busy},
    fixture::{corporate, individual},
};

/// Gaps between the tries to make a challenge: so many may fail.
const RETRIES: usize = 5;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Error,
    Timeout,
    LostReply,
    Slow,
    Duplicate,
    Silent,
}
use Fault::{Duplicate, Error, LostReply, Silent, Slow, Timeout};

/// How a person authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Payment,
    Face,
}

impl Fault {
    /// What it is to whoever called.
    fn mishap(self) -> Mishap {
        match self {
            Error => busy(),
            Timeout => Mishap::Refused(AuthSystemFailure::Unknown("no answer in time".into())),
            _ => Mishap::LostReply,
        }
    }

    /// Whether the auth system does what it is asked for all the same.
    fn is_done(self) -> bool {
        matches!(self, LostReply | Slow)
    }
}

async fn record(app: &TestApp, id: FlowId) -> auth_record::Model {
    let records = query::of_flows(app, &[id]).await.unwrap();
    assert_eq!(records.len(), 1, "one attempt");
    records.into_iter().next().unwrap()
}

fn count(history: &[Kind], kind: Kind) -> usize {
    history.iter().filter(|one| **one == kind).count()
}

/// Signs and, for face, presses start: from here on the auth system is asked.
async fn ready(app: &TestApp, by: By, flow_no: &str) -> FlowId {
    match by {
        By::Payment => app.sign(corporate(flow_no)).await,
        By::Face => {
            let id = app.sign(individual(flow_no)).await;
            app.signer(id).await.start_face().await.unwrap();
            id
        }
    }
}

#[tokio::test]
async fn making_a_challenge_survives_each_fault_as_often_as_there_are_retries() {
    let app = TestApp::new().await;
    for by in [By::Payment, By::Face] {
        for fault in [Error, Timeout, LostReply, Slow] {
            for times in 1..=RETRIES + 2 {
                let case = format!("{by:?} {fault:?} {times}");
                let before = app.auth.challenges().len();
                app.auth.creating.fail(times, fault.mishap());
                let id = ready(&app, by, &format!("make-{by:?}-{fault:?}-{times}")).await;
                app.run_jobs().await;
                if fault == Slow {
                    // The auth system's own word overtakes the reply that is late.
                    app.call_back(&format!("overtook-{case}"), &app.auth.newest()).await;
                }
                app.live_through(TimeDelta::minutes(14)).await;
                app.auth.creating.clear();
                let (made, history) = (app.auth.challenges().len() - before, app.history(id).await);
                let (failed, asked) = (count(&history, Kind::ChallengeFailed), record(&app, id).await);
                let survives = times <= RETRIES || fault == Slow;
                assert_eq!(made, usize::from(survives || fault.is_done()), "{case}: at most one challenge");
                if survives {
                    assert_eq!(app.state(id).await, "PENDING_AUTH", "{case}");
                    assert_eq!(asked.status, AuthStatus::Challenged, "{case}");
                    assert_eq!(count(&history, Kind::ChallengeCreated), 1, "{case}");
                    assert_eq!(failed, if fault == Slow { 1 } else { times }, "{case}");
                } else {
                    assert_eq!(app.state(id).await, "FAILED AUTH_INIT_FAILED", "{case}");
                    assert_eq!(failed, RETRIES + 1, "{case}");
                    assert_eq!(asked.rejected_reason.as_deref(), Some("CHALLENGE_NOT_CREATED"), "{case}");
                }
                assert_eq!(usize::try_from(asked.creation_failures).unwrap(), failed, "{case}");
                app.assert_sound(id).await;
            }
        }
    }
    assert!(app.alerts.counts()[&Alert::ChallengeFailed] > 0);
}

#[tokio::test]
async fn an_amount_is_judged_once_whatever_goes_wrong_on_its_way() {
    let app = TestApp::new().await;
    for fault in [Error, Timeout, LostReply, Slow] {
        for times in 1..=7 {
            let case = format!("{fault:?} {times}");
            let id = ready(&app, By::Payment, &format!("enter-{fault:?}-{times}")).await;
            app.run_jobs().await;
            app.auth.entering.fail(times, fault.mishap());
            app.signer(id).await.amount(AMOUNT).await.unwrap();
            app.run_jobs().await;
            if fault == Slow {
                assert_eq!(app.call_back(&format!("overtook-{case}"), &app.auth.newest()).await, 200);
            }
            app.live_through(TimeDelta::minutes(2)).await;
            app.auth.entering.clear();
            assert_eq!(app.state(id).await, "COMPLETED", "{case}");
            assert_eq!(app.auth.newest().amounts_taken(), 1, "{case}");
            let history = app.history(id).await;
            for kind in [Kind::MaterialSubmitted, Kind::AuthPassed, Kind::Sealed] {
                assert_eq!(count(&history, kind), 1, "{case} {kind:?}");
            }
            assert!(!record(&app, id).await.late_result, "{case}");
        }
    }
}

#[tokio::test]
async fn a_wrong_amount_costs_one_entry_whatever_goes_wrong_on_its_way() {
    let app = TestApp::new().await;
    for fault in [Error, Timeout, LostReply] {
        for times in 1..=4 {
            let case = format!("{fault:?} {times}");
            let id = ready(&app, By::Payment, &format!("wrong-{fault:?}-{times}")).await;
            app.run_jobs().await;
            app.auth.entering.fail(times, fault.mishap());
            app.signer(id).await.amount(AMOUNT + 1).await.unwrap();
            app.live_through(TimeDelta::minutes(1)).await;
            app.auth.entering.clear();
            assert_eq!(app.state(id).await, "PENDING_AUTH", "{case}");
            let asked = record(&app, id).await;
            assert_eq!((asked.status, asked.entries_left), (AuthStatus::Challenged, Some(2)), "{case}");
            assert_eq!(app.auth.newest().amounts_taken(), 1, "{case}");
            assert_eq!(count(&app.history(id).await, Kind::MaterialRefused), 1, "{case}");
        }
    }
}

#[tokio::test]
async fn a_result_arrives_once_whatever_goes_wrong_on_its_way() {
    let app = TestApp::new().await;
    for by in [By::Payment, By::Face] {
        for fault in [Error, Timeout, LostReply, Slow, Duplicate, Silent] {
            for times in 1..=4 {
                let case = format!("{by:?} {fault:?} {times}");
                let id = ready(&app, by, &format!("result-{by:?}-{fault:?}-{times}")).await;
                app.run_jobs().await;
                if by == By::Payment {
                    app.auth.judge_later();
                    app.signer(id).await.amount(AMOUNT).await.unwrap();
                    app.run_jobs().await;
                }
                let passed = app.auth.pass();
                match fault {
                    // Polling fails and the callback is lost as well.
                    Error | Timeout | LostReply => app.auth.asking.fail(times, fault.mishap()),
                    // What was asked for before comes in after the callback.
                    Slow => {
                        assert_eq!(app.call_back(&format!("first-{case}"), &passed).await, 200);
                        for n in 0..times {
                            let old = passed.as_if("PROCESSING");
                            assert_eq!(app.call_back(&format!("late-{case}-{n}"), &old).await, 200);
                        }
                    }
                    Duplicate => {
                        for n in 0..=times {
                            assert_eq!(app.call_back(&format!("same-{case}"), &passed).await, 200, "{n}");
                            assert_eq!(app.call_back(&format!("again-{case}-{n}"), &passed).await, 200);
                        }
                    }
                    Silent => {}
                }
                app.live_through(TimeDelta::minutes(5)).await;
                app.auth.asking.clear();
                assert_eq!(app.state(id).await, "COMPLETED", "{case}");
                let history = app.history(id).await;
                assert_eq!((count(&history, Kind::AuthPassed), count(&history, Kind::Sealed)), (1, 1), "{case}");
                let asked = record(&app, id).await;
                assert!(!asked.late_result && asked.status == AuthStatus::Passed, "{case}");
                assert!(asked.evidence_blob.is_some(), "{case}: its own evidence was fetched");
            }
        }
    }
}

#[tokio::test]
async fn the_auth_systems_evidence_is_fetched_at_once_and_again_while_it_keeps_it() {
    let app = TestApp::new().await;
    for fault in [Error, Timeout] {
        for times in 1..=4 {
            let case = format!("{fault:?} {times}");
            let id = ready(&app, By::Face, &format!("evidence-{fault:?}-{times}")).await;
            app.run_jobs().await;
            app.auth.evidence.fail(times, fault.mishap());
            app.call_back(&format!("passed-{case}"), &app.auth.pass()).await;
            app.run_jobs().await;
            assert_eq!(app.state(id).await, "COMPLETED", "{case}: sealing doesn't wait for it");
            assert!(record(&app, id).await.evidence_blob.is_none(), "{case}");
            app.live_through(TimeDelta::minutes(5)).await;
            assert!(record(&app, id).await.evidence_blob.is_some(), "{case}");
            let fetched = format!("evidence {}", app.auth.newest().id);
            assert_eq!(app.auth.calls().iter().filter(|call| **call == fetched).count(), times + 1, "{case}");
        }
    }
}

#[tokio::test]
async fn an_amount_that_is_judged_later_is_heard_of_whichever_way_the_verdict_comes() {
    for by_callback in [false, true] {
        let app = TestApp::new().await;
        app.auth.judge_everything_later();
        let id = ready(&app, By::Payment, "judged-later").await;
        app.run_jobs().await;
        app.signer(id).await.amount(AMOUNT + 1).await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.state(id).await, "AUTHENTICATING");
        // A word on something else moves nothing, however often it is asked.
        app.live_through(TimeDelta::seconds(10)).await;
        assert_eq!(app.state(id).await, "AUTHENTICATING");
        let judged = app.auth.change(|challenge| {
            (challenge.status, challenge.reason) = ("PENDING", Some("WRONG_AMOUNT".into()));
            challenge.entries_left = Some(2);
        });
        if by_callback {
            assert_eq!(app.call_back("verdict", &judged).await, 200);
            app.run_jobs().await;
        } else {
            app.live_through(TimeDelta::minutes(1)).await;
        }
        assert_eq!(app.state(id).await, "PENDING_AUTH", "by callback: {by_callback}");
        assert_eq!(record(&app, id).await.entries_left, Some(2));
        assert_eq!(app.auth.newest().amounts_taken(), 1, "it was handed in again and not counted again");
        app.signer(id).await.amount(AMOUNT).await.unwrap();
        app.run_jobs().await;
        app.auth.pass();
        app.live_through(TimeDelta::minutes(1)).await;
        assert_eq!(app.state(id).await, "COMPLETED");
        assert_eq!(app.auth.newest().amounts_taken(), 2);
    }
}

#[tokio::test]
async fn each_mode_reaches_the_end_by_its_own_ways() {
    for (mode, polls, is_told_where) in
        [(AuthMode::Auto, true, true), (AuthMode::Callback, false, true), (AuthMode::Poll, true, false)]
    {
        let app = TestApp::with(|settings| settings.auth.mode = mode).await;
        let id = ready(&app, By::Face, "polled").await;
        app.run_jobs().await;
        let asked = app.auth.newest().asked;
        assert_eq!(asked.callback_url.is_some(), is_told_where, "{mode:?}");
        assert_eq!(app.waiting("poll_challenge").await.len(), usize::from(polls), "{mode:?}");
        app.auth.pass();
        app.live_through(TimeDelta::minutes(2)).await;
        let by_polling = app.state(id).await == "COMPLETED";
        assert_eq!(by_polling, polls, "{mode:?}");
        // Where nobody calls back and nobody asks, the last look at the challenge's end still finds it.
        app.live_through(TimeDelta::minutes(31)).await;
        assert_eq!(app.state(id).await, "COMPLETED", "{mode:?}");
        let other = ready(&app, By::Face, "called-back").await;
        app.run_jobs().await;
        assert_eq!(app.call_back("passed", &app.auth.pass()).await, 200);
        app.run_jobs().await;
        assert_eq!(app.state(other).await, "COMPLETED", "{mode:?}: a signed result counts in every mode");
    }
}
