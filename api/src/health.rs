//! Is it alive, is it ready, how is it doing: `/healthz`, `/readyz`, `/metrics`.
//!
//! Alive is who answers at all. Ready is who can do work: the database answers, due jobs are taken in time, and it is
//! not on its way down. What a scraper reads is counted here as it happens (requests) or asked for when it is read
//! (flows, jobs, alerts), so that what several processes on one database say agrees.

mod figures;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::TimeDelta;
use esign_domain::{App, Error, Result};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

pub use figures::Kept;
use figures::{Figures, lag};

/// A job that is due and waits longer than this says that nobody works.
const LAG_LIMIT: TimeDelta = TimeDelta::seconds(60);
/// Whoever asks whether we are ready wants to know it now: a database that takes longer than this is down.
const PATIENCE: Duration = Duration::from_secs(1);
/// Upper edges of the classes of answer times, in seconds.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// What scrapers are told that this is.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What happened in this process since its start.
#[derive(Debug)]
pub struct Metrics {
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Label {
    name: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Gateway {
    gateway: String,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { requests: Family::default(), seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)) }
    }
}

impl Metrics {
    /// Counts an answered request by its route, never by its path.
    pub fn answered(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        // A method that somebody made up must not become a time series of its own.
        let known = [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS].contains(method);
        let method = if known { method.as_str() } else { "other" }.to_owned();
        let route = route.to_owned();
        self.requests.get_or_create(&Request { method, route: route.clone(), status: status.as_u16() }).inc();
        self.seconds.get_or_create(&Route { route }).observe(took.as_secs_f64());
    }
}

/// What these routes look at.
#[derive(Clone)]
pub struct Health {
    /// The system.
    pub app: Arc<App>,
    /// Requests of this process.
    pub metrics: Arc<Metrics>,
    /// The counts of the last look.
    pub counts: Arc<Kept>,
    /// Cancelled when the process is told to stop.
    pub stop: CancellationToken,
}

/// `/healthz`, `/readyz`, `/metrics`.
pub fn router(health: Health) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(health)
}

async fn ready(State(health): State<Health>) -> Response {
    let lag = tokio::time::timeout(PATIENCE, lag(&health.app)).await.ok().and_then(Result::ok);
    let database = lag.map_or("down", |_| "ok");
    let jobs = match lag {
        Some(lag) if lag <= LAG_LIMIT => "ok",
        Some(_) => "late",
        None => "unknown",
    };
    let process = if health.stop.is_cancelled() { "stopping" } else { "ok" };
    let is_ready = [database, jobs, process].iter().all(|state| *state == "ok");
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    // The keys were read at the start, or there would be no process to ask.
    (status, Json(json!({"ready": is_ready, "database": database, "jobs": jobs, "keys": "ok", "process": process})))
        .into_response()
}

async fn metrics(State(health): State<Health>) -> Response {
    match written(&health).await {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, source = error.cause(), "metrics can't be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn written(health: &Health) -> Result<String> {
    let mut registry = Registry::with_prefix("esign");
    registry.register("http_requests", "Requests answered", health.metrics.requests.clone());
    registry.register("http_request_seconds", "Time to the head of the answer", health.metrics.seconds.clone());
    Figures::read(&health.app, &health.counts).await?.register(&mut registry);
    let alerts = health.app.alerts.counts();
    let alerts = alerts.into_iter().map(|(alert, count)| (alert.as_str().to_owned(), count));
    register_counts(&mut registry, "alerts", "Alerts raised by this process since its start", alerts);
    let open = health.app.gateways.iter().map(|gateway| gateway.name());
    register_gateways(&mut registry, open.map(|name| (name, health.app.breakers.is_open(name))));
    register_one(
        &mut registry,
        "event_subscribers",
        "Subscriptions to events in this process",
        health.app.tail.subscribers(),
    );
    let mut text = String::new();
    encode(&mut text, &registry).map_err(Error::internal)?;
    Ok(text)
}

/// A gauge a name.
fn register_counts(registry: &mut Registry, metric: &str, help: &str, counts: impl IntoIterator<Item = (String, u64)>) {
    let family = Family::<Label, Gauge>::default();
    for (name, count) in counts {
        family.get_or_create(&Label { name }).set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    registry.register(metric, help, family);
}

/// Which gateways are left out for a while.
fn register_gateways<'a>(registry: &mut Registry, gateways: impl IntoIterator<Item = (&'a str, bool)>) {
    let family = Family::<Gateway, Gauge>::default();
    for (gateway, is_open) in gateways {
        family.get_or_create(&Gateway { gateway: gateway.to_owned() }).set(is_open.into());
    }
    registry.register("sms_gateway_open", "1: this process leaves the SMS gateway out for a while", family);
}

fn register_one(registry: &mut Registry, metric: &str, help: &str, count: usize) {
    let gauge = Gauge::<i64>::default();
    gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
    registry.register(metric, help, gauge);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_and_made_up_methods_share_a_name() {
        let metrics = Metrics::default();
        let made_up = Method::from_bytes(b"BREW").unwrap();
        for method in [Method::GET, made_up.clone(), made_up] {
            metrics.answered(&method, "/s/{code}", StatusCode::OK, Duration::from_millis(3));
        }
        let mut registry = Registry::with_prefix("esign");
        registry.register("http_requests", "Requests", metrics.requests.clone());
        registry.register("http_request_seconds", "Seconds", metrics.seconds.clone());
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        assert!(
            text.contains(r#"esign_http_requests_total{method="other",route="/s/{code}",status="200"} 2"#),
            "{text}"
        );
        assert!(text.contains(r#"esign_http_request_seconds_bucket{le="0.005",route="/s/{code}"} 3"#), "{text}");
    }
}
