use axum::{body::Body, http::Request};
use chrono::TimeDelta;
use sea_orm::{EntityTrait, PaginatorTrait};
use standardwebhooks::Webhook;

use super::*;
use crate::trial::Trial;

const BODY: &str = r#"{"challengeId":"c-1","idempotencyKey":"nobody/F-1","status":"PASSED","credential":"cred_1"}"#;

fn post(trial: &Trial, id: &str, body: &str) -> Request<Body> {
    let at = trial.app.now().timestamp();
    let webhook = Webhook::new(trial.app.settings.auth.callback_secret.expose()).unwrap();
    Request::post("/callbacks/auth")
        .header("webhook-id", id)
        .header("webhook-timestamp", at)
        .header("webhook-signature", webhook.sign(id, at, body.as_bytes()).unwrap())
        .body(Body::from(body.to_owned()))
        .unwrap()
}

async fn kept(trial: &Trial) -> u64 {
    esign_domain::auth::entity::auth_inbox::Entity::find().count(trial.app.db.read()).await.unwrap()
}

#[tokio::test]
async fn a_genuine_word_about_nothing_we_know_is_kept_once_and_answered_with_success() {
    let trial = Trial::begin().await;
    for _ in 0..2 {
        assert_eq!(trial.ask(post(&trial, "m-1", BODY)).await.0, StatusCode::OK);
        assert_eq!(kept(&trial).await, 1);
    }
    assert_eq!(trial.app.alerts.counts().values().sum::<u64>(), 1);
}

#[tokio::test]
async fn what_is_not_genuine_leaves_no_trace() {
    let trial = Trial::begin().await;
    let mut forged = post(&trial, "m-1", BODY);
    forged.headers_mut().insert("webhook-id", "m-2".parse().unwrap());
    assert_eq!(trial.ask(forged).await.0, StatusCode::UNAUTHORIZED);
    let old = post(&trial, "m-1", BODY);
    trial.clock.advance(TimeDelta::seconds(301));
    assert_eq!(trial.ask(old).await.0, StatusCode::UNAUTHORIZED);
    let bare = Request::post("/callbacks/auth").body(Body::from(BODY)).unwrap();
    assert_eq!(trial.ask(bare).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(trial.ask(post(&trial, "m-3", "{}")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(kept(&trial).await, 0);
}

#[tokio::test]
async fn receipts_need_their_address() {
    let trial = Trial::begin().await;
    let receipt = r#"{"gatewayMessageId":"g-1","status":"DELIVERED"}"#;
    let send = |path: &str, body: &'static str| Request::post(path).body(Body::from(body)).unwrap();
    let good = "/callbacks/sms/sandbox/sandbox-receipts";
    assert_eq!(trial.ask(send(good, receipt)).await.0, StatusCode::OK);
    assert_eq!(trial.ask(send(good, "{}")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(trial.ask(send("/callbacks/sms/sandbox/wrong", receipt)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(trial.ask(send("/callbacks/sms/other/sandbox-receipts", receipt)).await.0, StatusCode::NOT_FOUND);
}
