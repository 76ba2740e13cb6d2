//! The whole system on a folder of its own and a clock that stands still: for the tests of the doors.

use std::{os::unix::fs::PermissionsExt, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use chrono::{DateTime, Utc};
use esign_config::{Profile, Settings, from_sources};
use esign_domain::{
    App,
    clock::{ManualClock, Random},
    job::{Job, enqueue},
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{
    first_start::{self, Credentials},
    wire,
};

/// A system under test. Its folder goes with it.
pub struct Trial {
    pub app: Arc<App>,
    pub clock: Arc<ManualClock>,
    pub demo: Credentials,
    pub stop: CancellationToken,
    router: Router,
    _folder: TempDir,
}

impl Trial {
    /// A fresh sandbox, prepared but not serving.
    pub async fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let figment = Settings::shipped(Profile::Sandbox).merge(("data_dir", folder.path()));
        let clock = Arc::new(ManualClock::at(DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap()));
        let settings = from_sources(figment).unwrap();
        let platform = wire::compose_with(settings, clock.clone(), Random::from_system()).await.unwrap();
        let (demo, is_new) = first_start::prepare(&platform.app).await.unwrap().unwrap();
        assert!(is_new);
        let stop = CancellationToken::new();
        let router = wire::doors(&platform.app, None, &stop).unwrap();
        Self { app: platform.app, clock, demo, stop, router, _folder: folder }
    }

    /// Asks through every layer.
    pub async fn ask(&self, request: Request<Body>) -> (StatusCode, HeaderMap, Bytes) {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        (parts.status, parts.headers, to_bytes(body, 1 << 20).await.unwrap())
    }

    /// Asks for a path.
    pub async fn get(&self, path: &str) -> (StatusCode, HeaderMap, Bytes) {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }
}

#[tokio::test]
async fn preparing_again_keeps_the_demo_accounts_and_mends_a_lost_file() {
    let trial = Trial::begin().await;
    let (kept, is_new) = first_start::prepare(&trial.app).await.unwrap().unwrap();
    assert!(!is_new);
    assert_eq!(kept.client.secret, trial.demo.client.secret);
    let file = trial.app.settings.data_dir.join(first_start::CREDENTIALS_FILE);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::remove_file(&file).unwrap();
    let (mended, is_new) = first_start::prepare(&trial.app).await.unwrap().unwrap();
    assert!(is_new);
    assert_eq!(mended.client.id, kept.client.id);
    for secret in [&kept.client.secret, &mended.client.secret] {
        let found = esign_domain::client::authenticate::authenticate(&trial.app, "demo", secret).await;
        assert!(found.is_ok(), "the old secret stays good for a while, the new one is good at once");
    }
}

#[tokio::test]
async fn every_answer_has_a_trace_id_and_a_made_up_one_is_thrown_away() {
    let trial = Trial::begin().await;
    let request = Request::get("/nowhere").header("x-trace-id", "mine").body(Body::empty()).unwrap();
    let (status, headers, _) = trial.ask(request).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(headers["x-trace-id"].len(), 32);
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = Request::get("/healthz").header("traceparent", parent).body(Body::empty()).unwrap();
    assert_eq!(trial.ask(request).await.1["x-trace-id"], "4bf92f3577b34da6a3ce929d0e0e4736");
}

#[tokio::test]
async fn readiness_follows_the_jobs_and_the_stop() {
    let trial = Trial::begin().await;
    assert_eq!(trial.get("/readyz").await.0, StatusCode::OK);
    let (status, _, metrics) = trial.get("/metrics").await;
    assert_eq!(status, StatusCode::OK);
    let metrics = String::from_utf8(metrics.to_vec()).unwrap();
    assert!(metrics.contains("esign_job_lag_seconds 0") && metrics.contains("route=\"/readyz\""), "{metrics}");
    late_job(&trial).await;
    assert_eq!(trial.get("/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
    let trial = Trial::begin().await;
    trial.stop.cancel();
    assert_eq!(trial.get("/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
}

/// A job that nobody has taken for two minutes.
async fn late_job(trial: &Trial) {
    let now = trial.app.clock.now();
    let tx = trial.app.write_tx().await.unwrap();
    enqueue(&tx, Job::Seal { flow: trial.app.id() }, None, now, now).await.unwrap();
    trial.app.commit(tx).await.unwrap();
    trial.clock.advance(chrono::TimeDelta::minutes(2));
}
