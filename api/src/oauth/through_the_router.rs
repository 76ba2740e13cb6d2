//! Through the whole router, against a fresh system.

use axum::{body::Body, http::Request};

use super::*;
use crate::trial::Trial;

fn post(authorization: Option<(&str, &str)>, form: &str) -> Request<Body> {
    let mut request = Request::post("/oauth/token").header("content-type", "application/x-www-form-urlencoded");
    if let Some((id, secret)) = authorization {
        request = request.header("authorization", format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))));
    }
    request.body(Body::from(form.to_owned())).unwrap()
}

#[tokio::test]
async fn a_secret_buys_a_token_that_the_other_doors_take() {
    let trial = Trial::begin().await;
    let client = &trial.demo.client;
    for id in [&client.code, &client.id] {
        let request = post(Some((id, &client.secret)), "grant_type=client_credentials&scope=flows:read");
        let (status, headers, body) = trial.ask(request).await;
        assert_eq!((status, headers["cache-control"].to_str().unwrap()), (StatusCode::OK, "no-store"));
        let answer: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(900)));
        assert_eq!(answer["scope"], "flows:read");
        let (caller, _) = token::admit(&trial.app, answer["access_token"].as_str().unwrap()).await.unwrap();
        assert!(
            caller.has(esign_domain::caller::Scope::FlowsRead) && !caller.has(esign_domain::caller::Scope::FlowsWrite)
        );
    }
}

#[tokio::test]
async fn every_refusal_has_its_code() {
    let trial = Trial::begin().await;
    let good = Some((trial.demo.client.code.as_str(), trial.demo.client.secret.as_str()));
    let wrong = Some((trial.demo.client.code.as_str(), "esk_wrong"));
    let grant = "grant_type=client_credentials";
    let table = [
        (good, "", 400, "invalid_request"),
        (good, "grant_type=", 400, "invalid_request"),
        (good, "grant_type=password", 400, "unsupported_grant_type"),
        (good, "grant_type=client_credentials&grant_type=client_credentials", 400, "invalid_request"),
        (good, "grant_type=client_credentials&scope=everything", 400, "invalid_scope"),
        (wrong, grant, 401, "invalid_client"),
        (Some(("nobody", "esk_wrong")), grant, 401, "invalid_client"),
        (None, grant, 401, "invalid_client"),
    ];
    for (authorization, form, expected, code) in table {
        let (status, _, body) = trial.ask(post(authorization, form)).await;
        let answer: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((status.as_u16(), &answer["error"]), (expected, &json!(code)), "{form}");
    }
    let (status, ..) = trial.get("/oauth/token").await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn the_published_keys_are_public_ones() {
    let (status, _, body) = Trial::begin().await.get("/.well-known/jwks.json").await;
    let keys: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(status, StatusCode::OK);
    let keys = keys["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key["kty"] == "OKP" && key.get("d").is_none() && key["kid"].is_string()));
}
