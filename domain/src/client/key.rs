//! One Ed25519 key (RFC 8032) of a ring: a private key that signs and verifies, or a public one that verifies only.

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    jwk::{Jwk, PublicKeyUse},
};

use crate::clock::Random;

/// A key and the id that tokens name it by.
pub struct Key {
    /// The `kid` of the token's header.
    pub kid: String,
    /// Signs; none where only the public half is known.
    pub private: Option<EncodingKey>,
    /// Verifies.
    pub public: DecodingKey,
    /// The public half as published.
    pub jwk: Jwk,
}

/// The text is not an Ed25519 key.
#[derive(Debug, thiserror::Error)]
#[error("not an Ed25519 key as PEM (PKCS#8 PRIVATE KEY or PUBLIC KEY)")]
pub struct NotAKey;

impl From<jsonwebtoken::errors::Error> for NotAKey {
    fn from(_: jsonwebtoken::errors::Error) -> Self {
        Self
    }
}

impl Key {
    /// Reads PEM: `PRIVATE KEY` (PKCS#8) or `PUBLIC KEY` (SPKI), as `openssl genpkey -algorithm ed25519` and
    /// `openssl pkey -pubout` write them.
    pub fn from_pem(kid: &str, pem: &str) -> Result<Self, NotAKey> {
        if !pem.contains("-----BEGIN PRIVATE KEY-----") {
            let public = DecodingKey::from_ed_pem(pem.as_bytes())?;
            return Self::new(kid, None, Jwk::from_decoding_key(&public, Some(Algorithm::EdDSA))?);
        }
        let private = EncodingKey::from_ed_pem(pem.as_bytes())?;
        // Signing reads the key anew each time and trusts it then, so a bad one is found here.
        Ed25519KeyPair::from_pkcs8(private.as_bytes()).map_err(|_| NotAKey)?;
        let jwk = Jwk::from_encoding_key(&private, Algorithm::EdDSA)?;
        Self::new(kid, Some(private), jwk)
    }

    /// A key as published in a JWKS; none when it isn't one of ours.
    pub fn from_jwk(jwk: &Jwk) -> Option<Self> {
        let kid = jwk.common.key_id.clone()?;
        (jwk.common.key_algorithm == Some(Algorithm::EdDSA.into())).then(|| Self::new(&kid, None, jwk.clone()).ok())?
    }

    fn new(kid: &str, private: Option<EncodingKey>, mut jwk: Jwk) -> Result<Self, NotAKey> {
        jwk.common.key_id = Some(kid.to_owned());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let public = DecodingKey::from_jwk(&jwk)?;
        Ok(Self { kid: kid.to_owned(), private, public, jwk })
    }
}

/// A fresh private key as PEM.
pub fn generate_pem(random: &Random) -> String {
    let pair = Ed25519KeyPair::from_seed_unchecked(&random.bytes::<32>()).expect("any 32 bytes are an Ed25519 seed");
    let der = pair.to_pkcs8v1().expect("an Ed25519 key has a PKCS#8 form");
    // 48 bytes of DER are exactly one line of 64 characters, the width PEM asks for (RFC 7468).
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()))
}
