//! Upstream, at the real doors: the router is composed as the process composes it and called without a socket.

use std::net::SocketAddr;

use axum::{
    body::{Body, to_bytes},
    extract::ConnectInfo,
};
use chrono::TimeDelta;
use esign_domain::client::token;
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tower::ServiceExt;

use crate::{TestApp, app::Account, auth_system::Challenge};

/// An answer: status, headers, body.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The code of the first error of a GraphQL answer; none: it has no error.
pub fn code(answer: &Value) -> Option<&str> {
    answer["errors"][0]["extensions"]["code"].as_str()
}

impl TestApp {
    /// A request at the router, from an address of this machine.
    pub async fn call(&self, request: Request<Body>) -> Answer {
        self.call_from(SocketAddr::from(([127, 0, 0, 1], 40_000)), request).await
    }

    /// A request at the router, from some address.
    pub async fn call_from(&self, from: SocketAddr, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(from));
        let response = self.router.clone().oneshot(request).await.expect("a router always answers");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("the body ends").to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// A form, posted.
    pub async fn post_form(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.call(request.body(Body::from(body)).expect("a request")).await
    }

    /// A token of an account, with all its scopes or some of them.
    pub fn token(&self, account: &Account, scopes: Option<&str>) -> String {
        token::issue(self, &account.client, scopes).expect("an account has these scopes").token
    }

    /// GraphQL as the demo client, whose token holds every scope.
    pub async fn graphql(&self, query: &str, variables: Value) -> Value {
        self.graphql_as(&self.token(&self.demo, None), query, variables).await
    }

    /// GraphQL with some token.
    pub async fn graphql_as(&self, token: &str, query: &str, variables: Value) -> Value {
        self.ask(token, "en", query, variables).await.json()
    }

    /// The same in a language, with the whole answer.
    pub async fn ask(&self, token: &str, language: &str, query: &str, variables: Value) -> Answer {
        let body = json!({"query": query, "variables": variables}).to_string();
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT_LANGUAGE, language)
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.call(request.body(Body::from(body)).expect("a request")).await
    }

    /// GraphQL that must succeed: gives `data`.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.graphql(query, variables).await;
        assert!(answer["errors"].is_null(), "{}", answer["errors"]);
        answer["data"].take()
    }

    /// The auth system calls back: what it says about a challenge, under a webhook id.
    pub async fn call_back(&self, webhook_id: &str, challenge: &Challenge) -> StatusCode {
        self.call_back_with(webhook_id, &challenge.word(), TimeDelta::zero()).await
    }

    /// The same with a body of the story's choice and a clock that is off by some time.
    pub async fn call_back_with(&self, webhook_id: &str, body: &Value, off: TimeDelta) -> StatusCode {
        let (body, timestamp) = (body.to_string(), (self.now() + off).timestamp());
        let secret = Webhook::new(self.settings.auth.callback_secret.expose()).expect("a configured secret");
        let signature = secret.sign(webhook_id, timestamp, body.as_bytes()).expect("it signs anything");
        let request = Request::post("/callbacks/auth")
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", webhook_id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature);
        self.call(request.body(Body::from(body)).expect("a request")).await.status
    }

    /// A gateway's receipt for a message.
    pub async fn receipt(&self, path: &str, body: Value) -> StatusCode {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.call(request.body(Body::from(body.to_string())).expect("a request")).await.status
    }
}
