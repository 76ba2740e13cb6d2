//! What comes twice, late, out of order, forged or about somebody else.

use chrono::TimeDelta;
use esign_domain::{
    Caller,
    alert::Alert,
    auth::{self, entity::auth_record},
    error::Error,
    flow,
    ids::FlowId,
    seal, sms,
    terms::{AuthStatus, FlowEventType as Kind},
};
use esign_tests::{
    TestApp,
    auth_system::AMOUNT,
    fixture::{corporate, individual},
    signer::{Signer, ink},
};

async fn record(app: &TestApp, id: FlowId, attempt: usize) -> auth_record::Model {
    auth::query::of_flows(app, &[id]).await.unwrap().swap_remove(attempt - 1)
}

/// Everything a flow looks like from outside, to see that nothing has moved.
async fn picture(app: &TestApp, id: FlowId) -> (String, usize, AuthStatus) {
    (app.state(id).await, app.events(id).await.len(), app.flow(id).await.auth_status)
}

async fn challenged(app: &TestApp, flow_no: &str) -> FlowId {
    let id = app.sign(corporate(flow_no)).await;
    app.run_jobs().await;
    id
}

#[tokio::test]
async fn the_same_message_twice_moves_nothing_the_second_time() {
    let app = TestApp::new().await;
    let id = challenged(&app, "twice").await;
    let passed = app.auth.pass();
    assert_eq!(app.call_back("msg-1", &passed).await, 200);
    let before = picture(&app, id).await;
    assert_eq!(before.0, "SEALING");
    assert_eq!(app.call_back("msg-1", &passed).await, 200);
    assert_eq!(app.call_back("msg-2", &passed).await, 200, "the same word under another id");
    assert_eq!(picture(&app, id).await, before);
    assert!(!record(&app, id, 1).await.late_result);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_word_that_contradicts_the_first_is_kept_as_late() {
    let app = TestApp::new().await;
    let id = challenged(&app, "contradicts").await;
    app.call_back("msg-1", &app.auth.pass()).await;
    app.run_jobs().await;
    let before = picture(&app, id).await;
    assert_eq!(before.0, "COMPLETED");
    for (message, word) in
        [("msg-2", app.auth.reject(true)), ("msg-3", app.auth.expire()), ("msg-4", app.auth.process())]
    {
        assert_eq!(app.call_back(message, &word).await, 200);
        assert_eq!(picture(&app, id).await, before);
    }
    assert!(record(&app, id, 1).await.late_result);
    assert_eq!(record(&app, id, 1).await.status, AuthStatus::Passed);
}

#[tokio::test]
async fn a_result_for_an_earlier_attempt_is_kept_as_late() {
    let app = TestApp::new().await;
    let id = app.sign(individual("earlier")).await;
    let signer = app.signer(id).await;
    signer.start_face().await.unwrap();
    app.run_jobs().await;
    let mut first = app.auth.reject(true);
    app.call_back("msg-1", &first).await;
    signer.try_again().await.unwrap();
    app.run_jobs().await;
    let before = picture(&app, id).await;
    first.status = "PASSED";
    assert_eq!(app.call_back("msg-2", &first).await, 200);
    assert_eq!(picture(&app, id).await, before);
    assert!(record(&app, id, 1).await.late_result);
    assert!(!record(&app, id, 2).await.late_result);
}

#[tokio::test]
async fn a_result_after_the_end_is_kept_as_late() {
    let app = TestApp::new().await;
    for (flow_no, state) in [("cancelled", "CANCELLED"), ("declined", "FAILED SIGN_DECLINED")] {
        let id = challenged(&app, flow_no).await;
        if state == "CANCELLED" {
            flow::cancel(&app, &app.demo.caller(), id, "订单取消").await.unwrap();
        } else {
            app.signer(id).await.decline("不签了").await.unwrap();
        }
        app.run_jobs().await;
        assert!(app.auth.newest().cancelled, "an open challenge is withdrawn");
        let before = picture(&app, id).await;
        assert_eq!(before.0, state);
        assert_eq!(app.call_back(&format!("msg-{flow_no}"), &app.auth.pass()).await, 200);
        assert_eq!(picture(&app, id).await, before);
        assert!(record(&app, id, 1).await.late_result);
    }
}

#[tokio::test]
async fn a_callback_may_overtake_the_reply_that_names_its_challenge() {
    let app = TestApp::new().await;
    // The challenge is made, the reply is lost, the callback comes first.
    app.auth.creating.fail(1, esign_tests::auth_system::Mishap::LostReply);
    let id = app.sign(corporate("overtakes")).await;
    app.run_jobs().await;
    assert_eq!(record(&app, id, 1).await.challenge_id, None);
    assert_eq!(app.call_back("msg-1", &app.auth.pass()).await, 200);
    assert_eq!(app.state(id).await, "SEALING");
    app.live_through(TimeDelta::seconds(10)).await;
    assert_eq!(app.state(id).await, "COMPLETED");
    let created = app.history(id).await.into_iter().filter(|kind| *kind == Kind::ChallengeCreated).count();
    assert_eq!(created, 1);
}

#[tokio::test]
async fn results_that_are_none_of_ours_are_answered_and_raise_an_alert() {
    let app = TestApp::new().await;
    let id = challenged(&app, "ours").await;
    let before = picture(&app, id).await;
    let mut stray = app.auth.pass();
    stray.asked.idempotency_key = "demo/never-heard-of".into();
    assert_eq!(app.call_back("msg-1", &stray).await, 200);
    assert_eq!(app.call_back("msg-1", &stray).await, 200);
    let mut impostor = app.auth.pass();
    impostor.id = "ch-of-somebody-else".into();
    assert_eq!(app.call_back("msg-2", &impostor).await, 200);
    assert_eq!(app.alerts.counts()[&Alert::StrayResult], 2);
    assert_eq!(picture(&app, id).await, before);
}

#[tokio::test]
async fn forged_and_stale_callbacks_are_refused() {
    let app = TestApp::new().await;
    let id = challenged(&app, "forged").await;
    let before = picture(&app, id).await;
    let word = app.auth.pass().word();
    for minutes in [-6, 6] {
        assert_eq!(app.call_back_with("msg-1", &word, TimeDelta::minutes(minutes)).await, 401);
    }
    let request = http::Request::post("/callbacks/auth")
        .header("webhook-id", "msg-1")
        .header("webhook-timestamp", app.now().timestamp())
        .header("webhook-signature", "v1,bm90IGEgc2lnbmF0dXJl");
    assert_eq!(app.call(request.body(word.to_string().into()).unwrap()).await.status, 401);
    assert_eq!(app.call_back_with("msg-2", &serde_json::json!({"hello": 1}), TimeDelta::zero()).await, 400);
    assert_eq!(picture(&app, id).await, before);
    assert_eq!(app.call_back_with("msg-1", &word, TimeDelta::minutes(4)).await, 200);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_submission_that_comes_again_shows_its_first_outcome() {
    let app = TestApp::new().await;
    let id = app.start(corporate("double-tap")).await.id;
    app.run_jobs().await;
    let signer = app.signer(id).await;
    signer.read().await.unwrap();
    let submission = signer.submission();
    for _ in 0..3 {
        assert_eq!(signer.sign_as(submission, ink()).await.unwrap().status.as_str(), "PENDING_AUTH");
    }
    app.run_jobs().await;
    let submission = signer.submission();
    for _ in 0..3 {
        flow::h5::submit_amount(&app, &signer.code, submission, 11).await.unwrap();
        app.run_jobs().await;
    }
    assert_eq!(signer.view().await.unwrap().auth.unwrap().entries_left, Some(2));
    let signatures = app.history(id).await.into_iter().filter(|kind| *kind == Kind::Signed).count();
    assert_eq!(signatures, 1);
}

#[tokio::test]
async fn two_hands_at_once_make_one_move() {
    let app = TestApp::new().await;
    let id = app.start(corporate("two-tabs")).await.id;
    app.run_jobs().await;
    let signer = app.signer(id).await;
    signer.read().await.unwrap();
    let (one, two) = tokio::join!(signer.write_name(), signer.write_name());
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
    app.run_jobs().await;
    let caller = app.demo.caller();
    let (cancelled, typed) = tokio::join!(flow::cancel(&app, &caller, id, "too late?"), signer.amount(AMOUNT));
    assert!(cancelled.is_ok() != typed.is_ok(), "one of the two loses: {:?} {:?}", cancelled.err(), typed.err());
    app.run_jobs().await;
    assert!(["CANCELLED", "COMPLETED"].contains(&app.state(id).await.as_str()));
}

#[tokio::test]
async fn the_first_opening_is_kept_in_every_state_and_moves_a_flow_once() {
    let app = TestApp::new().await;
    let before_sms = app.start(corporate("early")).await.id;
    let opened = app.now();
    let early = app.signer(before_sms).await;
    assert_eq!(early.open().await.unwrap().status.as_str(), "PENDING_SIGN");
    app.run_jobs().await;
    assert_eq!(
        app.history(before_sms).await,
        [Kind::Started, Kind::LinkOpened],
        "the SMS was a fact that moved nothing"
    );
    assert_eq!(app.flow(before_sms).await.sms_sent_count, 1);
    app.advance(TimeDelta::minutes(1));
    early.open().await.unwrap();
    assert_eq!(flow::query::session(&app, before_sms).await.unwrap().unwrap().opened_at, Some(opened));
    let later = app.start(corporate("later")).await.id;
    app.run_jobs().await;
    app.signer(later).await.open().await.unwrap();
    assert_eq!(app.history(later).await, [Kind::Started, Kind::SmsAccepted]);
    assert_eq!(flow::query::session(&app, later).await.unwrap().unwrap().opened_at, Some(app.now()));
}

#[tokio::test]
async fn each_consent_is_kept_with_its_kind_and_the_text_that_was_shown() {
    let app = TestApp::new().await;
    let id = app.sign(individual("consents")).await;
    let signer = app.signer(id).await;
    signer.refuse_face().await.unwrap();
    signer.start_face().await.unwrap();
    app.run_jobs().await;
    let events = app.events(id).await;
    let consents = events.iter().filter(|event| event.kind == Kind::Consented);
    let consents: Vec<serde_json::Value> = consents.map(|event| serde_json::from_str(&event.detail).unwrap()).collect();
    let kinds: Vec<_> = consents.iter().map(|detail| detail["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["AGREEMENT", "FACE_REFUSED", "SENSITIVE_DATA"]);
    for detail in consents {
        assert_eq!(detail["textSha256"], "ab".repeat(32));
        assert_eq!(detail["privateHmac"].as_str().unwrap().len(), 64, "who and where from is only vouched for");
    }
}

/// The commands that a flow can be given, by name.
const COMMANDS: [&str; 9] =
    ["cancel", "resend", "sign", "decline", "amount", "start_face", "try_again", "retry_seal", "abandon_seal"];

async fn command(app: &TestApp, id: FlowId, name: &str) -> Result<(), Error> {
    let (caller, signer): (Caller, Signer<'_>) = (app.demo.caller(), app.signer(id).await);
    match name {
        "cancel" => flow::cancel(app, &caller, id, "no longer needed").await.map(drop),
        "resend" => sms::resend(app, &caller, id).await.map(drop),
        "sign" => signer.write_name().await.map(drop),
        "decline" => signer.decline("no").await.map(drop),
        "amount" => signer.amount(11).await.map(drop),
        "start_face" => signer.start_face().await.map(drop),
        "try_again" => signer.try_again().await.map(drop),
        "retry_seal" => seal::retry(app, &caller, id).await.map(drop),
        "abandon_seal" => seal::abandon(app, &caller, id, "hopeless").await.map(drop),
        other => panic!("no command {other}"),
    }
}

#[tokio::test]
async fn a_command_in_another_state_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    let pending_sign = app.start(corporate("pending-sign")).await.id;
    app.run_jobs().await;
    let pending_auth = challenged(&app, "pending-auth").await;
    app.auth.judge_later();
    let authenticating = challenged(&app, "authenticating").await;
    app.signer(authenticating).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    let completed = challenged(&app, "completed").await;
    app.call_back("msg-completed", &app.auth.pass()).await;
    app.run_jobs().await;
    let sealing = challenged(&app, "sealing").await;
    app.sealer.sealing.fail(1, esign_tests::sealer::Mishap::Fails);
    app.call_back("msg-sealing", &app.auth.pass()).await;
    app.run_jobs().await;
    let cancelled = app.start(corporate("cancelled")).await.id;
    flow::cancel(&app, &app.demo.caller(), cancelled, "at once").await.unwrap();
    app.run_jobs().await;

    // Last, so that no time goes by in which the message could be tried again.
    let created = {
        app.gateway.fail(1);
        let id = app.start(corporate("created")).await.id;
        app.run_jobs().await;
        id
    };

    // Allowed commands are left out here: other stories are about them. A resend too soon is refused by its limit.
    let table = [
        (created, "CREATED", vec!["cancel", "resend"]),
        (pending_sign, "PENDING_SIGN", vec!["cancel", "resend", "decline"]),
        (pending_auth, "PENDING_AUTH", vec!["cancel", "resend", "decline", "amount"]),
        (authenticating, "AUTHENTICATING", vec!["resend"]),
        (sealing, "SEALING", vec!["retry_seal", "abandon_seal"]),
        (completed, "COMPLETED", vec![]),
        (cancelled, "CANCELLED", vec![]),
    ];
    for (id, state, allowed) in table {
        let before = picture(&app, id).await;
        assert_eq!(before.0, state);
        for name in COMMANDS.iter().filter(|name| !allowed.contains(name)) {
            let refused = command(&app, id, name).await.expect_err("the state doesn't allow it");
            assert!(matches!(refused, Error::StateConflict { .. }), "{name} in {state}: {refused:?}");
            assert_eq!(picture(&app, id).await, before, "{name} in {state}");
        }
    }
    app.live_through(TimeDelta::seconds(10)).await;
}
