//! The chain of a flow, recomputed as docs/evidence.md tells outsiders to; no code of the platform's has a part in it.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use crate::Failure;

/// Checks the events of one flow, in order, as the API gives them; gives the hash of the last.
pub fn verify(events: &[&Value]) -> Result<String, Failure> {
    let mut head = vec![0; 32];
    for (place, event) in (1_u64..).zip(events) {
        if event["seq"].as_u64() != Some(place) {
            return Err(format!("event {} stands at place {place}", event["seq"]));
        }
        let canonical = canonical(event)?;
        head = digest(&SHA256, &[head.as_slice(), canonical.as_bytes()].concat()).as_ref().to_vec();
        if event["hash"].as_str() != Some(&hex::encode(&head)) {
            return Err(format!("the hash of event {place} is not that of {canonical}"));
        }
    }
    Ok(hex::encode(head))
}

/// SHA-256, hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

fn canonical(event: &Value) -> Result<String, Failure> {
    let at = event["occurredAt"].as_str().unwrap_or_default();
    let at = DateTime::parse_from_rfc3339(at).map_err(|error| format!("{at}: {error}"))?.to_utc();
    let form = json!({
        "id": event["id"],
        "flowId": event["flowId"],
        "flowNo": event["flowNo"],
        "seq": event["seq"],
        "type": event["type"],
        "fromStatus": event["fromStatus"],
        "toStatus": event["toStatus"],
        "detail": event["detail"],
        "occurredAt": at.to_rfc3339_opts(SecondsFormat::Micros, true),
    });
    serde_json_canonicalizer::to_string(&form).map_err(|error| error.to_string())
}
