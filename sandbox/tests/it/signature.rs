//! Only what the key has signed, now and unaltered, gets through.

use axum::body::Body;
use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;

use crate::api::{CHALLENGES, Outside, payment, signed};

#[tokio::test]
async fn a_request_altered_in_any_signed_part_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let now = outside.clock.now();
    let good = || signed("POST", CHALLENGES, Some(payment("demo/F1")), now);

    let mut other_key = good();
    other_key.headers_mut().insert("X-Esign-Key", "stranger".parse().unwrap());
    let mut other_time = good();
    other_time.headers_mut().insert("X-Esign-Timestamp", (now.timestamp() + 1).into());
    let mut other_path = good();
    *other_path.uri_mut() = format!("{CHALLENGES}?a=b").parse().unwrap();
    let mut other_body = good();
    *other_body.body_mut() = Body::from(payment("demo/F2").to_string());
    let mut no_signature = good();
    no_signature.headers_mut().remove("X-Esign-Signature");
    for request in [other_key, other_time, other_path, other_body, no_signature] {
        let (status, body) = outside.send(request).await;
        assert_eq!((status, &body["code"]), (StatusCode::UNAUTHORIZED, &json!("BAD_SIGNATURE")));
    }
    assert_eq!(outside.get(CHALLENGES).await.1, json!([]), "nothing refused was done");
    assert_eq!(outside.send(good()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_timestamp_may_be_five_minutes_off_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let now = outside.clock.now();
    for (seconds, expected) in [
        (-301, StatusCode::UNAUTHORIZED),
        (-300, StatusCode::OK),
        (300, StatusCode::OK),
        (301, StatusCode::UNAUTHORIZED),
    ] {
        let request = signed("POST", CHALLENGES, Some(payment("demo/F1")), now + TimeDelta::seconds(seconds));
        assert_eq!(outside.send(request).await.0, expected, "{seconds} s");
    }
}

#[tokio::test]
async fn the_query_is_signed_with_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let id = outside.challenge(payment("demo/F1")).await["challengeId"].as_str().unwrap().to_owned();
    let (status, state) = outside.call("GET", &format!("{CHALLENGES}/{id}?trace=1"), None).await;
    assert_eq!((status, &state["status"]), (StatusCode::OK, &json!("PENDING")));
}
