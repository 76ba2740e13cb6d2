//! The webhook receivers and their verdicts.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;
use standardwebhooks::Webhook;

use crate::api::{Outside, WHSEC};

const DEMO: &str = "/sandbox/webhooks/demo";
const BODY: &str = r#"{"type":"sign_flow.completed","data":{"flowId":"flow_1"}}"#;

fn delivery(id: &str, timestamp: i64, signature: &str) -> Request<Body> {
    Request::post(DEMO)
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signature)
        .body(Body::from(BODY))
        .unwrap()
}

#[tokio::test]
async fn signatures_are_checked_and_every_verdict_is_shown_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let now = outside.clock.now().timestamp();
    let sign = |id: &str, timestamp| Webhook::new(WHSEC).unwrap().sign(id, timestamp, BODY.as_bytes()).unwrap();
    let during_rotation = format!("v1,AAAA {}", sign("w2", now));
    for (request, expected) in [
        (delivery("w1", now, &sign("w1", now)), StatusCode::OK),
        (delivery("w2", now, &during_rotation), StatusCode::OK),
        (delivery("w3", now, &sign("w1", now)), StatusCode::UNAUTHORIZED),
        (delivery("w4", now - 301, &sign("w4", now - 301)), StatusCode::UNAUTHORIZED),
        (Request::post(DEMO).body(Body::from(BODY)).unwrap(), StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(outside.send(request).await.0, expected);
    }
    let (_, list) = outside.get(DEMO).await;
    let verdicts: Vec<_> = list.as_array().unwrap().iter().map(|receipt| &receipt["verdict"]).collect();
    assert_eq!(verdicts, ["missing_headers", "stale", "bad_signature", "verified", "verified"]);
    assert_eq!((&list[4]["webhookId"], &list[4]["status"]), (&json!("w1"), &json!(200)));
    assert_eq!(list[4]["body"]["data"]["flowId"], "flow_1");
    assert_eq!(outside.get("/sandbox/webhooks/demo?limit=1").await.1.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_receiver_without_a_secret_takes_everything_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    assert_eq!(outside.post("/sandbox/webhooks/other", &json!({"a": 1})).await.0, StatusCode::OK);
    assert_eq!(outside.get("/sandbox/webhooks/other").await.1[0]["verdict"], "unchecked");
    assert_eq!(outside.get(DEMO).await.1, json!([]), "each name has its own list");
}

#[tokio::test]
async fn duplicate_lists_twice_and_silent_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    for (mode, listed) in [("duplicate", 2), ("silent", 2), ("none", 3)] {
        outside.post("/sandbox/faults", &json!({"target": "webhook", "mode": mode})).await;
        assert_eq!(outside.post("/sandbox/webhooks/other", &json!({})).await.0, StatusCode::OK);
        let (_, list) = outside.get("/sandbox/webhooks/other").await;
        assert_eq!(list.as_array().unwrap().len(), listed, "{mode}");
    }
}
