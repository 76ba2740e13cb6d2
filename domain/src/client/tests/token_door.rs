//! Everything the token doors refuse, and why.

use aws_lc_rs::{hmac, signature::Ed25519KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    client::{
        jws::{Refused, Ring},
        keyset::{ACCESS_TYP, Keyset, RESULT_TYP, verify_result},
        token::verify,
    },
    clock::Random,
    ids::ClientId,
};

const ISSUER: &str = "https://sign.example.cn";
const NOW: i64 = 1_800_000_000;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).unwrap()
}

fn keyset(seed: u64) -> Keyset {
    Keyset::generate(&Random::seeded(seed), now())
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "https://sign.example.cn/graphql", "sub": ClientId::new(Uuid::from_u128(7)),
        "exp": NOW + 900, "iat": NOW, "jti": "1", "scope": "flows:read",
    })
}

/// The claims with some of them otherwise; null takes one away.
fn claims_with(other: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in other.as_object().unwrap().clone() {
        claims[&name] = value;
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn kid(ring: &Ring) -> &str {
    &ring.keys()[0].kid
}

fn unsigned(header: &Value, claims: &Value) -> String {
    [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".")
}

fn with_signature(message: &str, signature: &[u8]) -> String {
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Signs any header and claims under the ring's own key: what an attacker can't do, so that each check stands alone.
fn forged(ring: &Ring, header: &Value, claims: &Value) -> String {
    let message = unsigned(header, claims);
    let pair = Ed25519KeyPair::from_pkcs8(ring.keys()[0].private.as_ref().unwrap().as_bytes()).unwrap();
    let signature = pair.sign(message.as_bytes());
    with_signature(&message, signature.as_ref())
}

fn refused(keys: &Keyset, token: &str) -> Option<Refused> {
    verify(keys, ISSUER, now(), token).err()
}

#[test]
fn the_forger_is_let_in_when_nothing_is_wrong() {
    let keys = keyset(1);
    let header = json!({"alg": "EdDSA", "typ": ACCESS_TYP, "kid": kid(&keys.access())});
    let forged = forged(&keys.access(), &header, &claims());
    assert_eq!(refused(&keys, &forged), None);
    assert_eq!(verify(&keys, ISSUER, now(), &forged).unwrap().jti, "1");
}

#[test]
fn headers_that_are_refused() {
    let keys = keyset(1);
    let ring = keys.access();
    let kid = kid(&ring);
    let table = [
        (json!({"alg": "EdDSA", "typ": "JWT", "kid": kid}), Refused::Type),
        (json!({"alg": "EdDSA", "typ": RESULT_TYP, "kid": kid}), Refused::Type),
        (json!({"alg": "EdDSA", "typ": "AT+JWT", "kid": kid}), Refused::Type),
        (json!({"alg": "EdDSA", "kid": kid}), Refused::Type),
        (json!({"alg": "none", "typ": ACCESS_TYP, "kid": kid}), Refused::Malformed),
        (json!({"alg": "None", "typ": ACCESS_TYP, "kid": kid}), Refused::Malformed),
        (json!({"alg": "", "typ": ACCESS_TYP, "kid": kid}), Refused::Malformed),
        (json!({"typ": ACCESS_TYP, "kid": kid}), Refused::Malformed),
        (json!({"alg": "HS256", "typ": ACCESS_TYP, "kid": kid}), Refused::Algorithm),
        (json!({"alg": "RS256", "typ": ACCESS_TYP, "kid": kid}), Refused::Algorithm),
        (json!({"alg": "ES256", "typ": ACCESS_TYP, "kid": kid}), Refused::Algorithm),
        (json!({"alg": "EdDSA", "typ": ACCESS_TYP, "kid": "other"}), Refused::UnknownKey),
        (json!({"alg": "EdDSA", "typ": ACCESS_TYP, "kid": "../../dev/null"}), Refused::UnknownKey),
        (json!({"alg": "EdDSA", "typ": ACCESS_TYP, "kid": ACCESS_TYP}), Refused::UnknownKey),
        (json!({"alg": "EdDSA", "typ": ACCESS_TYP}), Refused::UnknownKey),
        (json!({"alg": "EdDSA", "typ": ACCESS_TYP, "kid": kid, "crit": ["b64"], "b64": false}), Refused::Critical),
        (json!({"alg": "EdDSA", "typ": ACCESS_TYP, "kid": kid, "crit": []}), Refused::Critical),
    ];
    for (header, why) in table {
        assert_eq!(refused(&keys, &forged(&keys.access(), &header, &claims())), Some(why), "{header}");
    }
}

#[test]
fn claims_that_are_refused() {
    let keys = keyset(1);
    let table = [
        (json!({"iss": "https://evil.example"}), Refused::Issuer),
        (json!({"iss": "https://sign.example.cn/"}), Refused::Issuer),
        (json!({"aud": ISSUER}), Refused::Audience),
        (json!({"aud": "https://evil.example/graphql"}), Refused::Audience),
        (json!({"aud": "shop"}), Refused::Audience),
        (json!({"exp": NOW}), Refused::Expired),
        (json!({"exp": NOW - 1}), Refused::Expired),
        (json!({"exp": 0}), Refused::Expired),
        (json!({"exp": -1}), Refused::Expired),
        (json!({"exp": null}), Refused::Claims),
        (json!({"exp": "4102444800"}), Refused::Claims),
        (json!({"exp": 1e300}), Refused::Claims),
        (json!({"aud": [ISSUER]}), Refused::Claims),
        (json!({"aud": null}), Refused::Claims),
        (json!({"iss": null}), Refused::Claims),
        (json!({"sub": null}), Refused::Claims),
        (json!({"sub": "shop"}), Refused::Claims),
        (json!({"sub": "flow_00000000-0000-0000-0000-000000000007"}), Refused::Claims),
        (json!({"scope": ["flows:read"]}), Refused::Claims),
        (json!({"jti": null}), Refused::Claims),
    ];
    for (other, why) in table {
        let token = keys.access().sign(&claims_with(&other)).unwrap();
        assert_eq!(refused(&keys, &token), Some(why), "{other}");
    }
}

#[test]
fn signatures_that_are_refused() {
    let keys = keyset(1);
    let header = json!({"alg": "EdDSA", "typ": ACCESS_TYP, "kid": kid(&keys.access())});
    let good = forged(&keys.access(), &header, &claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let other_keys = keyset(2);
    let with_more = format!("{}.{signature}", unsigned(&header, &claims_with(&json!({"scope": "pii:read"}))));
    let table = [
        ("other claims under the old signature", with_more, Refused::Signature),
        ("another set's key under our kid", forged(&other_keys.access(), &header, &claims()), Refused::Signature),
        ("the result key under the access kid", forged(&keys.result(), &header, &claims()), Refused::Signature),
        ("no signature", format!("{message}."), Refused::Signature),
        ("zeros", with_signature(message, &[0; 64]), Refused::Signature),
        ("too long", format!("{message}.{signature}AAAA"), Refused::Signature),
        ("padding", format!("{good}=="), Refused::Signature),
        ("two parts", message.to_owned(), Refused::Malformed),
        ("four parts", format!("{good}.{signature}"), Refused::Malformed),
        ("no text at all", String::new(), Refused::Malformed),
        ("dots", "..".into(), Refused::Malformed),
        ("a blank in front", format!(" {good}"), Refused::Malformed),
        ("a scheme in front", format!("Bearer {good}"), Refused::Malformed),
    ];
    for (what, token, why) in table {
        assert_eq!(refused(&keys, &token), Some(why), "{what}");
    }
}

#[test]
fn no_single_changed_character_gets_through() {
    let keys = keyset(1);
    let good = keys.access().sign(&claims()).unwrap();
    for at in 0..good.len() {
        let mut changed = good.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(refused(&keys, &changed).is_some(), "character {at}");
    }
}

#[test]
fn the_public_key_is_no_shared_secret() {
    let keys = keyset(1);
    let header = json!({"alg": "HS256", "typ": ACCESS_TYP, "kid": kid(&keys.access())});
    let message = unsigned(&header, &claims());
    let ring = keys.access();
    let public = ring.keys()[0].public.try_get_as_bytes().unwrap();
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, public), message.as_bytes());
    assert_eq!(refused(&keys, &with_signature(&message, signature.as_ref())), Some(Refused::Algorithm));
}

#[test]
fn a_key_that_the_token_brings_along_is_not_looked_at() {
    let (keys, evil) = (keyset(1), keyset(2));
    let jwk = evil.access().keys()[0].jwk.clone();
    let brought = json!({"alg": "EdDSA", "typ": ACCESS_TYP, "kid": kid(&keys.access()), "jwk": jwk, "jku": "https://evil.example/jwks"});
    assert_eq!(refused(&keys, &forged(&evil.access(), &brought, &claims())), Some(Refused::Signature));
}

#[test]
fn each_door_refuses_the_tokens_of_the_other() {
    let keys = keyset(1);
    let access = keys.access().sign(&claims()).unwrap();
    let result = keys.sign_result(&claims());
    assert_eq!(refused(&keys, &access), None);
    assert_eq!(keys.verify_result(&result), Ok(claims()));
    assert_eq!(refused(&keys, &result), Some(Refused::Type));
    assert_eq!(keys.verify_result(&access), Err(Refused::Type));
    // Were one key handed to the other's purpose, the kid would still not be known there.
    let crossed = json!({"alg": "EdDSA", "typ": ACCESS_TYP, "kid": kid(&keys.result())});
    assert_eq!(refused(&keys, &forged(&keys.result(), &crossed, &claims())), Some(Refused::UnknownKey));
}

#[test]
fn a_result_token_is_checked_offline_with_the_published_keys() {
    let keys = keyset(1);
    let token = keys.sign_result(&json!({"sub": "flow_1", "status": "COMPLETED"}));
    let published: jsonwebtoken::jwk::JwkSet =
        serde_json::from_str(&serde_json::to_string(&keys.jwks()).unwrap()).unwrap();
    assert_eq!(verify_result(&published, &token).unwrap()["status"], "COMPLETED");
    assert_eq!(verify_result(&published, &keys.access().sign(&claims()).unwrap()), Err(Refused::Type));
    assert_eq!(verify_result(&keyset(2).jwks(), &token), Err(Refused::UnknownKey));
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = message.split_once('.').unwrap();
    let altered = format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(r#"{"sub":"flow_1","status":"FAILED"}"#));
    assert_eq!(verify_result(&published, &altered), Err(Refused::Signature));
}
