//! Callbacks: signed, tried again, and not forgotten by a process that ends.

use serde_json::json;
use standardwebhooks::Webhook;

use crate::api::{Ear, Outside, WHSEC, face};

#[tokio::test]
async fn a_callback_carries_a_signature_over_its_very_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let mut ear = Ear::open(0).await;
    let id = open_face(&outside, &ear).await;
    outside.press(&id, "fail").await;
    let heard = ear.next().await;
    let timestamp: i64 = heard.header("webhook-timestamp").parse().unwrap();
    let expected = Webhook::new(WHSEC).unwrap().sign(heard.header("webhook-id"), timestamp, &heard.body).unwrap();
    assert_eq!(heard.header("webhook-signature"), expected);
    assert_eq!(timestamp, outside.clock.now().timestamp());
    assert_eq!(heard.json(), outside.state(&id).await);
}

#[tokio::test]
async fn a_refused_callback_is_sent_again_under_the_same_id() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let mut ear = Ear::open(1).await;
    let id = open_face(&outside, &ear).await;
    outside.press(&id, "fail").await;
    let (first, second) = (ear.next().await, ear.next().await);
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(first.body, second.body);
}

#[tokio::test]
async fn what_was_not_called_back_is_called_back_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut ear = Ear::open(1).await;
    let outside = Outside::open(folder.path());
    let id = open_face(&outside, &ear).await;
    outside.press(&id, "fail").await;
    let first = ear.next().await;
    outside.background.stop().await;

    let outside = Outside::open(folder.path());
    let second = ear.next().await;
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(second.json()["status"], "FAILED");
    outside.background.stop().await;
}

#[tokio::test]
async fn a_challenge_without_an_address_is_left_to_polling() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let mut order = face("demo/F1");
    order["callbackUrl"] = serde_json::Value::Null;
    let id = outside.challenge(order).await["challengeId"].as_str().unwrap().to_owned();
    outside.press(&id, "fail").await;
    assert_eq!(outside.state(&id).await["reason"], "FACE_MISMATCH");
    outside.background.stop().await;
}

async fn open_face(outside: &Outside, ear: &Ear) -> String {
    let mut order = face("demo/F1");
    order["callbackUrl"] = json!(ear.url);
    outside.challenge(order).await["challengeId"].as_str().unwrap().to_owned()
}
