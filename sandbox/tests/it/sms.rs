//! The SMS gateway by the generic contract, and the phone's inbox.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::api::{Ear, Outside};

const SEND: &str = "/sandbox/sms-gateway/send";

fn message(id: &str, mobile: &str) -> Value {
    json!({
        "messageId": id, "mobile": mobile, "signName": "云帆", "templateCode": "T1",
        "text": format!("第 {id} 条"), "variables": {}
    })
}

#[tokio::test]
async fn the_same_message_is_answered_and_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let first = outside.post(SEND, &message("m1", "+8613800002077")).await;
    assert_eq!(first.0, StatusCode::OK);
    assert_eq!(outside.post(SEND, &message("m1", "+8613800002077")).await, first);
    let (_, list) = outside.get("/sandbox/sms").await;
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["id"], first.1["gatewayMessageId"]);
}

#[tokio::test]
async fn the_inbox_is_newest_first_and_known_by_both_forms_of_the_number() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    for (id, mobile) in [("m1", "+8613800002077"), ("m2", "13800002078"), ("m3", "13800002077")] {
        outside.post(SEND, &message(id, mobile)).await;
        outside.clock.advance(TimeDelta::seconds(1));
    }
    for form in ["13800002077", "%2B8613800002077", "+8613800002077"] {
        let (_, list) = outside.get(&format!("/sandbox/sms?mobile={form}")).await;
        let texts: Vec<_> = list.as_array().unwrap().iter().map(|message| &message["text"]).collect();
        assert_eq!(texts, ["第 m3 条", "第 m1 条"], "{form}");
        assert_eq!(list[1]["mobile"], "+8613800002077");
        assert_eq!(list[1]["sentAt"], "2026-11-22T06:20:31Z");
    }
    assert_eq!(outside.get("/sandbox/sms?mobile=abc").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn receipts_are_reported_once_or_as_the_fault_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut ear = Ear::open(0).await;
    let url = ear.url.clone();
    let outside = Outside::open_with(folder.path(), |config| config.sms_receipt_url = Some(url));
    for (mode, id) in [("silent", "m1"), ("duplicate", "m2"), ("none", "m3")] {
        outside.post("/sandbox/faults", &json!({"target": "sms", "mode": mode})).await;
        outside.post(SEND, &message(id, "13800002077")).await;
    }
    let mut told = Vec::new();
    for _ in 0..3 {
        let receipt = ear.next().await.json();
        assert_eq!(receipt["status"], "DELIVERED");
        told.push(receipt["messageId"].as_str().unwrap().to_owned());
    }
    told.sort();
    assert_eq!(told, ["m2", "m2", "m3"]);
    assert_eq!(outside.get("/sandbox/sms").await.1.as_array().unwrap().len(), 3, "each message came once");
}
