//! The SMS gateway: takes messages by the generic contract and shows them as the phone would.
//!
//! A message is known by the sender's `messageId`: the same id again is answered with the first answer and reaches the
//! phone once. Receipts go to the configured address, if there is one.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::fault::{Mode, Target, strike, take};
use crate::refusal::{Refusal, parse};
use crate::store::Record;
use crate::token::token;
use crate::world::World;

/// A message as the gateway keeps it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    /// The sender's messageId.
    id: String,
    gateway_message_id: String,
    /// E.164.
    mobile: String,
    text: String,
    sent_at: DateTime<Utc>,
    /// How often it was handed in: more than once by a sender who didn't hear the answer.
    #[serde(default = "once")]
    handed_in: u32,
}

fn once() -> u32 {
    1
}

impl Record for Message {
    fn key(&self) -> &str {
        &self.id
    }
}

/// The generic contract's request. The gateway itself has no use for the sign name, the template and its variables, but
/// a request without them is not of the contract.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Send {
    message_id: String,
    mobile: String,
    #[serde(rename = "signName")]
    _sign_name: Option<String>,
    #[serde(rename = "templateCode")]
    _template_code: Option<String>,
    text: String,
    #[serde(rename = "variables", default)]
    _variables: Value,
}

/// `/sandbox/sms-gateway/send` for the platform, `/sandbox/sms` for whoever looks at the phone.
pub(crate) fn routes(world: &Arc<World>) -> Router<Arc<World>> {
    let faults = from_fn_with_state((Arc::clone(world), Target::Sms), strike);
    Router::new().route("/sandbox/sms-gateway/send", post(send).layer(faults)).route("/sandbox/sms", get(list))
}

async fn send(State(world): State<Arc<World>>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let request: Send = parse(&body)?;
    let mobile = e164(&request.mobile).ok_or_else(|| Refusal::invalid("mobile is not a telephone number"))?;
    if request.message_id.is_empty() || request.text.is_empty() {
        return Err(Refusal::invalid("messageId and text may not be empty"));
    }
    let mut messages = world.messages.lock();
    if let Some(mut known) = messages.get(&request.message_id).cloned() {
        known.handed_in += 1;
        let gateway_message_id = known.gateway_message_id.clone();
        messages.put(known)?;
        return Ok(Json(json!({"gatewayMessageId": gateway_message_id})));
    }
    let gateway_message_id = token("sms_");
    let message = Message {
        id: request.message_id,
        gateway_message_id: gateway_message_id.clone(),
        mobile,
        text: request.text,
        sent_at: world.now(),
        handed_in: 1,
    };
    messages.put(message.clone())?;
    drop(messages);
    report(&world, &message);
    Ok(Json(json!({"gatewayMessageId": gateway_message_id})))
}

/// Tells the platform, a while later, that the message has reached the phone: once, twice (`duplicate`) or not at all (`silent`). A
/// carrier does not run after a receipt that was refused.
fn report(world: &Arc<World>, message: &Message) {
    let Some(url) = world.config.sms_receipt_url.clone() else { return };
    let times = match take(world, Target::Sms, &[Mode::Duplicate, Mode::Silent]) {
        Some(Mode::Silent) => 0,
        Some(_) => 2,
        None => 1,
    };
    let receipt = json!({
        "gatewayMessageId": message.gateway_message_id,
        "messageId": message.id,
        "status": "DELIVERED",
        "deliveredAt": message.sent_at,
    });
    let (sender, stop) = (Arc::clone(world), world.stop.clone());
    world.tasks.spawn(stop.run_until_cancelled_owned(async move {
        // A receipt must not overtake the answer that names its message.
        sender.wait(sender.config.settle_after).await;
        for _ in 0..times {
            if let Err(error) = sender.http.post(&url).json(&receipt).send().await {
                tracing::warn!(error = %error.without_url(), "a receipt of the sandbox's SMS gateway was not taken");
            }
        }
    }));
}

#[derive(Deserialize)]
struct Phone {
    mobile: Option<String>,
}

async fn list(State(world): State<Arc<World>>, Query(phone): Query<Phone>) -> Result<Json<Vec<Value>>, Refusal> {
    let wanted = match phone.mobile.as_deref() {
        None | Some("") => None,
        Some(mobile) => Some(e164(mobile).ok_or_else(|| Refusal::invalid("mobile is not a telephone number"))?),
    };
    let messages = world.messages.lock();
    let shown = messages.iter().rev().filter(|message| wanted.as_ref().is_none_or(|mobile| *mobile == message.mobile));
    Ok(Json(shown.map(view).collect()))
}

fn view(message: &Message) -> Value {
    json!({
        "id": message.gateway_message_id,
        "mobile": message.mobile,
        "text": message.text,
        "sentAt": message.sent_at,
    })
}

/// A number as E.164: 11 digits are of the mainland. A plus sign that a query string turned into a space, or that was
/// left out before 86, is put back.
pub(crate) fn e164(number: &str) -> Option<String> {
    let digits: String = number.chars().filter(|sign| !matches!(sign, '+' | ' ' | '-')).collect();
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    match digits.len() {
        11 if digits.starts_with('1') && !number.starts_with('+') => Some(format!("+86{digits}")),
        7..=15 => Some(format!("+{digits}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::e164;

    #[test]
    fn numbers_are_known_in_every_usual_form() {
        for form in ["13800002077", "+8613800002077", " 8613800002077", "8613800002077", "+86 138-0000-2077"] {
            assert_eq!(e164(form).as_deref(), Some("+8613800002077"), "{form}");
        }
        assert_eq!(e164("+14155550123").as_deref(), Some("+14155550123"));
        for form in ["", "12345", "13800002077x", "+1234567890123456"] {
            assert_eq!(e164(form), None, "{form}");
        }
    }
}
