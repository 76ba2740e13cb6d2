//! The hash chain of one flow.
//!
//! `hash = SHA-256(previous hash || canonical JSON of the event)`; the first previous hash is 32 zero bytes. The
//! canonical JSON (RFC 8785) has exactly the members of [`hashed_form`]. docs/evidence.md says the same to outsiders.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait};
use serde_json::{Value, json};

use super::entity::{event_secret, flow_event};
use crate::{
    App,
    error::{Error, Result},
    flow::entity::sign_flow,
    ids::EventId,
    terms::{FlowEventType, FlowStatus},
    vault,
};

/// The hash before the first event.
pub const GENESIS: [u8; 32] = [0; 32];

/// What is to be remembered of an event besides its kind.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Facts without personal values.
    pub detail: Value,
    /// Personal values; the event holds their HMAC, a side row holds them sealed.
    pub private: Option<Value>,
}

impl Evidence {
    /// Facts only.
    pub fn facts(detail: Value) -> Self {
        Self { detail, private: None }
    }

    /// Facts, and personal values beside them.
    pub fn with_private(detail: Value, private: Value) -> Self {
        Self { detail, private: Some(private) }
    }
}

/// An event's rows: its link in the chain, and the personal values it speaks of.
pub struct Link {
    /// The event.
    pub event: flow_event::ActiveModel,
    /// What it holds the HMAC of.
    pub secret: Option<event_secret::ActiveModel>,
}

/// Makes the next event of the flow's chain and moves the flow's head in memory; the caller writes the rows and the
/// flow's.
pub fn next(
    app: &App,
    flow: &mut sign_flow::Model,
    event_key: &[u8],
    step: (FlowEventType, Option<FlowStatus>, FlowStatus),
    evidence: Evidence,
) -> Result<Link> {
    let (kind, from_status, to_status) = step;
    let id: EventId = app.id();
    let occurred_at = app.now();
    let mut detail = match evidence.detail {
        Value::Object(map) => map,
        Value::Null => serde_json::Map::new(),
        other => return Err(Error::internal(format!("an event's detail is an object, not {other}"))),
    };
    let mut secret = None;
    if let Some(private) = &evidence.private {
        let text = canonical(private)?;
        detail.insert("privateHmac".into(), vault::hmac_hex(event_key, text.as_bytes()).into());
        let place = format!("event_secret.body:{id}");
        let body = app.vault.seal(&app.random, &place, text.as_bytes());
        secret = Some(event_secret::ActiveModel { event_id: Set(id), flow_id: Set(flow.id), body: Set(body) });
    }
    let detail = Value::Object(detail);
    let seq = flow.event_count + 1;
    let form = hashed_form(id, flow, seq, (kind, from_status, to_status), &detail, occurred_at);
    let hash = link(&flow.head_hash, &canonical(&form)?);
    let event = flow_event::ActiveModel {
        id: Set(id),
        flow_id: Set(flow.id),
        client_id: Set(flow.client_id),
        flow_no: Set(flow.flow_no.clone()),
        scene: Set(flow.scene),
        seq: Set(seq),
        kind: Set(kind),
        from_status: Set(from_status),
        to_status: Set(to_status),
        detail: Set(canonical(&detail)?),
        prev_hash: Set(std::mem::take(&mut flow.head_hash)),
        hash: Set(hash.to_vec()),
        occurred_at: Set(occurred_at),
        ..Default::default()
    };
    flow.head_hash = hash.to_vec();
    flow.event_count = seq;
    Ok(Link { event, secret })
}

impl Link {
    /// Writes the rows in a transaction that has locked the flow.
    pub async fn write(self, tx: &DatabaseTransaction) -> Result<()> {
        if let Some(secret) = self.secret {
            event_secret::Entity::insert(secret).exec_without_returning(tx).await?;
        }
        flow_event::Entity::insert(self.event).exec_without_returning(tx).await?;
        Ok(())
    }
}

fn hashed_form(
    id: EventId,
    flow: &sign_flow::Model,
    seq: i32,
    (kind, from, to): (FlowEventType, Option<FlowStatus>, FlowStatus),
    detail: &Value,
    occurred_at: DateTime<Utc>,
) -> Value {
    json!({
        "id": id,
        "flowId": flow.id,
        "flowNo": flow.flow_no,
        "seq": seq,
        "type": kind,
        "fromStatus": from,
        "toStatus": to,
        "detail": detail,
        "occurredAt": occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true),
    })
}

fn link(previous: &[u8], canonical: &str) -> [u8; 32] {
    vault::sha256(&[previous, canonical.as_bytes()].concat())
}

/// RFC 8785 (JCS).
pub fn canonical(value: &Value) -> Result<String> {
    serde_json_canonicalizer::to_string(value).map_err(Error::internal)
}

/// Where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {seq}: {why}")]
pub struct Broken {
    /// The event at which it shows.
    pub seq: i32,
    /// What doesn't fit.
    pub why: &'static str,
}

/// Checks a flow's whole chain against the flow itself: the chain holds, it ends where the flow says, and what its
/// events repeat of the flow, outside what is hashed (whose it is, its scene), is the flow's.
pub fn verify_flow(flow: &sign_flow::Model, events: &[flow_event::Model]) -> Result<(), Broken> {
    let head = verify(events)?;
    let seq = i32::try_from(events.len()).unwrap_or(i32::MAX);
    if let Some(event) = events
        .iter()
        .find(|event| (event.flow_id, event.client_id, event.scene) != (flow.id, flow.client_id, flow.scene))
    {
        return Err(Broken { seq: event.seq, why: "the event is filed under another flow, client or scene" });
    }
    if flow.event_count != seq || flow.head_hash != head {
        return Err(Broken { seq, why: "the chain does not end where the flow says" });
    }
    Ok(())
}

/// Checks a whole chain, in order of `seq`; gives its head.
pub fn verify(events: &[flow_event::Model]) -> Result<[u8; 32], Broken> {
    let mut head = GENESIS;
    for (expected, event) in (1..).zip(events) {
        let broken = |why| Broken { seq: event.seq, why };
        if event.seq != expected {
            return Err(broken("an event is missing or stands twice"));
        }
        if event.prev_hash != head {
            return Err(broken("the previous hash is not that of the event before"));
        }
        let detail: Value = serde_json::from_str(&event.detail).map_err(|_| broken("the detail is not JSON"))?;
        let form = json!({
            "id": event.id,
            "flowId": event.flow_id,
            "flowNo": event.flow_no,
            "seq": event.seq,
            "type": event.kind,
            "fromStatus": event.from_status,
            "toStatus": event.to_status,
            "detail": detail,
            "occurredAt": event.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        });
        let text = canonical(&form).map_err(|_| broken("the event has no canonical form"))?;
        head = link(&head, &text);
        if event.hash != head {
            return Err(broken("the hash is not that of the event"));
        }
    }
    Ok(head)
}
