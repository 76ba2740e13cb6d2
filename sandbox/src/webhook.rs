//! Webhook receivers: an upstream system's ear, one for each name in the path.
//!
//! A delivery is answered as a careful receiver would: 200 when its Standard Webhooks signature holds, 401 when not.
//! Every one is kept with the verdict, so that a listener sees what was sent, refused deliveries too.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};

use crate::fault::{Mode, Target, strike, take};
use crate::refusal::Refusal;
use crate::store::{KEPT, Record};
use crate::token::token;
use crate::world::World;

/// How far a delivery's timestamp may be from our clock, in seconds.
const TOLERANCE: i64 = 5 * 60;

/// What a receiver found when it checked a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// The signature is right and the timestamp near.
    Verified,
    /// No secret is known for this name: taken as it came.
    Unchecked,
    /// One of the three headers is missing or unreadable.
    MissingHeaders,
    /// The timestamp is more than five minutes from our clock.
    Stale,
    /// No secret of this name made that signature.
    BadSignature,
}

/// One delivery as it was received.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    id: String,
    name: String,
    received_at: DateTime<Utc>,
    webhook_id: Option<String>,
    verdict: Verdict,
    /// What the receiver answered.
    status: u16,
    /// The JSON that was sent; a body that is no JSON is kept as a string.
    body: Value,
}

impl Record for Receipt {
    fn key(&self) -> &str {
        &self.id
    }
}

/// `/sandbox/webhooks/{name}`: deliveries in, the list out.
pub(crate) fn routes(world: &Arc<World>) -> Router<Arc<World>> {
    let faults = from_fn_with_state((Arc::clone(world), Target::Webhook), strike);
    Router::new().route("/sandbox/webhooks/{name}", post(receive).layer(faults).merge(get(list)))
}

async fn receive(
    State(world): State<Arc<World>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let verdict = check(&(world.config.webhook_secrets)(&name), &headers, &body, world.now());
    let status = match verdict {
        Verdict::Verified | Verdict::Unchecked => StatusCode::OK,
        Verdict::MissingHeaders | Verdict::Stale | Verdict::BadSignature => StatusCode::UNAUTHORIZED,
    };
    let times = match take(&world, Target::Webhook, &[Mode::Duplicate, Mode::Silent]) {
        Some(Mode::Silent) => 0,
        Some(_) => 2,
        None => 1,
    };
    for _ in 0..times {
        world.receipts.lock().put(Receipt {
            id: token("rcv_"),
            name: name.clone(),
            received_at: world.now(),
            webhook_id: header(&headers, HEADER_WEBHOOK_ID).map(str::to_owned),
            verdict,
            status: status.as_u16(),
            body: serde_json::from_slice(&body)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned())),
        })?;
    }
    Ok((status, Json(json!({"verdict": verdict}))))
}

/// Checks a delivery by Standard Webhooks against each secret that may have signed it.
fn check(secrets: &[String], headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Verdict {
    if secrets.is_empty() {
        return Verdict::Unchecked;
    }
    let timestamp = header(headers, HEADER_WEBHOOK_TIMESTAMP).and_then(|text| text.parse::<i64>().ok());
    let (Some(id), Some(timestamp), Some(signatures)) =
        (header(headers, HEADER_WEBHOOK_ID), timestamp, header(headers, HEADER_WEBHOOK_SIGNATURE))
    else {
        return Verdict::MissingHeaders;
    };
    if now.timestamp().abs_diff(timestamp) > TOLERANCE.unsigned_abs() {
        return Verdict::Stale;
    }
    let signed = secrets
        .iter()
        .filter_map(|secret| Webhook::new(secret).ok()?.sign(id, timestamp, body).ok())
        .any(|expected| signatures.split(' ').any(|given| is_equal(given, &expected)));
    if signed { Verdict::Verified } else { Verdict::BadSignature }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn is_equal(given: &str, expected: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(given.as_bytes(), expected.as_bytes()).is_ok()
}

#[derive(Deserialize)]
struct Page {
    limit: Option<usize>,
}

async fn list(
    State(world): State<Arc<World>>,
    Path(name): Path<String>,
    Query(page): Query<Page>,
) -> Json<Vec<Receipt>> {
    let receipts = world.receipts.lock();
    let of_name = receipts.iter().rev().filter(|receipt| receipt.name == name);
    Json(of_name.take(page.limit.unwrap_or(KEPT)).cloned().collect())
}
