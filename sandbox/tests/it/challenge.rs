//! The life of a challenge by the contract.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::api::{CHALLENGES, Ear, Outside, face, payment};

fn id(state: &Value) -> String {
    state["challengeId"].as_str().unwrap().to_owned()
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_same_key_is_the_same_challenge_and_other_content_a_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let first = outside.challenge(payment("demo/F1")).await;
    assert_eq!(first["status"], "PENDING");
    assert_eq!(first["entriesLeft"], 3);
    assert_eq!(first["payment"]["maskedAccount"], "招商银行 ···· 6688");
    assert_eq!(outside.challenge(payment("demo/F1")).await, first);

    let mut moved = payment("demo/F1");
    moved["callbackUrl"] = json!("http://127.0.0.1:10/elsewhere");
    assert_eq!(outside.challenge(moved).await, first, "an address is no content");

    for (part, value) in [("name", json!("别家公司")), ("signatory", json!({"name": "张明远"}))] {
        let mut other = payment("demo/F1");
        other["subject"][part] = value;
        let (status, body) = outside.call("POST", CHALLENGES, Some(other)).await;
        assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("IDEMPOTENCY_CONFLICT")), "{part}");
    }
}

#[tokio::test]
async fn an_order_that_is_not_of_the_contract_is_refused_without_its_values() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let mut no_account = payment("demo/F1");
    no_account["subject"]["bankAccount"] = Value::Null;
    let mut short_mobile = payment("demo/F1");
    short_mobile["subject"]["mobile"] = json!("13800002077");
    let mut script_url = payment("demo/F1");
    script_url["returnUrl"] = json!("javascript:alert(1)");
    let mut no_type = payment("demo/F1");
    no_type["authType"] = json!("张明远");
    for order in [no_account, short_mobile, script_url, no_type, json!([])] {
        let (status, body) = outside.call("POST", CHALLENGES, Some(order)).await;
        assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("INVALID_ARGUMENT")));
        assert!(!body.to_string().contains("张明远"));
    }
}

#[tokio::test]
async fn wrong_amounts_are_counted_by_their_entry_ids() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let id = id(&outside.challenge(payment("demo/F1")).await);
    let right = outside.transferred("F1").await;
    assert!((1..=99).contains(&right));
    let wrong = right % 99 + 1;
    for (entry, left) in [("e1", 2), ("e1", 2), ("e2", 1), ("e1", 1)] {
        let state = outside.enter(&id, entry, wrong).await;
        assert_eq!((&state["status"], &state["reason"]), (&json!("PENDING"), &json!("WRONG_AMOUNT")));
        assert_eq!(state["entriesLeft"], left, "after {entry}");
    }
    let state = outside.enter(&id, "e3", wrong).await;
    assert_eq!((&state["status"], &state["reason"]), (&json!("FAILED"), &json!("AMOUNT_ENTRIES_SPENT")));
    assert_eq!((&state["retryable"], &state["entriesLeft"]), (&json!(true), &json!(0)));
    assert_eq!(outside.enter(&id, "e4", right).await["status"], "FAILED", "an end is never left");
}

#[tokio::test]
async fn the_right_amount_is_processed_then_passed_with_credential_and_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let mut ear = Ear::open(0).await;
    let mut order = payment("demo/F1#2");
    order["callbackUrl"] = json!(ear.url);
    let id = id(&outside.challenge(order).await);
    let evidence = format!("{CHALLENGES}/{id}/evidence");
    assert_eq!(outside.call("GET", &evidence, None).await.0, StatusCode::NOT_FOUND);

    let right = outside.transferred("F1").await;
    assert_eq!(outside.enter(&id, "e1", right).await["status"], "PROCESSING");
    assert_eq!(ear.statuses(2).await, ["PASSED", "PROCESSING"]);

    let state = outside.state(&id).await;
    assert_eq!(state["status"], "PASSED");
    assert!(state["credential"].as_str().unwrap().starts_with("cred_"));
    assert_eq!(time(&state["validUntil"]), outside.clock.now() + TimeDelta::days(30));
    let (status, document) = outside.call("GET", &evidence, None).await;
    assert_eq!((status, &document["challengeId"]), (StatusCode::OK, &json!(id)));
    assert_eq!(outside.call("GET", &evidence, None).await.1, document);
    assert_eq!(outside.enter(&id, "e1", right).await["status"], "PASSED", "the same entry again is answered");
}

#[tokio::test]
async fn the_face_page_passes_fails_or_lets_go() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let mut ear = Ear::open(0).await;
    let mut ids = Vec::new();
    for key in ["demo/F1", "demo/F2"] {
        let mut order = face(key);
        order["callbackUrl"] = json!(ear.url);
        let state = outside.challenge(order).await;
        assert_eq!(state["entriesLeft"], Value::Null);
        let url = format!("http://127.0.0.1:8080/sandbox/auth-system/face/{}", id(&state));
        assert_eq!(state["face"]["url"], json!(url));
        ids.push(id(&state));
    }
    assert_eq!(outside.press(&ids[0], "leave").await, StatusCode::SEE_OTHER);
    assert_eq!(outside.state(&ids[0]).await["status"], "PENDING");
    assert_eq!(outside.press(&ids[0], "pass").await, StatusCode::SEE_OTHER);
    assert_eq!(ear.statuses(2).await, ["PASSED", "PROCESSING"]);
    assert_eq!(outside.press(&ids[0], "fail").await, StatusCode::SEE_OTHER);
    assert_eq!(outside.state(&ids[0]).await["status"], "PASSED");

    outside.press(&ids[1], "fail").await;
    let state = ear.next().await.json();
    assert_eq!((&state["status"], &state["reason"]), (&json!("FAILED"), &json!("FACE_MISMATCH")));
    assert_eq!(state["retryable"], true);
}

#[tokio::test]
async fn the_face_page_leads_back_to_the_return_address() {
    use tower::ServiceExt;
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let id = id(&outside.challenge(face("demo/F1")).await);
    let path = format!("/sandbox/auth-system/face/{id}");
    let show = Request::get(&path).body(Body::empty()).unwrap();
    let response = outside.router.clone().oneshot(show).await.unwrap();
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("form-action 'self' http://127.0.0.1:8080;"), "{policy}");
    let post = Request::post(&path).header("content-type", "application/x-www-form-urlencoded");
    let answer = outside.router.clone().oneshot(post.body(Body::from("act=pass")).unwrap()).await.unwrap();
    assert_eq!(answer.headers()["location"], "http://127.0.0.1:8080/s/abc");
}

#[tokio::test]
async fn expiry_comes_from_the_clock_and_nothing_moves_it() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let (money, look) = (outside.challenge(payment("demo/F1")).await, outside.challenge(face("demo/F2")).await);
    assert_eq!(time(&money["expiresAt"]), outside.clock.now() + TimeDelta::hours(72));
    assert_eq!(time(&look["expiresAt"]), outside.clock.now() + TimeDelta::minutes(30));
    let right = outside.transferred("F1").await;

    outside.clock.advance(TimeDelta::minutes(30));
    assert_eq!(outside.state(&id(&look)).await["status"], "EXPIRED");
    outside.press(&id(&look), "pass").await;
    assert_eq!(outside.state(&id(&look)).await["status"], "EXPIRED", "too late for a face");
    assert_eq!(outside.state(&id(&money)).await, money, "a query changes nothing");

    outside.clock.advance(TimeDelta::hours(72));
    assert_eq!(outside.enter(&id(&money), "e1", right).await["status"], "EXPIRED");
    assert_eq!(outside.get(&format!("{CHALLENGES}?flowNo=F1")).await.1[0]["status"], "EXPIRED");
}

#[tokio::test]
async fn a_cancelled_challenge_takes_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let id = id(&outside.challenge(payment("demo/F1")).await);
    let right = outside.transferred("F1").await;
    let path = format!("{CHALLENGES}/{id}/cancellation");
    for _ in 0..2 {
        let (status, state) = outside.call("POST", &path, None).await;
        assert_eq!((status, &state["status"]), (StatusCode::OK, &json!("FAILED")));
        assert_eq!((&state["reason"], &state["retryable"]), (&json!("CANCELLED"), &json!(false)));
    }
    assert_eq!(outside.enter(&id, "e1", right).await["status"], "FAILED");
    assert_eq!(outside.call("GET", &format!("{CHALLENGES}/unknown"), None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_list_finds_a_flow_by_its_number_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    for order in [payment("demo/F:1.a"), face("demo/F2"), payment("demo/F:1.a#2"), payment("other/F:1.a-b")] {
        outside.challenge(order).await;
    }
    let (_, list) = outside.get(&format!("{CHALLENGES}?flowNo=F:1.a")).await;
    let keys: Vec<_> = list.as_array().unwrap().iter().map(|entry| &entry["idempotencyKey"]).collect();
    assert_eq!(keys, ["demo/F:1.a", "demo/F:1.a#2"]);
    let (_, all) = outside.get(CHALLENGES).await;
    assert_eq!(all.as_array().unwrap().len(), 4);
    assert_eq!(all[1]["amount"], Value::Null);
    let fields: Vec<_> = all[0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields.len(), 5, "{fields:?}");
}
