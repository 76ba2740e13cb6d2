//! Trying an SMS template on a real phone.

use chrono::TimeDelta;
use esign_domain::{
    audit,
    error::Error,
    ids::{Id, SmsTemplateId},
    sms::{
        self,
        entity::{sms_record, sms_template},
        port::SmsFailure,
    },
    terms::SmsStatus::Failed,
};
use esign_tests::{
    TestApp,
    door::code,
    gateway::{Mishap, NAME, busy, silence, unknown_number},
};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, prelude::*};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::gateways::change;

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
    let entries = audit::entity::Entity::find().filter(audit::entity::Column::Action.eq("sendTestSms"));
    let entries = entries.all(app.db.read()).await.unwrap();
    assert_eq!((entries.len(), &*entries[0].target), (1, &*id.to_string()));
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

#[tokio::test]
async fn a_clock_that_goes_on_between_two_looks_is_no_limit() {
    let app = TestApp::new().await;
    let id = a_template(&app).await;
    app.clock.go_on(TimeDelta::milliseconds(1));
    let told = try_it(&app, id, "13600136000").await;
    assert_eq!(told["data"]["sendTestSms"]["smsRecord"]["status"], "ACCEPTED", "{told}");
    assert_eq!(try_it(&app, id, "13600136000").await["errors"][0]["extensions"]["code"], "SMS_RATE_LIMITED");
    app.advance(TimeDelta::seconds(60));
    assert_eq!(try_it(&app, id, "13600136000").await["data"]["sendTestSms"]["smsRecord"]["status"], "ACCEPTED");
}
