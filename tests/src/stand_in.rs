//! The sandbox's SMS gateway over a real socket, spoken to by the adapter of production.
//!
//! It runs in a runtime of its own. There time can be made to pass by itself whenever nothing else is to be done, so that
//! a fault that takes half a minute takes none of ours.

use std::{sync::Arc, thread, time::Duration};

use axum::{Router, extract::Request};
use esign_api::adapter::sms_http::SmsHttp;
use esign_config::{Secret, SmsGateway, SmsGatewayKind};
use esign_sandbox::SandboxConfig;
use http::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinSet,
};
use tower::ServiceExt;

use crate::{TestApp, app::start_of_time, gateway::NAME};

/// The stand-in.
pub struct StandIn {
    url: String,
    router: Router,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
    _journals: TempDir,
}

impl StandIn {
    /// One whose time passes by itself.
    pub async fn in_no_time() -> Self {
        Self::begin(true, None).await
    }

    /// One that tells what became of messages, in the machine's time.
    pub async fn reporting_to(url: String) -> Self {
        Self::begin(false, Some(url)).await
    }

    async fn begin(paused: bool, receipts: Option<String>) -> Self {
        let journals = tempfile::tempdir().expect("a folder can be made");
        let config = SandboxConfig {
            data_dir: journals.path().to_owned(),
            public_url: "http://127.0.0.1:1".into(),
            auth_key: "sandbox".into(),
            auth_secret: "secret".into(),
            callback_secret: "whsec_c2FuZGJveC1jYWxsYmFja3MtYXJlLXNpZ25lZA==".into(),
            settle_after: Duration::ZERO,
            face_valid_for: SandboxConfig::FACE_VALID_FOR,
            payment_valid_for: SandboxConfig::PAYMENT_VALID_FOR,
            sms_receipt_url: receipts,
            clock: Arc::new(start_of_time),
            demo_credentials: None,
            webhook_secrets: Arc::new(|_| Vec::new()),
        };
        let (told, begun) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().start_paused(paused).build().expect("a runtime");
            runtime.block_on(async move {
                let sandbox = esign_sandbox::router(config).expect("the stand-in can be opened");
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
                let url = format!("http://{}", listener.local_addr().expect("a bound address"));
                told.send((url, sandbox.router.clone())).ok();
                // Whoever listens may be gone with a story that failed.
                let serve = axum::serve(listener, sandbox.router).with_graceful_shutdown(async { drop(stopped.await) });
                serve.await.expect("the stand-in serves");
                sandbox.background.stop().await;
            });
        });
        let (url, router) = begun.await.expect("the stand-in begins");
        Self { url, router, stop: Some(stop), thread: Some(thread), _journals: journals }
    }

    /// The adapter of production, before it.
    pub fn adapter(&self, timeout: Duration) -> Arc<SmsHttp> {
        let settings = SmsGateway {
            name: NAME.into(),
            kind: SmsGatewayKind::Http,
            url: format!("{}/sandbox/sms-gateway/send", self.url),
            sign_name: "云帆电子签约".into(),
            access_key: String::new(),
            secret: Secret::default(),
            region: String::new(),
            sdk_app_id: String::new(),
            receipt_secret: Secret::default(),
        };
        Arc::new(SmsHttp::new(settings, timeout).expect("an adapter"))
    }

    /// Arms a fault for the next `count` occasions.
    pub async fn arm(&self, mode: &str, count: usize) {
        let fault = json!({"target": "sms", "mode": mode, "count": count});
        let request = Request::post("/sandbox/faults").body(fault.to_string().into()).expect("a request");
        assert_eq!(self.ask(request).await.0, StatusCode::OK);
    }

    /// What a phone shows, newest first.
    pub async fn phone(&self, mobile: &str) -> Vec<Value> {
        let request = Request::get(format!("/sandbox/sms?mobile={mobile}")).body(String::new().into());
        let (status, body) = self.ask(request.expect("a request")).await;
        assert_eq!(status, StatusCode::OK);
        body.as_array().expect("a list").clone()
    }

    async fn ask(&self, request: Request) -> (StatusCode, Value) {
        let answer = self.router.clone().oneshot(request).await.expect("a router always answers");
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("the body ends");
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
        let ended = self.thread.take().map(thread::JoinHandle::join);
        if !thread::panicking() {
            ended.expect("it was begun").expect("the stand-in ends well");
        }
    }
}

/// The platform's door for receipts, over a real socket: hands on a word for each that was answered.
pub struct Ear {
    heard: mpsc::UnboundedReceiver<StatusCode>,
    _server: JoinSet<()>,
}

impl Ear {
    /// Opens a platform's door.
    pub fn of(app: &TestApp, listener: TcpListener) -> Self {
        let (tell, heard) = mpsc::unbounded_channel();
        let router =
            app.router().layer(axum::middleware::from_fn(move |request: Request, next: axum::middleware::Next| {
                let tell = tell.clone();
                async move {
                    let answer = next.run(request).await;
                    tell.send(answer.status()).ok();
                    answer
                }
            }));
        let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, service).await.expect("the door is open") });
        Self { heard, _server: server }
    }

    /// Waits for so many receipts, each taken.
    pub async fn hears(&mut self, receipts: usize) {
        for _ in 0..receipts {
            assert_eq!(self.heard.recv().await, Some(StatusCode::OK));
        }
    }

    /// Whether nothing more was heard by now.
    pub fn is_silent(&mut self) -> bool {
        self.heard.try_recv().is_err()
    }
}
