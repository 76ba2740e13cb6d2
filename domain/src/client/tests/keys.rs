//! The folder of signing keys.

use std::{fs, path::Path};

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::{
    client::{
        jws::Refused,
        key::{Key, generate_pem},
        keyset::{Keyset, KeysetError},
    },
    clock::Random,
};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// The public half of a private key, as `openssl pkey -pubout` would write it.
fn public_pem(private: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let spki_head = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let key = Key::from_pem("any", private).unwrap();
    let der = [&spki_head, key.public.try_get_as_bytes().unwrap()].concat();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
}

fn put(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

fn load_error(folder: &Path) -> String {
    Keyset::load(folder).err().unwrap().to_string()
}

#[test]
fn the_first_start_makes_the_keys_and_the_second_finds_them() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("data/tokens");
    let random = Random::seeded(1);
    let first = Keyset::load_or_create(&folder, &random, now()).unwrap();
    let second = Keyset::load_or_create(&folder, &random, now()).unwrap();
    assert_eq!(first.jwks(), second.jwks());
    let token = first.sign_result(&json!({"sub": "flow_1"}));
    assert_eq!(second.verify_result(&token).unwrap(), json!({"sub": "flow_1"}));
    // Nothing half-made is left beside the folder, and nobody else can read what is in it.
    assert_eq!(fs::read_dir(place.path().join("data")).unwrap().count(), 1);
    for file in fs::read_dir(&folder).unwrap() {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn processes_that_start_together_agree_on_the_keys() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("tokens");
    let sets: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8)
            .map(|seed| {
                scope.spawn({
                    let folder = &folder;
                    move || Keyset::load_or_create(folder, &Random::seeded(seed), now()).unwrap().jwks()
                })
            })
            .collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert!(sets.iter().all(|set| *set == sets[0]));
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn the_newest_private_key_signs_and_all_verify() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let random = Random::seeded(1);
    let (old, new) = (generate_pem(&random), generate_pem(&random));
    put(folder, "access-2026.pem", &generate_pem(&random));
    put(folder, "result-2026.pem", &old);
    let before = Keyset::load(folder).unwrap();
    let old_token = before.sign_result(&json!({"n": 1}));
    assert_eq!(jsonwebtoken::decode_header(&old_token).unwrap().kid.as_deref(), Some("result-2026"));

    // The new public key goes out first: it verifies everywhere before anybody signs with it.
    put(folder, "result-2027.pem", &public_pem(&new));
    let between = Keyset::load(folder).unwrap();
    let still_old = between.sign_result(&json!({"n": 2}));
    assert_eq!(jsonwebtoken::decode_header(&still_old).unwrap().kid.as_deref(), Some("result-2026"));

    // Then the private one signs, and of the old key the public half stays.
    put(folder, "result-2027.pem", &new);
    put(folder, "result-2026.pem", &public_pem(&old));
    let after = Keyset::load(folder).unwrap();
    let new_token = after.sign_result(&json!({"n": 3}));
    assert_eq!(jsonwebtoken::decode_header(&new_token).unwrap().kid.as_deref(), Some("result-2027"));
    for token in [&old_token, &still_old, &new_token] {
        after.verify_result(token).unwrap();
        between.verify_result(token).unwrap();
    }
    assert_eq!(before.verify_result(&new_token), Err(Refused::UnknownKey));
    assert_eq!(after.jwks().keys.len(), 3);
}

#[test]
fn the_published_keys_hold_no_private_part() {
    let published = serde_json::to_value(Keyset::generate(&Random::seeded(1), now()).jwks()).unwrap();
    let keys = published["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let names: Vec<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"]);
        assert_eq!(
            (&key["kty"], &key["crv"], &key["alg"], &key["use"]),
            (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA"), &json!("sig"))
        );
    }
    assert_ne!(keys[0]["kid"], keys[1]["kid"]);
}

#[test]
fn folders_that_are_refused_name_the_file_and_not_the_key() {
    let random = Random::seeded(1);
    let (good, secret) = (generate_pem(&random), generate_pem(&random));
    let cut = secret.replace("-----END", "AAAA-----END");
    let body = secret.lines().nth(1).unwrap().to_owned();
    let table = [
        ("access-a b.pem", secret.as_str(), "access-a b.pem: a key's file name"),
        ("access-密钥.pem", &secret, "access-密钥.pem: a key's file name"),
        ("access-1.pem", "", "access-1.pem: not an Ed25519 key"),
        ("access-1.pem", &body, "access-1.pem: not an Ed25519 key"),
        ("access-1.pem", &cut, "access-1.pem: not an Ed25519 key"),
        ("access-1.pem", &public_pem(&secret), "no private key access-"),
        ("README.pem", &secret, "no private key access-"),
    ];
    for (name, text, problem) in table {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "result-good.pem", &good);
        put(folder.path(), name, text);
        let error = load_error(folder.path());
        assert!(error.contains(problem), "{name}: {error}");
        assert!(!error.contains(&body), "{name}");
    }
    assert!(matches!(Keyset::load(Path::new("/nowhere/at/all")), Err(KeysetError::Io(..))));
    let one_sided = tempfile::tempdir().unwrap();
    put(one_sided.path(), "access-1.pem", &good);
    assert!(load_error(one_sided.path()).contains("no private key result-"));
}
