//! What stands before every route: headers that tell browsers to trust nothing, a deadline for bodies, an answer for
//! panics.
//!
//! A route that says more (its own Content-Security-Policy, say) is believed; these are what holds where nobody spoke.

use std::{any::Any, io, time::Duration};

use axum::{
    Json, Router,
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use esign_config::{Profile, Settings};
use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

/// Headers every answer has unless its route said otherwise.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Every so many bytes buy a body a second more: a long file may take its time, a drip may not.
const PACE: u64 = 16 * 1024;

/// Browsers come back by https alone for a year.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

#[derive(Clone)]
struct Shield {
    body_timeout: Duration,
    is_production: bool,
    stop: CancellationToken,
}

/// Puts the shield around a router. At `stop`, streams of server-sent events end, so that they don't hold it up.
pub fn around(router: Router, settings: &Settings, stop: CancellationToken) -> Router {
    let shield = Shield {
        body_timeout: Duration::from_secs(settings.server.body_timeout_seconds),
        is_production: settings.profile == Profile::Production,
        stop,
    };
    router
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(shield, protect))
}

async fn protect(State(shield): State<Shield>, request: Request, next: Next) -> Response {
    let deadline = Instant::now() + shield.body_timeout;
    let mut response = next.run(request.map(|body| until(body, deadline))).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    if shield.is_production {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    let is_endless =
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if is_endless {
        let stop = shield.stop.cancelled_owned();
        return response.map(|body| Body::from_stream(body.into_data_stream().take_until(stop)));
    }
    response
}

/// A body that must be complete by then, or keep coming at [`PACE`]. Late, it fails instead of ending, so that half a
/// body is never taken for one.
fn until(body: Body, deadline: Instant) -> Body {
    if body.is_end_stream() {
        return body;
    }
    let late = || io::Error::new(io::ErrorKind::TimedOut, "the body did not arrive in time");
    let parts = stream::unfold(Some((body.into_data_stream(), deadline)), move |state| async move {
        let (mut body, deadline) = state?;
        match timeout_at(deadline, body.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(part))) => {
                let bought = Duration::from_micros(part.len() as u64 * 1_000_000 / PACE);
                Some((Ok(part), Some((body, deadline + bought))))
            }
            Ok(Some(Err(error))) => Some((Err::<Bytes, _>(io::Error::other(error)), None)),
            Err(_) => Some((Err(late()), None)),
        }
    });
    Body::from_stream(parts)
}

/// The panic hook has logged where; the caller learns only that it was our fault.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    let body = json!({"error": {"code": "INTERNAL", "retryable": true}});
    (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
}

/// What is answered where no route is.
pub async fn nothing_here() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"error": {"code": "NOT_FOUND", "retryable": false}}))).into_response()
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use tower::ServiceExt;

    use super::*;

    fn router(stop: &CancellationToken) -> Router {
        let settings = esign_config::from_sources(Settings::shipped(Profile::Sandbox)).unwrap();
        let quiet = stream::pending::<io::Result<Bytes>>;
        let endless =
            move || async move { ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(quiet())) };
        let router = Router::new()
            .route("/plain", get(|| async { ([(header::CACHE_CONTROL, "max-age=60")], "hello") }))
            .route("/panic", get(|| async { panic!("the secret is 42") as &'static str }))
            .route(
                "/body",
                post(|body: Result<Bytes, axum::extract::rejection::BytesRejection>| async move {
                    body.map_or("refused", |_| "taken")
                }),
            )
            .route("/endless", get(endless));
        around(router, &settings, stop.clone())
    }

    async fn ask(request: Request) -> (StatusCode, axum::http::HeaderMap, Bytes) {
        let stop = CancellationToken::new();
        let response = router(&stop).oneshot(request).await.unwrap();
        stop.cancel();
        let (parts, body) = response.into_parts();
        (parts.status, parts.headers, axum::body::to_bytes(body, 1 << 20).await.unwrap())
    }

    fn get_request(path: &str) -> Request {
        Request::builder().uri(path).body(Body::empty()).unwrap()
    }

    #[tokio::test]
    async fn every_answer_is_dressed_and_a_route_may_know_better() {
        let (_, headers, _) = ask(get_request("/plain")).await;
        assert_eq!(headers["cache-control"], "max-age=60");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
        assert!(!headers.contains_key("strict-transport-security"));
    }

    #[tokio::test]
    async fn a_panic_is_answered_without_its_words() {
        let (status, _, body) = ask(get_request("/panic")).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!body.windows(2).any(|pair| pair == b"42"), "{body:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_on_for_ever_is_refused_at_its_deadline() {
        let drip = stream::unfold((), |()| async {
            tokio::time::advance(Duration::from_secs(7)).await;
            Some((Ok::<_, io::Error>(Bytes::from_static(b"x")), ()))
        });
        let request = Request::post("/body").body(Body::from_stream(drip)).unwrap();
        let begun = Instant::now();
        assert_eq!(ask(request).await.2, "refused");
        assert!(begun.elapsed() < Duration::from_secs(30), "a few bytes buy next to nothing");
        assert_eq!(ask(Request::post("/body").body(Body::from("whole")).unwrap()).await.2, "taken");
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_body_that_keeps_coming_is_taken() {
        let pieces = stream::unfold(0, |sent| async move {
            tokio::time::advance(Duration::from_secs(3)).await;
            (sent < 30).then(|| (Ok::<_, io::Error>(Bytes::from(vec![b'x'; 64 * 1024])), sent + 1))
        });
        let request = Request::post("/body").body(Body::from_stream(pieces)).unwrap();
        assert_eq!(ask(request).await.2, "taken", "90 seconds, but at more than 16 KiB a second");
    }

    #[tokio::test]
    async fn an_endless_answer_ends_at_the_stop() {
        let (status, ..) = ask(get_request("/endless")).await;
        assert_eq!(status, StatusCode::OK);
    }
}
