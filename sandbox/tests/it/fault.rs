//! Each fault does what it says, for as many occasions as it was armed.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::api::{CHALLENGES, Ear, Outside, face, payment};

async fn arm(outside: &Outside, target: &str, mode: &str, count: u32) {
    let (status, _) = outside.post("/sandbox/faults", &json!({"target": target, "mode": mode, "count": count})).await;
    assert_eq!(status, StatusCode::OK);
}

fn message(id: &str) -> Value {
    json!({
        "messageId": id, "mobile": "+8613800002077", "signName": "云帆", "templateCode": "T1",
        "text": "请签署 http://127.0.0.1:8080/s/abc ", "variables": {"linkCode": "abc"}
    })
}

#[tokio::test]
async fn errors_last_as_long_as_armed_and_can_be_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    arm(&outside, "sms", "error", 2).await;
    assert_eq!(outside.get("/sandbox/faults").await.1, json!([{"target": "sms", "mode": "error", "count": 2}]));
    for expected in [StatusCode::SERVICE_UNAVAILABLE, StatusCode::SERVICE_UNAVAILABLE, StatusCode::OK] {
        assert_eq!(outside.post("/sandbox/sms-gateway/send", &message("m1")).await.0, expected);
    }
    assert_eq!(outside.get("/sandbox/faults").await.1, json!([]), "spent");

    arm(&outside, "auth", "error", 5).await;
    let (status, _) = outside.call("POST", CHALLENGES, Some(payment("demo/F1"))).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(outside.get(CHALLENGES).await, (StatusCode::OK, json!([])), "the list is nobody's request");
    outside.post("/sandbox/faults", &json!({"target": "auth", "mode": "none"})).await;
    outside.challenge(payment("demo/F1")).await;

    outside.post("/sandbox/faults", &json!({"target": "webhook", "mode": "error"})).await;
    for expected in [StatusCode::SERVICE_UNAVAILABLE, StatusCode::OK] {
        assert_eq!(outside.post("/sandbox/webhooks/any", &json!({})).await.0, expected, "the count is one by default");
    }
}

#[tokio::test]
async fn a_fault_nobody_knows_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    for fault in [json!({"target": "mail", "mode": "error"}), json!({"target": "sms", "mode": "odd"}), json!({})] {
        let (status, body) = outside.post("/sandbox/faults", &fault).await;
        assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("INVALID_ARGUMENT")));
    }
    let (_, body) = outside.post("/sandbox/faults", &json!({"target": "sms", "mode": "odd"})).await;
    assert!(body["message"].as_str().unwrap().contains("lost_reply"), "{body}");
}

/// What comes back over a connection of its own until the server closes it.
async fn raw_send(address: &str, message: &Value) -> Vec<u8> {
    let body = message.to_string();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /sandbox/sms-gateway/send HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset is as good an end as a close: either way nothing more comes.
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

#[tokio::test]
async fn a_lost_reply_has_done_the_work_and_sent_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let address = outside.serve().await;
    arm(&outside, "sms", "lost_reply", 1).await;
    assert_eq!(raw_send(&address, &message("m1")).await, b"", "not one byte of an answer");
    let (_, list) = outside.get("/sandbox/sms?mobile=13800002077").await;
    assert_eq!(list.as_array().unwrap().len(), 1);
    let again = String::from_utf8(raw_send(&address, &message("m1")).await).unwrap();
    assert!(again.starts_with("HTTP/1.1 200") && again.contains(list[0]["id"].as_str().unwrap()), "{again}");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_never_answers_and_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    arm(&outside, "sms", "timeout", 1).await;
    let begin = tokio::time::Instant::now();
    let request = axum::http::Request::post("/sandbox/sms-gateway/send").body(message("m1").to_string()).unwrap();
    let response = tower::ServiceExt::oneshot(outside.router.clone(), request).await.unwrap();
    assert!(begin.elapsed().as_secs() > 30);
    assert!(axum::body::to_bytes(response.into_body(), 100).await.is_err(), "then the connection is dropped");
    assert_eq!(outside.get("/sandbox/sms").await.1, json!([]));
}

#[tokio::test(start_paused = true)]
async fn slow_is_three_seconds_later() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    arm(&outside, "sms", "slow", 1).await;
    for seconds in [3, 0] {
        let begin = tokio::time::Instant::now();
        assert_eq!(outside.post("/sandbox/sms-gateway/send", &message("m1")).await.0, StatusCode::OK);
        assert_eq!(begin.elapsed().as_secs(), seconds);
    }
}

async fn open_face(outside: &Outside, ear: &Ear, key: &str) -> String {
    let mut order = face(key);
    order["callbackUrl"] = json!(ear.url);
    outside.challenge(order).await["challengeId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn duplicate_calls_each_status_of_one_challenge_back_twice() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let mut ear = Ear::open(0).await;
    arm(&outside, "auth", "duplicate", 1).await;
    let id = open_face(&outside, &ear, "demo/F1").await;
    outside.press(&id, "pass").await;
    assert_eq!(ear.statuses(4).await, ["PASSED", "PASSED", "PROCESSING", "PROCESSING"]);
    let id = open_face(&outside, &ear, "demo/F2").await;
    outside.press(&id, "fail").await;
    assert_eq!(ear.statuses(1).await, ["FAILED"]);
    outside.background.stop().await;
    assert!(ear.is_quiet());
}

#[tokio::test]
async fn silent_leaves_one_challenge_to_polling() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let mut ear = Ear::open(0).await;
    let id = open_face(&outside, &ear, "demo/F1").await;
    arm(&outside, "auth", "silent", 1).await;
    outside.press(&id, "fail").await;
    assert_eq!(outside.state(&id).await["status"], "FAILED");
    let next = open_face(&outside, &ear, "demo/F2").await;
    outside.press(&next, "fail").await;
    assert_eq!(ear.next().await.json()["challengeId"], json!(next), "the first was never called back");
    outside.background.stop().await;
    assert!(ear.is_quiet());
}
