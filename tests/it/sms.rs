//! The SMS: sent once, tried again, counted, resent, and heard of from the carrier.

use chrono::TimeDelta;
use esign_domain::{
    alert::Alert,
    error::Error,
    ids::FlowId,
    sms::{self, entity::sms_record, port::SmsFailure},
    terms::{FlowEventType, SmsStatus},
};
use esign_tests::{
    TestApp,
    fixture::{corporate, individual, with},
    gateway::{Mishap, NAME, gateway_message_id, unknown_number},
};
use futures_util::future::join_all;
use serde_json::json;

async fn records(app: &TestApp, id: FlowId) -> Vec<sms_record::Model> {
    sms::query::of_flows(app, &[id]).await.unwrap()
}

#[tokio::test]
async fn an_accepted_message_moves_the_flow_on() {
    let app = TestApp::new().await;
    let id = app.start(corporate("sent")).await.id;
    app.run_jobs().await;
    let flow = app.flow(id).await;
    assert_eq!((flow.status.as_str(), flow.sms_sent_count, flow.last_sms_at), ("PENDING_SIGN", 1, Some(app.now())));
    let record = &records(&app, id).await[0];
    assert_eq!((record.status, record.attempt), (SmsStatus::Accepted, 1));
    let sms = &app.gateway.taken()[0];
    assert_eq!(sms.mobile.expose(), format!("+86{}", corporate("sent")["subject"]["mobile"].as_str().unwrap()));
    assert_eq!(record.gateway_message_id.as_deref(), Some(gateway_message_id(sms).as_str()));
    assert!(sms.text.starts_with("demo 商贸平台"), "{}", sms.text);
}

#[tokio::test]
async fn failures_are_retried_until_they_are_spent_and_the_link_still_works() {
    let app = TestApp::new().await;
    app.gateway.fail(6);
    let id = app.start(corporate("busy")).await.id;
    let begun = app.now();
    let mut tries = Vec::new();
    for _ in 0..6 {
        app.run_jobs().await;
        tries.push((app.now() - begun).num_milliseconds());
        if let Some(next) = app.waiting("send_sms").await.first() {
            app.clock.advance_to(*next);
        }
    }
    for (gap, seconds) in tries.windows(2).map(|pair| pair[1] - pair[0]).zip([2, 10, 60, 300, 900]) {
        assert!((seconds * 800..=seconds * 1_200).contains(&gap), "{gap} ms instead of {seconds} s");
    }
    assert_eq!(app.gateway.calls().len(), 6);
    let flow = app.flow(id).await;
    assert_eq!((flow.status.as_str(), flow.sms_undelivered), ("CREATED", true));
    assert_eq!(app.alerts.counts()[&Alert::SmsExhausted], 1);
    assert_eq!(app.history(id).await, [FlowEventType::Started, FlowEventType::SmsExhausted]);
    let record = &records(&app, id).await[0];
    assert_eq!((record.status, record.failure_code.as_deref()), (SmsStatus::Failed, Some("BUSY")));

    // Upstream passes the link on another way.
    let signer = app.signer(id).await;
    assert_eq!(signer.open().await.unwrap().status.as_str(), "PENDING_SIGN");
    // And a later message clears the flag.
    app.advance(TimeDelta::minutes(1));
    sms::resend(&app, &app.demo.caller(), id).await.unwrap();
    app.run_jobs().await;
    assert!(!app.flow(id).await.sms_undelivered);
}

#[tokio::test]
async fn a_final_failure_is_not_retried() {
    let app = TestApp::new().await;
    app.gateway.script.fail(1, Mishap::Refused(unknown_number()));
    let id = app.start(corporate("final")).await.id;
    app.live_through(TimeDelta::hours(1)).await;
    assert_eq!(app.gateway.calls().len(), 1);
    assert_eq!(app.state(id).await, "CREATED");
    assert_eq!(records(&app, id).await[0].failure_code.as_deref(), Some("NO_SUCH_NUMBER"));
}

#[tokio::test]
async fn an_unknown_outcome_is_tried_again_under_the_same_id() {
    let app = TestApp::new().await;
    app.gateway.script.fail(1, Mishap::LostReply);
    let id = app.start(corporate("lost")).await.id;
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "CREATED");
    app.live_through(TimeDelta::seconds(5)).await;
    assert_eq!(app.state(id).await, "PENDING_SIGN");
    let calls = app.gateway.calls();
    assert_eq!((calls.len(), &calls[0].message_id), (2, &calls[1].message_id));
    assert_eq!(app.gateway.taken().len(), 1, "the phone rang once");
    assert_eq!(records(&app, id).await.len(), 1);

    // Nobody knows whether it was sent: it counts for the limit of the number.
    app.gateway.script.fail(1, Mishap::Refused(SmsFailure::Unknown { reason: "time-out".into() }));
    let mobile = json!("13700137000");
    let first = app.start(with(corporate("maybe-1"), "/subject/mobile", mobile.clone())).await.id;
    app.run_jobs().await;
    let second = app.start(with(corporate("maybe-2"), "/subject/mobile", mobile)).await.id;
    app.live_through(TimeDelta::seconds(30)).await;
    assert_eq!((app.state(first).await, app.state(second).await), ("PENDING_SIGN".into(), "CREATED".into()));
    app.live_through(TimeDelta::seconds(60)).await;
    assert_eq!(app.state(second).await, "PENDING_SIGN");
}

#[tokio::test]
async fn a_first_message_over_the_numbers_limit_waits_for_the_next_free_moment() {
    let app = TestApp::with(|settings| settings.sms.mobile_max_per_day = 3).await;
    let mut ids = Vec::new();
    for n in 0..4 {
        let input = with(individual(&format!("same-phone-{n}")), "/subject/mobile", json!("13600136000"));
        ids.push(app.start(input).await.id);
    }
    let begun = app.now();
    app.run_jobs().await;
    let waiting = &records(&app, ids[1]).await[0];
    assert_eq!((waiting.status, waiting.attempt), (SmsStatus::Queued, 0));
    assert_eq!(waiting.next_attempt_at, Some(begun + TimeDelta::seconds(60)));
    app.live_through(TimeDelta::minutes(10)).await;
    let sent = |app: &TestApp| app.gateway.taken().len();
    assert_eq!(sent(&app), 3, "three a day");
    app.live_through(TimeDelta::hours(24) - TimeDelta::minutes(10)).await;
    assert_eq!(sent(&app), 4, "the window rolls on");
    assert!(app.gateway.calls().len() == 4, "no limit is tried at the gateway");
}

#[tokio::test]
async fn workers_that_send_to_one_number_at_once_keep_its_limit() {
    let app = TestApp::new().await;
    for n in 0..6 {
        app.start(with(individual(&format!("at-once-{n}")), "/subject/mobile", json!("13600136000"))).await;
    }
    join_all((0..6).map(|_| esign_domain::job::drain(&app))).await;
    assert_eq!(app.gateway.calls().len(), 1);
}

#[tokio::test]
async fn resending_has_its_limits() {
    let app = TestApp::new().await;
    let query =
        "mutation($id: ID!) { resendSms(input: {flowId: $id}) { remaining nextAllowedAt flow { smsSentCount } } }";
    let id = app.start(corporate("resend")).await.id;
    app.run_jobs().await;
    let vars = json!({"id": id.to_string()});
    let early = app.graphql(query, vars.clone()).await;
    let details = &early["errors"][0]["extensions"];
    assert_eq!((&details["code"], &details["retryAfterSeconds"]), (&json!("SMS_RATE_LIMITED"), &json!(60)));
    for remaining in (0..5).rev() {
        app.advance(TimeDelta::seconds(60));
        let answer = app.data(query, vars.clone()).await;
        assert_eq!(answer["resendSms"]["remaining"], remaining);
        let next = (remaining > 0).then(|| app.now() + TimeDelta::seconds(60));
        assert_eq!(answer["resendSms"]["nextAllowedAt"], json!(next), "counted from this one, which is on its way");
        let second_tap = app.graphql(query, vars.clone()).await;
        assert_eq!(second_tap["errors"][0]["extensions"]["code"], "SMS_RATE_LIMITED");
        app.run_jobs().await;
    }
    app.advance(TimeDelta::days(1));
    let over = app.graphql(query, vars).await;
    let details = &over["errors"][0]["extensions"];
    assert_eq!((&details["remaining"], &details["retryAfterSeconds"]), (&json!(0), &json!(null)));
    assert_eq!(app.gateway.taken().len(), 6);
    let texts: std::collections::BTreeSet<_> = app.gateway.taken().into_iter().map(|sms| sms.text).collect();
    assert_eq!(texts.len(), 1, "the same link each time");
    let resent = app.history(id).await.into_iter().filter(|kind| *kind == FlowEventType::SmsResent).count();
    assert_eq!(resent, 5);
}

#[tokio::test]
async fn nothing_is_resent_for_a_flow_that_needs_no_link() {
    let app = TestApp::new().await;
    let id = app.sign(corporate("sealing")).await;
    app.run_jobs().await;
    app.sealer.sealing.always(Some(esign_tests::sealer::Mishap::Fails));
    app.signer(id).await.amount(esign_tests::auth_system::AMOUNT).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "SEALING");
    app.advance(TimeDelta::minutes(2));
    assert!(matches!(sms::resend(&app, &app.demo.caller(), id).await, Err(Error::StateConflict { .. })));
    app.sealer.sealing.always(None);
    app.live_through(TimeDelta::hours(1)).await;
    assert_eq!(app.state(id).await, "COMPLETED");
    assert!(matches!(sms::resend(&app, &app.demo.caller(), id).await, Err(Error::StateConflict { .. })));
}

#[tokio::test]
async fn receipts_tell_what_became_of_a_message() {
    let app = TestApp::new().await;
    let path = format!("/callbacks/sms/{NAME}/sandbox-receipts");
    for (flow_no, receipt, status) in [
        ("arrived", json!({"status": "DELIVERED"}), SmsStatus::Delivered),
        ("lost", json!({"status": "FAILED", "code": "OFF"}), SmsStatus::Failed),
    ] {
        let id = app.start(corporate(flow_no)).await.id;
        app.run_jobs().await;
        let told = gateway_message_id(app.gateway.taken().last().unwrap());
        let mut body = receipt;
        body["gatewayMessageId"] = told.into();
        for (path, expected) in
            [("/callbacks/sms/sandbox/guessed", 404), ("/callbacks/sms/other/sandbox-receipts", 404)]
        {
            assert_eq!(app.receipt(path, body.clone()).await, expected);
        }
        assert_eq!(records(&app, id).await[0].status, SmsStatus::Accepted);
        assert_eq!(app.receipt(&path, body.clone()).await, 200);
        assert_eq!(records(&app, id).await[0].status, status);
        // The same again, and its contrary: the first word counts.
        assert_eq!(app.receipt(&path, body.clone()).await, 200);
        body["status"] = "FAILED".into();
        assert_eq!(app.receipt(&path, body).await, 200);
        assert_eq!(records(&app, id).await[0].status, status);
        assert_eq!(app.state(id).await, "PENDING_SIGN", "a receipt moves no flow");
    }
    assert_eq!(app.receipt(&path, json!({"gatewayMessageId": "gw-unknown", "status": "DELIVERED"})).await, 200);
    assert_eq!(app.receipt(&path, json!({"nonsense": 1})).await, 400);
}
