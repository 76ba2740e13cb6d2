//! A sandbox to test, a platform that can sign, and an ear for callbacks.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::{digest, hmac};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use esign_sandbox::{Background, SandboxConfig, router};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt;

pub const KEY: &str = "platform";
pub const SECRET: &str = "a secret between the two";
pub const WHSEC: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
pub const CHALLENGES: &str = "/sandbox/auth-system/challenges";

/// A clock that stands where it is put.
#[derive(Clone)]
pub struct Clock(Arc<Mutex<DateTime<Utc>>>);

impl Clock {
    pub fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    pub fn advance(&self, time: TimeDelta) {
        *self.0.lock().unwrap() += time;
    }
}

/// A sandbox on a data folder.
pub struct Outside {
    pub router: Router,
    pub background: Background,
    pub clock: Clock,
}

impl Outside {
    pub fn open(data_dir: &Path) -> Self {
        Self::open_with(data_dir, |_| {})
    }

    /// Settles at once and calls whatever address the challenge names, unless `change` says otherwise.
    pub fn open_with(data_dir: &Path, change: impl FnOnce(&mut SandboxConfig)) -> Self {
        let start = DateTime::parse_from_rfc3339("2026-11-22T06:20:31Z").unwrap().to_utc();
        let clock = Clock(Arc::new(Mutex::new(start)));
        let hands = clock.clone();
        let mut config = SandboxConfig {
            data_dir: data_dir.to_owned(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            auth_key: KEY.to_owned(),
            auth_secret: SECRET.to_owned(),
            callback_secret: WHSEC.to_owned(),
            settle_after: Duration::ZERO,
            face_valid_for: SandboxConfig::FACE_VALID_FOR,
            payment_valid_for: SandboxConfig::PAYMENT_VALID_FOR,
            sms_receipt_url: None,
            clock: Arc::new(move || hands.now()),
            demo_credentials: None,
            webhook_secrets: Arc::new(|name| if name == "demo" { vec![WHSEC.to_owned()] } else { Vec::new() }),
        };
        change(&mut config);
        let sandbox = router(config).unwrap();
        Self { router: sandbox.router, background: sandbox.background, clock }
    }

    pub async fn send(&self, request: Request<Body>) -> (StatusCode, Value) {
        let (status, bytes) = self.send_raw(request).await;
        (status, serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes))))
    }

    pub async fn send_raw(&self, request: Request<Body>) -> (StatusCode, Vec<u8>) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        (status, to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.send(Request::post(path).body(Body::from(body.to_string())).unwrap()).await
    }

    /// A request as the platform would sign it.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        self.send(signed(method, path, body, self.clock.now())).await
    }

    /// Opens a challenge and gives its state.
    pub async fn challenge(&self, order: Value) -> Value {
        let (status, state) = self.call("POST", CHALLENGES, Some(order)).await;
        assert_eq!(status, StatusCode::OK, "{state}");
        state
    }

    pub async fn state(&self, id: &str) -> Value {
        self.call("GET", &format!("{CHALLENGES}/{id}"), None).await.1
    }

    /// Enters an amount in fen.
    pub async fn enter(&self, id: &str, entry: &str, amount: i64) -> Value {
        let material = json!({"entryId": entry, "amount": amount});
        self.call("POST", &format!("{CHALLENGES}/{id}/materials"), Some(material)).await.1
    }

    /// What was transferred, as the list tells it.
    pub async fn transferred(&self, flow_no: &str) -> i64 {
        let (_, list) = self.get(&format!("{CHALLENGES}?flowNo={flow_no}")).await;
        list[0]["amount"].as_i64().unwrap()
    }

    /// Presses a button on the face page.
    pub async fn press(&self, id: &str, act: &str) -> StatusCode {
        let request = Request::post(format!("/sandbox/auth-system/face/{id}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(format!("act={act}")))
            .unwrap();
        self.send_raw(request).await.0
    }

    /// Serves the router on a port of its own and gives its address.
    pub async fn serve(&self) -> String {
        serve(self.router.clone()).await
    }
}

/// Signs as the auth contract says.
pub fn signed(method: &str, path: &str, body: Option<Value>, now: DateTime<Utc>) -> Request<Body> {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let hash = hex::encode(digest::digest(&digest::SHA256, body.as_bytes()));
    let text = format!("{method}\n{path}\n{}\n{hash}", now.timestamp());
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), text.as_bytes());
    Request::builder()
        .method(method)
        .uri(path)
        .header("X-Esign-Key", KEY)
        .header("X-Esign-Timestamp", now.timestamp())
        .header("X-Esign-Signature", STANDARD.encode(tag))
        .body(Body::from(body))
        .unwrap()
}

/// An order for a challenge whose callbacks go to a port that nobody listens on.
pub fn order(key: &str, auth_type: &str) -> Value {
    json!({
        "idempotencyKey": key, "scene": "MEMBER_SETTLEMENT", "fundPurpose": "GOODS", "authType": auth_type,
        "subject": {
            "type": "CORPORATE", "role": "STORE", "subjectNo": "S-1", "name": "杭州清禾餐饮管理有限公司",
            "idDocument": {"type": "UNIFIED_SOCIAL_CREDIT_CODE", "number": "91330106MA2XYZ1234"},
            "mobile": "+8613800002077",
            "bankAccount": {"accountNo": "6225880200006688", "bankName": "招商银行"}
        },
        "callbackUrl": "http://127.0.0.1:9/callbacks/auth", "returnUrl": "http://127.0.0.1:8080/s/abc"
    })
}

pub fn payment(key: &str) -> Value {
    order(key, "PAYMENT_VERIFICATION")
}

pub fn face(key: &str) -> Value {
    order(key, "FACE_VERIFICATION")
}

/// A callback as it arrived.
pub struct Heard {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// A listener that refuses the first `refusals` posts with 500 and takes the rest; every post is handed on.
pub struct Ear {
    pub url: String,
    heard: mpsc::UnboundedReceiver<Heard>,
}

type Mouth = (mpsc::UnboundedSender<Heard>, Arc<Mutex<u32>>);

impl Ear {
    pub async fn open(refusals: u32) -> Self {
        let (sender, heard) = mpsc::unbounded_channel();
        let state: Mouth = (sender, Arc::new(Mutex::new(refusals)));
        let address = serve(Router::new().route("/heard", post(hear)).with_state(state)).await;
        Self { url: format!("http://{address}/heard"), heard }
    }

    pub async fn next(&mut self) -> Heard {
        tokio::time::timeout(Duration::from_secs(20), self.heard.recv()).await.expect("heard in time").unwrap()
    }

    /// The statuses of the next `count` callbacks, sorted: two tasks may overtake each other.
    pub async fn statuses(&mut self, count: usize) -> Vec<String> {
        let mut statuses = Vec::new();
        for _ in 0..count {
            statuses.push(self.next().await.json()["status"].as_str().unwrap().to_owned());
        }
        statuses.sort();
        statuses
    }

    /// Nothing more was heard so far.
    pub fn is_quiet(&mut self) -> bool {
        self.heard.try_recv().is_err()
    }
}

async fn hear(State((sender, refusals)): State<Mouth>, headers: HeaderMap, body: axum::body::Bytes) -> StatusCode {
    sender.send(Heard { headers, body: body.to_vec() }).unwrap();
    let mut left = refusals.lock().unwrap();
    if *left == 0 {
        return StatusCode::OK;
    }
    *left -= 1;
    StatusCode::INTERNAL_SERVER_ERROR
}

#[expect(clippy::disallowed_methods, reason = "a test's server lives as long as the test's runtime")]
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}
