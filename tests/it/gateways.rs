//! Several gateways: in which order, who is left out, in which words, and trying a template.

use chrono::{DateTime, TimeDelta, Utc};
use esign_config::SmsGatewayKind::{Aliyun, Tencent};
use esign_domain::{
    alert::Alert,
    audit,
    error::Error,
    ids::{FlowId, Id, SmsTemplateId},
    reference,
    sms::{
        self,
        entity::{sms_record, sms_template, sms_template_version},
        port::SmsFailure,
    },
    terms::SmsStatus::{Accepted, Failed, Queued},
};
use esign_tests::{
    TestApp,
    door::code,
    fixture::{corporate, with},
    gateway::{FakeGateway, Mishap, NAME, busy, no_money, silence, too_many, unknown_number},
};
use sea_orm::{ActiveValue::Set, EntityTrait, IntoActiveModel, QueryFilter, prelude::*};
use serde_json::{Value, json};
use uuid::Uuid;

async fn record(app: &TestApp, id: FlowId) -> sms_record::Model {
    sms::query::of_flows(app, &[id]).await.unwrap().pop().unwrap()
}

/// Changes every template as staff will: a new version each.
async fn change(app: &TestApp, change: impl Fn(&mut sms_template::ActiveModel)) {
    for template in sms_template::Entity::find().all(app.db.read()).await.unwrap() {
        let version = template.version + 1;
        let mut row = template.into_active_model().reset_all();
        row.version = Set(version);
        row.updated_at = Set(app.now());
        change(&mut row);
        let row = sms_template::Entity::update(row).exec(app.db.write()).await.unwrap();
        let version = sms_template_version::ActiveModel {
            template_id: Set(row.id),
            version: Set(row.version),
            body: Set(row.body),
            sign_name: Set(row.sign_name),
            gateway_templates: Set(row.gateway_templates),
            made_by: Set(None),
            made_at: Set(app.now()),
        };
        sms_template_version::Entity::insert(version).exec_without_returning(app.db.write()).await.unwrap();
    }
}

/// Has every template reviewed at a gateway.
pub async fn review(app: &TestApp, gateway: &str, review: &str) {
    let known = json!([{"gateway": gateway, "code": "SMS_1", "review": review, "note": null}]);
    change(app, |row| row.gateway_templates = Set(known.clone())).await;
}

fn pair() -> Vec<FakeGateway> {
    vec![FakeGateway::generic("first"), FakeGateway::generic("second")]
}

#[tokio::test]
async fn gateways_are_tried_in_order_within_one_try() {
    let (last, both) = (Some("second"), 2);
    for (name, failure, gateway, state, asked) in [
        ("busy", busy(), last, Accepted, both),
        ("limited", too_many(), last, Accepted, both),
        ("refused", no_money(), last, Accepted, both),
        ("wrong-number", unknown_number(), Some("first"), Failed, 1),
        ("unknown", silence(), Some("first"), Queued, 1),
    ] {
        let app = TestApp::with_gateways(pair(), |_| {}).await;
        app.gateway.script.fail(1, Mishap::Refused(failure));
        let id = app.start(corporate(name)).await.id;
        app.run_jobs().await;
        let told = record(&app, id).await;
        assert_eq!((told.status, told.gateway.as_deref(), told.attempt), (state, gateway, 1), "{name}");
        assert_eq!(app.gateway.calls().len() + app.others[0].calls().len(), asked, "{name}");
        app.live_through(TimeDelta::hours(1)).await;
        let rang = app.gateway.taken().len() + app.others[0].taken().len();
        assert_eq!(rang, usize::from(state != Failed), "{name}");
    }
}

#[tokio::test]
async fn what_all_said_stands_on_the_record() {
    let app = TestApp::with_gateways(pair(), |_| {}).await;
    app.gateway.script.fail(1, Mishap::Refused(no_money()));
    app.others[0].fail(1);
    let id = app.start(corporate("all-failed")).await.id;
    app.run_jobs().await;
    let told = record(&app, id).await;
    assert_eq!((told.status, told.failure_code.as_deref()), (Queued, Some("BUSY")), "one of them may take it later");
    assert_eq!(told.failure_reason.as_deref(), Some("try again; first: NO_MONEY: the account is empty"));
    // Nobody ever will: it is over at once.
    app.gateway.script.fail(1, Mishap::Refused(no_money()));
    app.others[0].script.fail(1, Mishap::Refused(no_money()));
    app.live_through(TimeDelta::hours(1)).await;
    let told = record(&app, id).await;
    assert_eq!((told.status, told.attempt, told.failure_code.as_deref()), (Failed, 2, Some("NO_MONEY")));
}

#[tokio::test]
async fn a_gateway_that_keeps_failing_is_left_out_and_comes_back() {
    let app = TestApp::with_gateways(pair(), |settings| {
        (settings.sms.breaker_failures, settings.sms.breaker_seconds) = (3, 100);
    })
    .await;
    let send = async |name: &str| {
        app.start(corporate(name)).await;
        app.run_jobs().await;
    };
    let open = async || {
        let metrics = app.get("/metrics").await.text();
        let states = ["first", "second"].map(|name| format!("esign_sms_gateway_open{{gateway=\"{name}\"}} 1"));
        states.map(|line| metrics.contains(&line))
    };
    app.gateway.script.always(Some(Mishap::Refused(busy())));
    for n in 0..5 {
        send(&format!("failing-{n}")).await;
        assert_eq!(open().await, [n >= 2, false], "{n}");
    }
    assert_eq!((app.gateway.calls().len(), app.others[0].taken().len()), (3, 5), "nobody waits for it any more");
    assert_eq!(app.alerts.counts()[&Alert::SmsGatewayOpen], 1);
    // After its rest one message tries it; it fails, and is left out again.
    app.advance(TimeDelta::seconds(100));
    send("trial-1").await;
    send("not-tried").await;
    assert_eq!((app.gateway.calls().len(), app.others[0].taken().len()), (4, 7));
    // The next trial goes well.
    app.gateway.script.clear();
    app.advance(TimeDelta::seconds(100));
    send("trial-2").await;
    send("back").await;
    assert_eq!((app.gateway.taken().len(), open().await), (2, [false, false]));
    // What is no fault of the gateway's keeps it in.
    for (n, failure) in [too_many(), no_money(), unknown_number(), too_many()].into_iter().enumerate() {
        app.gateway.script.fail(1, Mishap::Refused(failure));
        send(&format!("refused-{n}")).await;
    }
    assert_eq!(open().await, [false, false]);
}

#[tokio::test]
async fn when_all_are_left_out_messages_wait_for_their_next_try() {
    let app = TestApp::with(|settings| {
        (settings.sms.breaker_failures, settings.sms.breaker_seconds) = (1, 30);
    })
    .await;
    app.gateway.fail(1);
    let first = app.start(corporate("opens-it")).await.id;
    app.run_jobs().await;
    let second = app.start(corporate("finds-it-open")).await.id;
    app.run_jobs().await;
    let told = record(&app, second).await;
    assert_eq!((told.status, told.failure_code.as_deref(), told.gateway), (Queued, Some("NO_GATEWAY"), None));
    assert_eq!((told.counted_at, app.gateway.calls().len()), (None, 1));
    app.live_through(TimeDelta::minutes(10)).await;
    for id in [first, second] {
        assert_eq!(app.state(id).await, "PENDING_SIGN");
    }
    assert_eq!(app.gateway.taken().len(), 2);
}

#[tokio::test]
async fn a_template_is_sent_only_where_it_is_approved() {
    let carriers = || vec![FakeGateway::carrier("carrier", Aliyun), FakeGateway::generic("backup")];
    for (at, word, by) in [
        (None, "", "backup"),
        (Some("carrier"), "PENDING", "backup"),
        (Some("carrier"), "REJECTED", "backup"),
        (Some("carrier"), "APPROVED", "carrier"),
        (Some("backup"), "APPROVED", "backup"),
    ] {
        let app = TestApp::with_gateways(carriers(), |_| {}).await;
        if let Some(gateway) = at {
            review(&app, gateway, word).await;
        }
        let id = app.start(corporate("approved")).await.id;
        app.run_jobs().await;
        assert_eq!(record(&app, id).await.gateway.as_deref(), Some(by), "{at:?} {word}");
        let sent = [&app.gateway, &app.others[0]].into_iter().find_map(|gateway| gateway.taken().pop()).unwrap();
        assert_eq!(sent.template_code.is_some(), word == "APPROVED", "{at:?} {word}");
        let names: Vec<_> = sent.parameters.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.contains(&"linkCode") && !names.contains(&"publicUrl"), "{names:?}");
    }
}

#[tokio::test]
async fn approved_nowhere_is_the_end_of_it_until_a_review_comes() {
    let app = TestApp::with_gateways(vec![FakeGateway::carrier("carrier", Tencent)], |_| {}).await;
    review(&app, "carrier", "PENDING").await;
    let id = app.start(corporate("nowhere")).await.id;
    app.live_through(TimeDelta::hours(1)).await;
    let told = record(&app, id).await;
    assert_eq!((told.status, told.attempt, told.failure_code.as_deref()), (Failed, 1, Some("NO_GATEWAY")));
    let flow = app.flow(id).await;
    assert_eq!((flow.status.as_str(), flow.sms_undelivered), ("CREATED", true));
    let alerts = app.alerts.counts();
    assert_eq!((alerts[&Alert::SmsNoGateway], alerts[&Alert::SmsExhausted]), (1, 1));
    assert!(app.gateway.calls().is_empty());
    // The review of the very words the flow was started with comes later, as a version of its own.
    review(&app, "carrier", "APPROVED").await;
    sms::resend(&app, &app.demo.caller(), id).await.unwrap();
    app.run_jobs().await;
    assert_eq!((record(&app, id).await.status, app.flow(id).await.sms_undelivered), (Accepted, false));
}

#[tokio::test]
async fn a_flow_is_texted_again_in_the_words_it_was_started_with() {
    let app = TestApp::new().await;
    let id = app.start(corporate("words")).await.id;
    app.run_jobs().await;
    change(&app, |row| row.body = Set("新的文字 {{ publicUrl }}/s/{{ linkCode }} ".into())).await;
    app.advance(TimeDelta::minutes(2));
    sms::resend(&app, &app.demo.caller(), id).await.unwrap();
    app.run_jobs().await;
    let texts: Vec<_> = app.gateway.taken().into_iter().map(|sms| sms.text).collect();
    assert_eq!(texts[0], texts[1]);
    let records = sms::query::of_flows(&app, &[id]).await.unwrap();
    assert_eq!(records[0].template_version, records[1].template_version);
    let later = app.start(corporate("later")).await.id;
    app.run_jobs().await;
    assert!(app.gateway.taken()[2].text.contains("新的文字"), "who starts now gets what stands now");
    assert_eq!(record(&app, later).await.template_version, 2);
}

#[tokio::test]
async fn tries_of_one_message_count_once_for_its_number() {
    let app = TestApp::with(|settings| settings.sms.mobile_max_per_day = 2).await;
    let to = |flow_no: &str| with(corporate(flow_no), "/subject/mobile", json!("13600136000"));
    app.gateway.script.fail(4, Mishap::LostReply);
    let first = app.start(to("often")).await.id;
    app.live_through(TimeDelta::minutes(10)).await;
    assert_eq!((record(&app, first).await.attempt, app.gateway.calls().len()), (5, 5));
    // A message that nobody took doesn't count.
    app.gateway.script.fail(1, Mishap::Refused(unknown_number()));
    app.start(to("refused")).await;
    app.live_through(TimeDelta::minutes(10)).await;
    app.start(to("second")).await;
    app.live_through(TimeDelta::minutes(10)).await;
    assert_eq!(app.gateway.taken().len(), 2);
    let third = app.start(to("third")).await.id;
    app.live_through(TimeDelta::minutes(10)).await;
    assert_eq!(record(&app, third).await.status, Queued, "two a day");
    assert_eq!(app.gateway.taken().len(), 2);
}

const TEST: &str = "mutation($id: ID!, $to: String!) { sendTestSms(templateId: $id, mobile: $to) { smsRecord {
    id status gateway gatewayMessageId attempt templateVersion failureCode nextAttemptAt sentAt flow { id } } } }";

async fn a_template(app: &TestApp) -> SmsTemplateId {
    sms_template::Entity::find().one(app.db.read()).await.unwrap().unwrap().id
}

async fn try_it(app: &TestApp, id: SmsTemplateId, to: &str) -> Value {
    app.graphql(TEST, json!({"id": id.to_string(), "to": to})).await
}

async fn test_records(app: &TestApp) -> Vec<sms_record::Model> {
    let records = sms_record::Entity::find().filter(sms_record::Column::FlowId.is_null());
    records.all(app.db.read()).await.unwrap()
}

#[tokio::test]
async fn a_template_is_tried_on_a_real_phone() {
    let app = TestApp::new().await;
    let id = a_template(&app).await;
    change(&app, |row| {
        row.status = Set(esign_domain::terms::TemplateStatus::Draft);
        row.body = Set("试 {{ subjectName }} {{ publicUrl }}/s/{{ linkCode }} ".into());
    })
    .await;
    let told = try_it(&app, id, "136 0013 6000").await;
    let told = &told["data"]["sendTestSms"]["smsRecord"];
    assert_eq!(
        (&told["status"], &told["attempt"], &told["templateVersion"]),
        (&json!("ACCEPTED"), &json!(1), &json!(2))
    );
    assert_eq!((&told["flow"], &told["gateway"], &told["failureCode"]), (&json!(null), &json!(NAME), &json!(null)));
    let sms = app.gateway.taken().pop().unwrap();
    assert_eq!((sms.mobile.expose(), sms.message_id.as_str()), ("+8613600136000", told["id"].as_str().unwrap()));
    assert!(sms.text.contains("/s/0000000000000000000000 ") && !sms.text.contains("{{"), "{}", sms.text);
    let of = audit::entity::Column::Action.eq("sendTestSms");
    let entries = audit::entity::Entity::find().filter(of).all(app.db.read()).await.unwrap();
    assert_eq!((entries.len(), &*entries[0].action, &*entries[0].target), (1, "sendTestSms", &*id.to_string()));
    assert_eq!(
        (&*entries[0].actor, &entries[0].after.as_ref().unwrap()["mobile"]),
        ("client:demo", &json!("136****6000"))
    );
    assert_eq!(app.run_jobs().await, 0, "no job follows");
    // It counts for the number, for tests and for flows.
    let early = try_it(&app, id, "13600136000").await;
    let details = &early["errors"][0]["extensions"];
    assert_eq!(
        (&details["code"], &details["retryAfterSeconds"], &details["remaining"]),
        (&json!("SMS_RATE_LIMITED"), &json!(60), &json!(19))
    );
    assert_eq!(test_records(&app).await.len(), 1, "and leaves nothing behind");
}

#[tokio::test]
async fn what_a_gateway_does_not_take_of_a_test_is_told_at_once() {
    for (failure, failure_code, counts) in
        [(busy(), "BUSY", false), (unknown_number(), "NO_SUCH_NUMBER", false), (silence(), "UNKNOWN", true)]
    {
        let app = TestApp::new().await;
        let id = a_template(&app).await;
        app.gateway.script.fail(1, Mishap::Refused(failure));
        let told = try_it(&app, id, "13600136000").await;
        assert_eq!(code(&told), Some("SMS_SEND_FAILED"), "{told}");
        assert_eq!(told["errors"][0]["extensions"]["retryable"], true);
        let record = &test_records(&app).await[0];
        assert_eq!((record.status, record.failure_code.as_deref()), (Failed, Some(failure_code)));
        assert_eq!(record.counted_at.is_some(), counts, "{failure_code}");
        let again = try_it(&app, id, "13600136000").await;
        assert_eq!(code(&again), counts.then_some("SMS_RATE_LIMITED"), "what nobody took may be tried again: {again}");
        assert_eq!(app.run_jobs().await, 0);
    }
}

#[tokio::test]
async fn a_test_needs_a_template_and_a_number() {
    let app = TestApp::new().await;
    let id = a_template(&app).await;
    let told = try_it(&app, id, "12345").await;
    let extensions = &told["errors"][0]["extensions"];
    assert_eq!((&extensions["code"], &extensions["fields"][0]["path"]), (&json!("INVALID_ARGUMENT"), &json!("mobile")));
    let nobody = sms::send_test(&app, &app.demo.caller(), Id::new(Uuid::nil()), "13600136000").await;
    assert!(matches!(nobody, Err(Error::NotFound)));
    assert!(test_records(&app).await.is_empty() && app.gateway.calls().is_empty());
    // What a gateway quotes of the message stays out of the record.
    let reason = "13600136000 +8613600136000 http://x/s/0000000000000000000000".to_owned();
    app.gateway.script.fail(1, Mishap::Refused(SmsFailure::Retryable { code: "13600136000".into(), reason }));
    assert_eq!(code(&try_it(&app, id, "13600136000").await), Some("SMS_SEND_FAILED"));
    let record = format!("{:?}", test_records(&app).await[0]);
    assert!(!record.contains("13600136000") && !record.contains("0000000000000000000000"), "{record}");
}

/// A gateway's rest is counted by the platform's clock, and nothing else is.
#[tokio::test]
async fn no_clock_but_the_platforms_is_asked() {
    let app = TestApp::with(|settings| {
        (settings.sms.breaker_failures, settings.sms.breaker_seconds) = (1, 86_400);
    })
    .await;
    let until: DateTime<Utc> = app.now() + TimeDelta::days(1);
    app.gateway.fail(1);
    app.start(corporate("opens-it")).await;
    app.run_jobs().await;
    assert!(app.breakers.is_open(NAME));
    app.live_through(TimeDelta::hours(1)).await;
    assert_eq!(app.gateway.calls().len(), 1, "not even for tries that are due");
    app.clock.advance_to(until);
    app.start(corporate("after-it")).await;
    app.run_jobs().await;
    assert!(!app.breakers.is_open(NAME));
    drop(reference::current(&app).await.unwrap());
}
