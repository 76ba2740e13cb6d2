//! What an event of the chain tells people.

use serde_json::Value;

use super::{
    entries::plain,
    timeline::{Entry, Fact, What},
};
use crate::{
    App,
    error::Result,
    event::entity::{event_secret, flow_event},
    flow::input::Subject,
    terms::FlowEventType as Kind,
};

/// The members of an event's detail that people look for. Digests and ids of rows are evidence, and stay there.
const TOLD: &[&str] = &[
    "gateway",
    "gatewayMessageId",
    "failureCode",
    "ordinal",
    "attempt",
    "challengeId",
    "entriesLeft",
    "reason",
    "retryable",
    "expiresAt",
    "validUntil",
    "source",
    "tries",
    "failure",
    "code",
    "kind",
    "ink",
    "position",
    "seconds",
    "complete",
    "authType",
    "agreementType",
];

/// An event as an entry of the timeline. `subject`: whose values are masked in what people wrote; none: they were erased.
pub(super) fn of_event(
    app: &App,
    event: &flow_event::Model,
    secret: Option<&event_secret::Model>,
    subject: Option<&Subject>,
) -> Result<Entry> {
    let detail: Value = serde_json::from_str(&event.detail)?;
    let mut entry = Entry::new(event.occurred_at, What::Event(event.kind));
    entry.seq = event.seq;
    entry.by = Some(detail.get("by").map_or_else(|| actor(event.kind).to_owned(), plain));
    entry.facts = TOLD
        .iter()
        .filter_map(|name| Some(Fact { name, value: plain(detail.get(name).filter(|value| !value.is_null())?) }))
        .collect();
    if let Some(documents) = detail.get("documents").and_then(Value::as_array) {
        entry.facts.push(Fact { name: "documents", value: documents.len().to_string() });
    }
    entry.gist = !matches!(event.kind, Kind::Read | Kind::Consented);
    entry.failure = is_failure(event.kind);
    if let (Some(secret), Some(subject)) = (secret, subject) {
        let place = format!("event_secret.body:{}", event.id);
        private(&mut entry, &serde_json::from_slice(&app.vault.open(&place, &secret.body)?)?, subject);
    }
    Ok(entry)
}

/// What an event knows of a person, as people may see it.
fn private(entry: &mut Entry, body: &Value, subject: &Subject) {
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    entry.note = text("reason").map(|reason| subject.masked_in(reason));
    let mut fact = |name, value: Option<String>| entry.facts.extend(value.map(|value| Fact { name, value }));
    fact("address", text("address").map(masked_address));
    fact("device", text("device").map(device));
}

/// The half of an address that says from where, and not from whom.
fn masked_address(address: &str) -> String {
    match address.parse() {
        Ok(std::net::IpAddr::V4(four)) => {
            let [a, b, ..] = four.octets();
            format!("{a}.{b}.*.*")
        }
        Ok(std::net::IpAddr::V6(six)) => {
            let [a, b, ..] = six.segments();
            format!("{a:x}:{b:x}:*")
        }
        Err(_) => "*".to_owned(),
    }
}

/// Which kind of device it says it is; the rest of what it says would tell one phone from another.
fn device(agent: &str) -> String {
    let known =
        |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let app = known(&[
        ("MicroMessenger", "WeChat"),
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = known(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("HarmonyOS", "HarmonyOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (app, system) {
        (Some(app), Some(system)) => format!("{app} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "?".to_owned(),
    }
}

/// Who does what names nobody.
fn actor(kind: Kind) -> &'static str {
    match kind {
        Kind::LinkOpened
        | Kind::Read
        | Kind::Consented
        | Kind::Signed
        | Kind::Declined
        | Kind::AuthRequested
        | Kind::MaterialSubmitted => "signatory",
        Kind::AuthPassed | Kind::AuthRejected | Kind::MaterialRefused => "auth",
        _ => "system",
    }
}

fn is_failure(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::StartFailed
            | Kind::SmsExhausted
            | Kind::SignFailed
            | Kind::ChallengeFailed
            | Kind::MaterialRefused
            | Kind::AuthRejected
            | Kind::SealFailed
            | Kind::SealAbandoned
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_a_device_tell_no_person() {
        for (address, shown) in [("112.17.33.44", "112.17.*.*"), ("2408:8207:1::5", "2408:8207:*"), ("here", "*")] {
            assert_eq!(masked_address(address), shown);
        }
        let agent =
            "Mozilla/5.0 (Linux; Android 15; PJD110 Build/TP1A) AppleWebKit/537.36 Chrome/116 MicroMessenger/8.0.47";
        for (agent, shown) in [(agent, "WeChat · Android"), ("curl/8.5", "?"), ("Mozilla/5.0 (iPhone)", "iPhone")] {
            assert_eq!(device(agent), shown);
        }
    }
}
