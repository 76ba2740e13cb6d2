//! Standard Webhooks, from the receiver's side: `webhook-id`, `webhook-timestamp`, and `webhook-signature` with
//! HMAC-SHA256 over `id.timestamp.body`.
//!
//! The comparison takes the same time wherever two signatures differ, and the time comes from the system's one clock,
//! so that a test can move it.

use aws_lc_rs::hmac;
use axum::http::HeaderMap;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};

/// How far the sender's clock may be from ours, either way, in seconds.
const TOLERANCE: u64 = 5 * 60;
/// The longest `webhook-id` that is taken.
const ID_BYTES: usize = 200;

/// A secret that callbacks are signed with.
pub struct Secret(hmac::Key);

impl Secret {
    /// Reads `whsec_` and base64; the prefix may be left out, the key may not be empty.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text)).ok()?;
        (!bytes.is_empty()).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }
}

/// The id under which a genuine message was sent; an error says for the log what was wrong with it.
pub fn check<'a>(
    secret: &Secret,
    headers: &'a HeaderMap,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<&'a str, &'static str> {
    let id = one(headers, "webhook-id").ok_or("webhook-id is missing, doubled or not text")?;
    if id.is_empty() || id.len() > ID_BYTES {
        return Err("webhook-id is empty or too long");
    }
    let timestamp = one(headers, "webhook-timestamp").ok_or("webhook-timestamp is missing, doubled or not text")?;
    let seconds: i64 = timestamp.parse().map_err(|_| "webhook-timestamp is not a number")?;
    let signatures = one(headers, "webhook-signature").ok_or("webhook-signature is missing, doubled or not text")?;
    let mut signed = Vec::with_capacity(id.len() + timestamp.len() + body.len() + 2);
    signed.extend_from_slice(format!("{id}.{timestamp}.").as_bytes());
    signed.extend_from_slice(body);
    let is_ours = |text: &str| STANDARD.decode(text).is_ok_and(|tag| hmac::verify(&secret.0, &signed, &tag).is_ok());
    if !signatures.split(' ').filter_map(|text| text.strip_prefix("v1,")).any(is_ours) {
        return Err("webhook-signature does not match");
    }
    if now.timestamp().abs_diff(seconds) > TOLERANCE {
        return Err("webhook-timestamp is more than five minutes from our clock");
    }
    Ok(id)
}

/// A header that is there exactly once.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_c2FuZGJveC1jYWxsYmFja3MtYXJlLXNpZ25lZA==";
    const NOW: i64 = 1_800_000_000;
    const BODY: &[u8] = br#"{"challengeId":"c-1"}"#;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(NOW, 0).unwrap()
    }

    fn signed(id: &str, timestamp: i64, body: &str) -> HeaderMap {
        let signature = standardwebhooks::Webhook::new(SECRET).unwrap().sign(id, timestamp, body.as_bytes()).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", id.parse().unwrap());
        headers.insert("webhook-timestamp", timestamp.into());
        headers.insert("webhook-signature", signature.parse().unwrap());
        headers
    }

    fn ask(headers: &HeaderMap, body: &[u8]) -> Result<String, &'static str> {
        check(&Secret::parse(SECRET).unwrap(), headers, body, now()).map(ToOwned::to_owned)
    }

    #[test]
    fn what_the_reference_library_signs_is_genuine() {
        let body = std::str::from_utf8(BODY).unwrap();
        for distance in [-300, -1, 0, 300] {
            assert_eq!(ask(&signed("m-1", NOW + distance, body), BODY).as_deref(), Ok("m-1"), "{distance}");
        }
        let mut two = signed("m-1", NOW, body);
        let ours = two["webhook-signature"].to_str().unwrap().to_owned();
        two.insert("webhook-signature", format!("v1,AAAA v2,x {ours}").parse().unwrap());
        assert!(ask(&two, BODY).is_ok());
    }

    #[test]
    fn everything_else_is_not() {
        let body = std::str::from_utf8(BODY).unwrap();
        let good = signed("m-1", NOW, body);
        assert!(ask(&good, b"{}").is_err());
        assert!(ask(&signed("m-1", NOW - 301, body), BODY).is_err());
        assert!(ask(&signed("m-1", NOW + 301, body), BODY).is_err());
        for (name, value) in [
            ("webhook-id", "m-2"),
            ("webhook-id", ""),
            ("webhook-timestamp", "1800000001"),
            ("webhook-timestamp", "soon"),
            ("webhook-signature", ""),
            ("webhook-signature", "v1,"),
            ("webhook-signature", "v1,AAAA"),
        ] {
            let mut bad = good.clone();
            bad.insert(name, value.parse().unwrap());
            assert!(ask(&bad, BODY).is_err(), "{name}: {value}");
            let mut absent = good.clone();
            absent.remove(name);
            assert!(ask(&absent, BODY).is_err(), "{name}");
            let mut doubled = good.clone();
            doubled.append(name, good[name].clone());
            assert!(ask(&doubled, BODY).is_err(), "{name}");
        }
        let other = Secret::parse("whsec_b3RoZXI=").unwrap();
        assert!(check(&other, &good, BODY, now()).is_err());
    }

    #[test]
    fn a_secret_is_base64_and_not_empty() {
        assert!(Secret::parse("c2FuZGJveA==").is_some());
        for bad in ["", "whsec_", "whsec_!"] {
            assert!(Secret::parse(bad).is_none(), "{bad}");
        }
    }
}
