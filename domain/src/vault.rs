//! Keys and what is done with them: personal data is encrypted on its way to a row, found again only through a keyed
//! hash, and an erased key erases what it protected.
//!
//! A sealed value is `key id length, key id, nonce (12), ciphertext, tag (16)`: AES-256-GCM under one key of the ring.
//! The newest key seals, every key of the ring opens, so keys rotate without a stop. What the value belongs to (table,
//! column, row) goes in as associated data: a value copied into another row can't be opened there.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    constant_time, digest, hmac,
};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    clock::Random,
    error::{Error, Result},
};

/// The longest id of a key, in bytes.
const LONGEST_ID: usize = 32;
const TAG_LEN: usize = 16;
/// As much of a sealed value as shows which key it is under, whatever the key is called.
pub const HEAD_BYTES: usize = 1 + LONGEST_ID + NONCE_LEN + TAG_LEN;

/// The key ring and the lookup key.
pub struct Vault {
    ring: Vec<(String, LessSafeKey)>,
    lookup: hmac::Key,
    lookup_id: String,
}

/// A key that can't be used. Names the key, never its bytes.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadKey(String);

impl Vault {
    /// Reads the ring (`id:base64 of 32 bytes`, newest first, separated by commas) and the lookup key (base64).
    pub fn new(ring: &str, lookup: &str) -> Result<Self, BadKey> {
        let ring = ring.split(',').map(|entry| ring_key(entry.trim())).collect::<Result<Vec<_>, _>>()?;
        if let Some((id, _)) = ring.iter().enumerate().find_map(|(at, key)| ring[..at].iter().find(|it| it.0 == key.0))
        {
            return Err(BadKey(format!("keys.ring: the key id {id} stands twice")));
        }
        let lookup = key_bytes("keys.lookup", lookup)?;
        let lookup_id = hex::encode(&digest::digest(&digest::SHA256, &lookup).as_ref()[..4]);
        Ok(Self { ring, lookup: hmac::Key::new(hmac::HMAC_SHA256, &lookup), lookup_id })
    }

    /// A fresh key as it stands in a ring: for the sandbox's first start and for tests.
    pub fn generate_ring(random: &Random, id: &str) -> String {
        format!("{id}:{}", STANDARD.encode(random.bytes::<32>()))
    }

    /// A fresh lookup key.
    pub fn generate_lookup(random: &Random) -> String {
        STANDARD.encode(random.bytes::<32>())
    }

    /// Encrypts a value that belongs to `place` (`table.column:row`).
    pub fn seal(&self, random: &Random, place: &str, clear: &[u8]) -> Vec<u8> {
        let (id, key) = &self.ring[0];
        let nonce: [u8; NONCE_LEN] = random.bytes();
        let head = head(id);
        let mut sealed = Vec::with_capacity(head.len() + NONCE_LEN + clear.len() + TAG_LEN);
        sealed.extend_from_slice(&head);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(clear);
        let body = &mut sealed[head.len() + NONCE_LEN..];
        let tag = key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), body)
            .expect("AES-GCM seals anything below 64 GiB");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Decrypts what [`Vault::seal`] made for the same place.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let unreadable = || Error::internal(format!("a sealed value of {place} can't be opened with the key ring"));
        let id = key_id(sealed).ok_or_else(unreadable)?;
        let (nonce, body) = sealed[1 + id.len()..].split_at_checked(NONCE_LEN).ok_or_else(unreadable)?;
        let (_, key) = self.ring.iter().find(|(ring_id, _)| ring_id == id).ok_or_else(unreadable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| unreadable())?;
        let mut body = body.to_vec();
        let length = key.open_in_place(nonce, Aad::from(place), &mut body).map_err(|_| unreadable())?.len();
        body.truncate(length);
        Ok(body)
    }

    /// The key that seals.
    pub fn newest_key_id(&self) -> &str {
        &self.ring[0].0
    }

    /// The ids of all keys of the ring, newest first.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.ring.iter().map(|(id, _)| id.as_str())
    }

    /// The keyed hash by which a value can be found but not guessed. `purpose` keeps the hashes of different columns apart.
    pub fn lookup(&self, purpose: &str, value: &str) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.lookup);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        context.sign().as_ref().to_vec()
    }

    /// The id of the lookup key, kept beside hashes so that a change of key is noticed.
    pub fn lookup_key_id(&self) -> &str {
        &self.lookup_id
    }
}

/// What every value begins with that is sealed under the key of this id.
pub fn head(id: &str) -> Vec<u8> {
    let length = u8::try_from(id.len()).expect("a key id has at most 32 characters");
    [&[length], id.as_bytes()].concat()
}

/// The id of the key that a sealed value is under; none: it is no sealed value.
pub fn key_id(sealed: &[u8]) -> Option<&str> {
    let (&length, rest) = sealed.split_first()?;
    let (id, rest) = rest.split_at_checked(length.into())?;
    let long_enough = (1..=LONGEST_ID).contains(&id.len()) && rest.len() >= NONCE_LEN + TAG_LEN;
    std::str::from_utf8(id).ok().filter(|_| long_enough)
}

/// HMAC-SHA-256 under a key of its own, hex: how an event names a personal value without holding it.
pub fn hmac_hex(key: &[u8], value: &[u8]) -> String {
    hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), value))
}

/// SHA-256, hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(sha256(bytes))
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest::digest(&digest::SHA256, bytes).as_ref().try_into().expect("SHA-256 is 32 bytes")
}

/// Compares without telling by time where two values differ.
pub fn same(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

fn ring_key(entry: &str) -> Result<(String, LessSafeKey), BadKey> {
    let (id, key) = entry.split_once(':').ok_or_else(|| BadKey("keys.ring: write id:base64, newest first".into()))?;
    if id.is_empty() || id.len() > LONGEST_ID {
        return Err(BadKey("keys.ring: a key id has 1-32 characters".into()));
    }
    let bytes = key_bytes("keys.ring", key)?;
    let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| BadKey("keys.ring: not an AES-256 key".into()))?;
    Ok((id.to_owned(), LessSafeKey::new(key)))
}

fn key_bytes(name: &str, text: &str) -> Result<Vec<u8>, BadKey> {
    match STANDARD.decode(text.trim()) {
        Ok(bytes) if bytes.len() == 32 => Ok(bytes),
        _ => Err(BadKey(format!("{name}: not base64 of 32 bytes"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation_opens_old_values_and_another_place_opens_nothing() {
        let random = Random::seeded(1);
        let (old, new) = (Vault::generate_ring(&random, "k1"), Vault::generate_ring(&random, "k2"));
        let lookup = Vault::generate_lookup(&random);
        let before = Vault::new(&old, &lookup).unwrap();
        let sealed = before.seal(&random, "flow.input:1", b"secret");
        let after = Vault::new(&format!("{new},{old}"), &lookup).unwrap();
        assert_eq!(after.open("flow.input:1", &sealed).unwrap(), b"secret");
        assert!(after.open("flow.input:2", &sealed).is_err());
        assert!(Vault::new(&new, &lookup).unwrap().open("flow.input:1", &sealed).is_err());
        for cut in 0..sealed.len() {
            assert!(after.open("flow.input:1", &sealed[..cut]).is_err());
        }
        assert_eq!((key_id(&sealed), after.newest_key_id()), (Some("k1"), "k2"));
        assert!(sealed.starts_with(&head("k1")));
        assert_eq!(key_id(&after.seal(&random, "flow.input:1", b"")), Some("k2"));
        assert_eq!((key_id(&sealed[..20]), key_id(&[0; 40]), key_id(b"")), (None, None, None));
    }

    #[test]
    fn bad_keys_are_named_but_not_shown() {
        let good = Vault::generate_lookup(&Random::seeded(1));
        let twice = format!("k1:{good},k2:{good},k1:{good}");
        for bad in ["", "k1", "k1:short", ":AAAA", &twice] {
            assert!(Vault::new(bad, &good).is_err_and(|e| e.to_string().starts_with("keys.ring")), "{bad}");
        }
    }
}
