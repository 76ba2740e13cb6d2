//! A carrier on the loopback: says what it is told to, and keeps what it hears.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::IntoResponse,
};
use chrono::{DateTime, Utc};
use esign_config::{Secret, SmsGateway as Settings, SmsGatewayKind};
use esign_domain::{
    clock::ManualClock,
    personal::Mobile,
    sms::port::{OutgoingSms, SmsFailure},
};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet};

use super::sms_failure::Class;

/// What was heard.
#[derive(Clone)]
pub struct Heard {
    pub method: Method,
    pub uri: Uri,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Heard {
    /// The parameters of the address.
    pub fn query(&self) -> HashMap<String, String> {
        let url = url::Url::parse("http://carrier").unwrap().join(&self.uri.to_string()).unwrap();
        url.query_pairs().into_owned().collect()
    }

    /// The body.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// The carrier; gone when it is dropped.
pub struct Carrier {
    pub url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    _server: JoinSet<()>,
}

impl Carrier {
    /// One that gives these answers in turn, then the last again and again.
    pub async fn answering(answers: Vec<(u16, Value)>) -> Self {
        let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let kept = Arc::clone(&heard);
        let router = Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
            let headers = headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
            let body = String::from_utf8(body.to_vec()).unwrap();
            let mut kept = kept.lock().unwrap();
            let (status, answer) = answers[kept.len().min(answers.len() - 1)].clone();
            kept.push(Heard { method, uri, headers, body });
            std::future::ready((StatusCode::from_u16(status).unwrap(), answer.to_string()).into_response())
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, heard, _server: server }
    }

    /// Everything it heard.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

/// An account at a carrier.
pub fn settings(kind: SmsGatewayKind, url: &str) -> Settings {
    Settings {
        name: "carrier".into(),
        kind,
        url: url.into(),
        sign_name: "云帆".into(),
        access_key: "key-id".into(),
        secret: Secret::new("key-secret"),
        region: "ap-guangzhou".into(),
        sdk_app_id: "1400006666".into(),
        receipt_secret: Secret::default(),
    }
}

/// A clock that stands at 23:59:30 in China on the last day of 2026.
pub fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at("2026-12-31T15:59:30Z".parse::<DateTime<Utc>>().unwrap()))
}

/// A message to somebody in the mainland.
pub fn sms(asked_at: DateTime<Utc>) -> OutgoingSms {
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let parameters = [("subjectName", "张三"), ("linkCode", "abc")].map(pair);
    OutgoingSms {
        message_id: "sms_1".into(),
        mobile: Mobile::parse("13800138000").unwrap(),
        sign_name: "云帆".into(),
        template_code: Some("T-1".into()),
        text: "【云帆】张三请签署 http://x/s/abc".into(),
        variables: parameters.clone().into_iter().chain([pair(("publicUrl", "http://x"))]).collect(),
        parameters: parameters.into(),
        asked_at,
    }
}

/// The class of a failure.
pub fn class(failure: &SmsFailure) -> Option<Class> {
    match failure {
        SmsFailure::Retryable { .. } => None,
        SmsFailure::Limited { .. } => Some(Class::Limited),
        SmsFailure::Refused { .. } => Some(Class::Refused),
        SmsFailure::Final { .. } => Some(Class::Final),
        SmsFailure::Unknown { .. } => Some(Class::Unknown),
    }
}
