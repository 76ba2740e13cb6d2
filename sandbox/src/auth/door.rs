//! The auth system's API, as the contract has it.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::challenge::{AuthType, Challenge, Status};
use super::{find, outcome, update};
use crate::refusal::{Refusal, parse};
use crate::sms::e164;
use crate::token::{amount, token};
use crate::world::World;

/// What a challenge is asked for with.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    idempotency_key: String,
    scene: String,
    fund_purpose: String,
    subject: Subject,
    auth_type: AuthType,
    // The addresses are no part of the content: a platform that has moved asks for the same challenge.
    #[serde(skip_serializing)]
    callback_url: Option<String>,
    #[serde(skip_serializing)]
    return_url: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Subject {
    r#type: String,
    role: String,
    #[serde(rename = "subjectNo")]
    number: String,
    name: String,
    id_document: IdDocument,
    mobile: String,
    bank_account: Option<BankAccount>,
    signatory: Option<Signatory>,
}

#[derive(Deserialize, Serialize)]
struct IdDocument {
    r#type: String,
    number: String,
}

/// The person who signs for a company.
#[derive(Deserialize, Serialize)]
struct Signatory {
    name: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct BankAccount {
    account_no: String,
    bank_name: String,
    bank_code: Option<String>,
}

/// `POST challenges`: a new challenge, or the one this key already has.
pub(super) async fn create(State(world): State<Arc<World>>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let order: Order = parse(&body)?;
    order.check()?;
    let asked = order.open(&world)?;
    let mut challenges = world.challenges.lock();
    let challenge = match challenges.get(&asked.id) {
        Some(known) if known.content_digest != asked.content_digest => {
            let message = "this idempotencyKey has a challenge with other content";
            return Err(Refusal::new(StatusCode::CONFLICT, "IDEMPOTENCY_CONFLICT", message));
        }
        Some(known) => known.clone(),
        None => {
            challenges.put(asked.clone())?;
            asked
        }
    };
    Ok(Json(challenge.state(world.now(), &world.config.public_url)))
}

impl Order {
    fn check(&self) -> Result<(), Refusal> {
        if self.idempotency_key.is_empty() || self.idempotency_key.len() > 200 {
            return Err(Refusal::invalid("idempotencyKey has 1 to 200 bytes"));
        }
        if !self.subject.mobile.starts_with('+') || e164(&self.subject.mobile).is_none() {
            return Err(Refusal::invalid("subject.mobile is not E.164"));
        }
        if self.auth_type == AuthType::Payment && self.subject.bank_account.is_none() {
            return Err(Refusal::invalid("subject.bankAccount is needed for PAYMENT_VERIFICATION"));
        }
        let addresses = self.callback_url.iter().chain([&self.return_url]);
        if addresses.into_iter().any(|url| origin(url).is_none()) {
            return Err(Refusal::invalid("callbackUrl and returnUrl are http or https addresses"));
        }
        Ok(())
    }

    /// The challenge this order would open now.
    fn open(self, world: &World) -> Result<Challenge, Refusal> {
        let is_payment = self.auth_type == AuthType::Payment;
        let valid_for = if is_payment { world.config.payment_valid_for } else { world.config.face_valid_for };
        let content = serde_json::to_vec(&self).map_err(|_| Refusal::invalid("the order cannot be written down"))?;
        let now = world.now();
        let account = self.subject.bank_account.filter(|_| is_payment);
        Ok(Challenge {
            id: format!("chl_{}", short_digest(self.idempotency_key.as_bytes())),
            request_id: token("req_"),
            auth_type: self.auth_type,
            content_digest: short_digest(&content),
            callback_url: self.callback_url,
            return_url: self.return_url,
            masked_account: account.map(|account| account.masked()),
            amount: is_payment.then(amount),
            entries: Vec::new(),
            status: Status::Pending,
            retryable: false,
            reason: None,
            credential: None,
            valid_until: None,
            created_at: now,
            expires_at: later(now, valid_for),
            settles_at: None,
            reported: None,
            callbacks: None,
            idempotency_key: self.idempotency_key,
        })
    }
}

impl BankAccount {
    fn masked(&self) -> String {
        let digits: Vec<char> = self.account_no.chars().collect();
        let tail: String = digits[digits.len().saturating_sub(4)..].iter().collect();
        format!("{} ···· {tail}", self.bank_name)
    }
}

/// `GET challenges/{id}`.
pub(super) async fn show(State(world): State<Arc<World>>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    Ok(Json(find(&world, &id)?.state(world.now(), &world.config.public_url)))
}

/// What the user entered.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Material {
    entry_id: String,
    /// In fen.
    amount: i64,
}

/// `POST challenges/{id}/materials`: takes an amount.
pub(super) async fn submit_material(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let material: Material = parse(&body)?;
    if find(&world, &id)?.auth_type == AuthType::Face {
        return Err(Refusal::invalid("a face challenge takes its material on its own page"));
    }
    let now = world.now();
    let settles_at = later(now, world.config.settle_after);
    let (challenge, has_moved) =
        update(&world, &id, |challenge| challenge.enter(&material.entry_id, material.amount, now, settles_at))?;
    if has_moved {
        outcome::follow(&world, &challenge);
    }
    Ok(Json(challenge.state(now, &world.config.public_url)))
}

/// `POST challenges/{id}/cancellation`: ends a challenge that still waits; any other stays as it is.
pub(super) async fn cancel(State(world): State<Arc<World>>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    let now = world.now();
    let (challenge, _) = update(&world, &id, |challenge| challenge.cancel(now))?;
    Ok(Json(challenge.state(now, &world.config.public_url)))
}

/// `GET challenges/{id}/evidence`: what the auth system has to show for a passed challenge; the same bytes each time.
pub(super) async fn evidence(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let challenge = find(&world, &id)?;
    if challenge.status != Status::Passed {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "NO_EVIDENCE", "only a passed challenge has evidence"));
    }
    let document = json!({
        "kind": "sandbox auth evidence",
        "challengeId": challenge.id,
        "idempotencyKey": challenge.idempotency_key,
        "requestId": challenge.request_id,
        "authType": challenge.auth_type,
        "status": challenge.status,
        "maskedAccount": challenge.masked_account,
        "entries": challenge.entries.len(),
        "createdAt": challenge.created_at,
        "validUntil": challenge.valid_until,
    });
    Ok(([(header::CONTENT_TYPE, "application/json")], document.to_string()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wanted {
    flow_no: Option<String>,
}

/// `GET challenges?flowNo=`, unsigned: for whoever looks on, oldest first.
pub(super) async fn list(State(world): State<Arc<World>>, Query(wanted): Query<Wanted>) -> Json<Vec<Value>> {
    let now = world.now();
    let challenges = world.challenges.lock();
    let of_flow =
        challenges.iter().filter(|challenge| wanted.flow_no.as_deref().is_none_or(|no| no == challenge.flow_no()));
    let view = |challenge: &Challenge| {
        json!({
            "challengeId": challenge.id,
            "idempotencyKey": challenge.idempotency_key,
            "authType": challenge.auth_type,
            "status": challenge.status_at(now),
            "amount": challenge.amount,
        })
    };
    Json(of_flow.map(view).collect())
}

/// Scheme and authority of an http or https address.
pub(super) fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    Some(format!("{scheme}://{}", uri.authority()?))
}

/// `now` and a while, never past the calendar's end.
pub(super) fn later(now: DateTime<Utc>, while_: Duration) -> DateTime<Utc> {
    let delta = TimeDelta::from_std(while_).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn short_digest(bytes: &[u8]) -> String {
    hex::encode(&digest::digest(&digest::SHA256, bytes).as_ref()[..16])
}
