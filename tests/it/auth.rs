//! Authentication: tries, amounts, faces, and the attempts that count.

use chrono::TimeDelta;
use esign_domain::{
    alert::Alert,
    auth::{self, entity::auth_record},
    error::Error,
    flow::h5::Step,
    ids::FlowId,
    terms::{AuthStatus, FlowEventType as Kind},
};
use esign_tests::{
    TestApp,
    auth_system::{AMOUNT, Mishap, busy, refused},
    fixture::{corporate, individual, individual_with_account, with},
};
use futures_util::future::join_all;
use serde_json::json;

async fn records(app: &TestApp, id: FlowId) -> Vec<auth_record::Model> {
    auth::query::of_flows(app, &[id]).await.unwrap()
}

/// Everything but the newest events, which the story is about.
async fn ends_with(app: &TestApp, id: FlowId, expected: &[Kind]) {
    let history = app.history(id).await;
    assert!(history.ends_with(expected), "{history:?} doesn't end with {expected:?}");
}

/// A person who has signed, consented and gone to the auth system's page.
async fn at_the_camera(app: &TestApp, flow_no: &str) -> FlowId {
    let id = app.sign(individual(flow_no)).await;
    let signer = app.signer(id).await;
    signer.start_face().await.unwrap();
    app.run_jobs().await;
    signer.go_to_face().await.unwrap().expect("the auth system's page");
    id
}

#[tokio::test]
async fn a_retryable_rejection_lets_the_signer_try_again_until_the_attempts_are_spent() {
    let app = TestApp::new().await;
    let id = at_the_camera(&app, "thrice").await;
    let signer = app.signer(id).await;
    for attempt in 1..=3 {
        app.auth.reject(true);
        let flow = signer.come_back().await.unwrap();
        assert_eq!((flow.attempts_spent, flow.auth_status), (attempt, AuthStatus::Rejected));
        if attempt < 3 {
            assert_eq!(app.state(id).await, "PENDING_AUTH");
            let view = signer.view().await.unwrap();
            assert_eq!((view.step, view.attempts_left), (Step::AuthFace, 3 - attempt));
            assert_eq!(view.auth.unwrap().rejected_reason.as_deref(), Some("NOT_LIVE"));
            signer.try_again().await.unwrap();
            app.run_jobs().await;
            assert_eq!(app.auth.newest().asked.idempotency_key, format!("demo/thrice#{}", attempt + 1));
            signer.go_to_face().await.unwrap();
        }
    }
    assert_eq!(app.state(id).await, "FAILED AUTH_FAILED");
    ends_with(&app, id, &[Kind::AuthRequested, Kind::ChallengeCreated, Kind::AuthRejected]).await;
    assert!(matches!(signer.try_again().await, Err(Error::StateConflict { .. })));
    assert_eq!(records(&app, id).await.len(), 3);
}

#[tokio::test]
async fn a_final_rejection_ends_the_flow() {
    let app = TestApp::new().await;
    let id = at_the_camera(&app, "final").await;
    app.auth.process();
    app.signer(id).await.come_back().await.unwrap();
    app.call_back("msg-1", &app.auth.reject(false)).await;
    assert_eq!(app.state(id).await, "FAILED AUTH_FAILED");
    assert_eq!(records(&app, id).await[0].status, AuthStatus::Rejected);
}

#[tokio::test]
async fn a_credential_that_is_no_longer_good_is_a_retryable_rejection() {
    let app = TestApp::new().await;
    let id = at_the_camera(&app, "stale").await;
    let past = app.now() - TimeDelta::seconds(1);
    let challenge = app.auth.change(|challenge| (challenge.status, challenge.valid_until) = ("PASSED", Some(past)));
    app.call_back("msg-1", &challenge).await;
    assert_eq!(app.state(id).await, "PENDING_AUTH");
    assert_eq!(records(&app, id).await[0].rejected_reason.as_deref(), Some("CREDENTIAL_EXPIRED"));
    let signer = app.signer(id).await;
    signer.try_again().await.unwrap();
    app.run_jobs().await;
    signer.go_to_face().await.unwrap();
    let until = app.now() + TimeDelta::days(1);
    let challenge = app.auth.change(|challenge| (challenge.status, challenge.valid_until) = ("PASSED", Some(until)));
    app.call_back("msg-2", &challenge).await;
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
    assert_eq!(records(&app, id).await[1].valid_until, Some(until));
}

#[tokio::test]
async fn who_walks_away_from_the_camera_comes_back_to_the_same_challenge() {
    let app = TestApp::new().await;
    let id = at_the_camera(&app, "walks").await;
    let signer = app.signer(id).await;
    assert_eq!(signer.come_back().await.unwrap().status.as_str(), "PENDING_AUTH");
    assert_eq!(signer.view().await.unwrap().step, Step::AuthFace);
    signer.start_face().await.unwrap();
    app.run_jobs().await;
    assert_eq!(signer.go_to_face().await.unwrap().as_deref(), Some("https://auth.example/face/ch-1"));
    assert_eq!(app.auth.challenges().len(), 1);
    let asked = app.history(id).await.into_iter().filter(|kind| *kind == Kind::AuthRequested).count();
    assert_eq!(asked, 1);
    app.auth.pass();
    signer.come_back().await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
}

#[tokio::test]
async fn who_refuses_the_camera_pays_from_their_own_account() {
    let app = TestApp::new().await;
    for (flow_no, opened) in [("refuses-1", false), ("refuses-2", true)] {
        let id = app.sign(individual_with_account(flow_no)).await;
        let signer = app.signer(id).await;
        if opened {
            signer.start_face().await.unwrap();
            app.run_jobs().await;
        }
        let face = opened.then(|| app.auth.newest().id);
        assert!(signer.refuse_face().await.unwrap());
        app.run_jobs().await;
        if let Some(face) = face {
            assert!(app.auth.calls().contains(&format!("cancel {face}")));
        }
        assert_eq!(signer.view().await.unwrap().step, Step::AuthPayment);
        signer.amount(AMOUNT).await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.state(id).await, "COMPLETED");
        let number = i32::from(opened) + 1;
        assert_eq!((app.flow(id).await.attempt, app.flow(id).await.attempts_spent), (number, 0));
    }
}

#[tokio::test]
async fn who_refuses_the_camera_and_has_no_account_is_told_how_to_finish_outside() {
    let app = TestApp::new().await;
    let id = app.sign(individual("outside")).await;
    let signer = app.signer(id).await;
    assert!(!signer.view().await.unwrap().offers_payment_instead);
    assert!(!signer.refuse_face().await.unwrap());
    assert_eq!(app.state(id).await, "PENDING_AUTH");
    ends_with(&app, id, &[Kind::Signed, Kind::Consented]).await;
    signer.start_face().await.expect("they may change their mind");
    app.run_jobs().await;
    assert_eq!(app.auth.challenges().len(), 1);
}

#[tokio::test]
async fn a_wrong_amount_may_be_typed_again_on_the_same_challenge() {
    let app = TestApp::new().await;
    let id = app.sign(corporate("mistyped")).await;
    app.run_jobs().await;
    let signer = app.signer(id).await;
    for left in [2, 1] {
        signer.amount(11).await.unwrap();
        assert!(matches!(signer.amount(12).await, Err(Error::StateConflict { .. })), "one at a time");
        app.run_jobs().await;
        assert_eq!(app.state(id).await, "PENDING_AUTH");
        let view = signer.view().await.unwrap();
        let auth = view.auth.unwrap();
        assert_eq!((view.step, auth.entries_left, auth.wrong_amount), (Step::AuthPayment, Some(left), true));
    }
    signer.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
    assert_eq!(app.auth.challenges().len(), 1);
    for amount in [0, -1, 100, 1_000_000] {
        assert!(matches!(signer.amount(amount).await, Err(Error::InvalidArgument(_))), "{amount}");
    }
}

#[tokio::test]
async fn six_wrong_amounts_close_an_account_for_a_day_over_all_flows_and_clients() {
    let app = TestApp::new().await;
    let account = json!({"accountNo": "571900001111222233", "bankName": "招商银行"});
    let input = |flow_no: &str| with(corporate(flow_no), "/subject/bankAccount", account.clone());
    let begun = app.now();
    let id = app.sign(input("wrong-1")).await;
    let signer = app.signer(id).await;
    app.run_jobs().await;
    let first_entry = app.now();
    for attempt in 1..=2 {
        for _ in 0..3 {
            signer.amount(11).await.unwrap();
            app.run_jobs().await;
        }
        assert_eq!(app.flow(id).await.attempts_spent, attempt);
        assert_eq!(app.state(id).await, "PENDING_AUTH");
        signer.try_again().await.unwrap();
        app.run_jobs().await;
    }
    assert_eq!(app.auth.challenges().len(), 2, "no challenge is made for a closed account");
    assert!(app.alerts.counts()[&Alert::AccountLimited] >= 1);
    let until = first_entry + TimeDelta::days(1);
    assert_eq!(signer.view().await.unwrap().auth.unwrap().limited_until, Some(until));
    assert_eq!(app.waiting("create_challenge").await, [until]);

    // Another client's flow for the same account waits just as long; one for another account doesn't.
    let theirs = app.try_start_as(&app.other, input("theirs")).await.unwrap().flow.id;
    app.run_jobs().await;
    app.signer(theirs).await.sign().await.unwrap();
    let free = app.sign(corporate("another-account")).await;
    app.run_jobs().await;
    assert_eq!(app.auth.challenges().len(), 3);
    assert_eq!(app.auth.newest().asked.idempotency_key, "demo/another-account");
    assert_eq!(app.state(free).await, "PENDING_AUTH");

    app.live_through(until - app.now()).await;
    assert!(app.now() < begun + TimeDelta::hours(72), "the sessions still live");
    let made = app.auth.challenges();
    let keys: Vec<_> = made[3..].iter().map(|challenge| challenge.asked.idempotency_key.as_str()).collect();
    assert_eq!(keys, ["demo/wrong-1#3", "other/theirs"]);
    signer.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
}

#[tokio::test]
async fn amounts_typed_at_once_on_many_flows_of_one_account_are_counted_together() {
    let app = TestApp::new().await;
    let account = json!({"accountNo": "571900001111222233", "bankName": "招商银行"});
    let mut signers = Vec::new();
    for n in 0..9 {
        let id = app.sign(with(corporate(&format!("parallel-{n}")), "/subject/bankAccount", account.clone())).await;
        app.run_jobs().await;
        signers.push(app.signer(id).await);
    }
    let typed = join_all(signers.iter().map(|signer| signer.amount(11))).await;
    let refused = typed.iter().filter(|typed| matches!(typed, Err(Error::RateLimited { .. }))).count();
    assert_eq!((typed.iter().filter(|typed| typed.is_ok()).count(), refused), (6, 3));
    app.run_jobs().await;
    assert_eq!(app.auth.calls().iter().filter(|call| call.starts_with("enter")).count(), 6);
}

#[tokio::test]
async fn wrong_amounts_to_the_end_of_the_last_attempt_fail_the_flow() {
    let app = TestApp::with(|settings| settings.auth.account_wrong_entries = 100).await;
    let id = app.sign(corporate("never-right")).await;
    let signer = app.signer(id).await;
    app.run_jobs().await;
    for attempt in 1..=3 {
        for _ in 0..3 {
            signer.amount(11).await.unwrap();
            app.run_jobs().await;
        }
        if attempt < 3 {
            signer.try_again().await.unwrap();
            app.run_jobs().await;
        }
    }
    assert_eq!(app.state(id).await, "FAILED AUTH_FAILED");
    assert!(matches!(signer.amount(AMOUNT).await, Err(Error::StateConflict { .. } | Error::AuthFailed { .. })));
}

#[tokio::test]
async fn an_amount_is_counted_once_however_often_it_is_handed_in() {
    let app = TestApp::new().await;
    let id = app.sign(corporate("lost-amount")).await;
    let signer = app.signer(id).await;
    app.run_jobs().await;
    app.auth.entering.next([Some(busy()), Some(Mishap::LostReply), Some(Mishap::LostReply), None]);
    signer.amount(11).await.unwrap();
    app.live_through(TimeDelta::seconds(20)).await;
    assert_eq!(app.state(id).await, "PENDING_AUTH");
    assert_eq!(app.auth.newest().entries_left, Some(2));
    assert_eq!(signer.view().await.unwrap().auth.unwrap().entries_left, Some(2));
    assert_eq!(app.auth.calls().iter().filter(|call| call.starts_with("enter")).count(), 4);
}

#[tokio::test]
async fn the_word_on_an_earlier_amount_is_not_taken_for_one_on_this() {
    let app = TestApp::new().await;
    let id = app.sign(corporate("second-amount")).await;
    let signer = app.signer(id).await;
    app.run_jobs().await;
    signer.amount(11).await.unwrap();
    app.run_jobs().await;
    // The second amount can't be handed in yet; asked meanwhile, the auth system still speaks of the first.
    app.auth.entering.fail(3, busy());
    signer.amount(AMOUNT).await.unwrap();
    app.live_through(TimeDelta::seconds(3)).await;
    assert!(app.auth.calls().iter().filter(|call| *call == "ask ch-1").count() > 0, "{:?}", app.auth.calls());
    assert_eq!(app.state(id).await, "AUTHENTICATING");
    app.live_through(TimeDelta::seconds(10)).await;
    assert_eq!(app.state(id).await, "COMPLETED");
    let refused = app.history(id).await.into_iter().filter(|kind| *kind == Kind::MaterialRefused).count();
    assert_eq!(refused, 1);
}

#[tokio::test]
async fn a_challenge_that_can_not_be_made_is_asked_for_until_the_retries_are_spent() {
    let app = TestApp::new().await;
    app.auth.creating.always(Some(busy()));
    let id = app.sign(corporate("no-challenge")).await;
    let begun = app.now();
    app.live_through(TimeDelta::seconds(1 + 5 + 30 + 120 + 600)).await;
    assert_eq!(app.state(id).await, "FAILED AUTH_INIT_FAILED");
    assert_eq!(app.flow(id).await.completed_at, Some(begun + TimeDelta::seconds(756)));
    ends_with(&app, id, &[Kind::ChallengeFailed; 6]).await;
    assert_eq!(app.alerts.counts()[&Alert::ChallengeFailed], 6);
    assert_eq!(app.auth.calls(), ["create demo/no-challenge"; 6], "always under the same key");
}

#[tokio::test]
async fn a_challenge_is_made_once_whatever_becomes_of_the_reply() {
    let app = TestApp::new().await;
    app.auth.creating.next([Some(busy()), Some(Mishap::LostReply), None]);
    let id = app.sign(corporate("lost-reply")).await;
    app.live_through(TimeDelta::seconds(10)).await;
    assert_eq!(app.auth.challenges().len(), 1);
    ends_with(&app, id, &[Kind::ChallengeFailed, Kind::ChallengeFailed, Kind::ChallengeCreated]).await;

    app.auth.creating.fail(1, refused());
    let id = app.sign(corporate("refused")).await;
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "FAILED AUTH_INIT_FAILED", "no retry helps");
}
