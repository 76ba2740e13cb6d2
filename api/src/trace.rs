//! One id from the request to its last log line, its answer and its errors.
//!
//! A request comes with a `traceparent` (W3C Trace Context) or is given an id here. The id is put into the request's
//! header `x-trace-id` for whoever answers (what the caller wrote there is thrown away), is a field of the span under
//! which everything is logged, and stands in the same header of the answer. The log names the matched route and never
//! the path or the query: a path may hold a link's code, a query anything.

mod lines;

use std::{
    io::{self, IsTerminal},
    panic,
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result};
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use esign_config::{Log, LogFormat};
use esign_domain::{App, clock::Random};
use tracing::{Instrument, field::Empty};
use tracing_subscriber::{EnvFilter, fmt::format::JsonFields};

use crate::health::Metrics;

/// The header that holds a request's id, on its way in and on its way out.
pub const TRACE_HEADER: HeaderName = HeaderName::from_static("x-trace-id");

/// The id of a request, 32 hexadecimal digits: the one the caller gave by `traceparent`, else a fresh one.
fn trace_id(headers: &HeaderMap, random: &Random) -> String {
    let given = headers.get("traceparent").and_then(|value| value.to_str().ok()).and_then(trace_id_of_parent);
    given.map_or_else(|| hex::encode(random.bytes::<16>()), ToOwned::to_owned)
}

/// `00-<32 hex>-<16 hex>-<2 hex>`; anything else is as good as nothing.
fn trace_id_of_parent(parent: &str) -> Option<&str> {
    let mut parts = parent.split('-');
    let (version, id) = (parts.next()?, parts.next()?);
    let is_hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let known = version.len() == 2 && is_hex(version) && version != "ff";
    (known && id.len() == 32 && is_hex(id) && id.bytes().any(|b| b != b'0')).then_some(id)
}

/// What tracing a request needs.
#[derive(Clone)]
pub struct Tracer {
    /// Where fresh ids come from.
    pub app: Arc<App>,
    /// Where requests are counted.
    pub metrics: Arc<Metrics>,
}

/// The outermost layer: gives the id, opens the span, counts, and writes one line about the answer.
pub async fn follow(State(tracer): State<Tracer>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = trace_id(request.headers(), &tracer.app.random);
    let header = HeaderValue::from_str(&id).expect("an id is hexadecimal digits");
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("request", traceId = %id, %method, route, client = Empty, flow = Empty);
    request.headers_mut().insert(TRACE_HEADER, header.clone());
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, took) = (response.status(), started.elapsed());
    tracer.metrics.answered(&method, &route, status, took);
    let millis = (took.as_secs_f64() * 1e6).round() / 1e3;
    span.in_scope(|| match route.as_str() {
        "/healthz" | "/readyz" | "/metrics" => tracing::debug!(status = status.as_u16(), millis, "answered"),
        _ => tracing::info!(status = status.as_u16(), millis, "answered"),
    });
    response.headers_mut().insert(TRACE_HEADER, header);
    response
}

/// Starts the log of this process, and makes panics part of it: where it happened, but not what was said, because that
/// may quote a value.
pub fn start_log(settings: &Log) -> Result<()> {
    use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};
    let filter = EnvFilter::try_new(&settings.filter).with_context(|| format!("log.filter: {}", settings.filter))?;
    let to_stderr = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let colours = io::stderr().is_terminal();
    let registry = tracing_subscriber::registry().with(filter);
    let started = match settings.format {
        LogFormat::Text => registry.with(to_stderr.with_target(false).with_ansi(colours)).try_init(),
        LogFormat::Json => {
            registry.with(to_stderr.fmt_fields(JsonFields::new()).event_format(lines::JsonLines)).try_init()
        }
    };
    started.context("a log was started before")?;
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "unknown".into(), ToString::to_string);
        tracing::error!(place, "panicked");
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_well_formed_parent_gives_the_id_and_nothing_else_does() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(trace_id_of_parent(&format!("00-{id}-00f067aa0ba902b7-01")), Some(id));
        let zero = "0".repeat(32);
        for bad in [
            String::new(),
            id.to_owned(),
            format!("ff-{id}-00f067aa0ba902b7-01"),
            format!("00-{zero}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", id.to_uppercase()),
            format!("00-{}\n-00f067aa0ba902b7-01", &id[1..]),
        ] {
            assert_eq!(trace_id_of_parent(&bad), None, "{bad}");
        }
    }

    #[test]
    fn ids_are_fresh_and_long_enough() {
        let random = Random::seeded(1);
        let (one, two) = (trace_id(&HeaderMap::new(), &random), trace_id(&HeaderMap::new(), &random));
        assert_ne!(one, two);
        assert_eq!(one.len(), 32);
    }
}
