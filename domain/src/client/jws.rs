//! Signed tokens (RFC 7515, compact) under one ring of keys and one `typ`: the part that access and result tokens share.
//!
//! Before a claim is looked at: the algorithm is EdDSA, the `typ` is the ring's, no `crit` extension is asked for, the
//! `kid` is one of the ring's, and the signature is right under that key. Keys that a token brings along (`jwk`, `jku`,
//! `x5u`) are never looked at.

use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::{Serialize, de::DeserializeOwned};

use super::key::Key;

/// Why a token is refused. Doors say UNAUTHENTICATED to all of them; only the offline check says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not a compact JWS, or an algorithm that has no name here, `none` among them.
    #[error("not a token")]
    Malformed,
    /// Another algorithm than EdDSA.
    #[error("the algorithm is not EdDSA")]
    Algorithm,
    /// Another kind of token.
    #[error("another kind of token")]
    Type,
    /// The header asks for an extension (`crit`).
    #[error("the token needs an extension that is not supported")]
    Critical,
    /// No key of this id.
    #[error("signed by an unknown key")]
    UnknownKey,
    /// Altered, or signed by somebody else.
    #[error("the signature is wrong")]
    Signature,
    /// Rightly signed, but the claims aren't those of this kind of token.
    #[error("the claims are not those of this kind of token")]
    Claims,
    /// Issued by somebody else.
    #[error("issued by somebody else")]
    Issuer,
    /// Meant for somebody else.
    #[error("meant for somebody else")]
    Audience,
    /// Its time is over.
    #[error("expired")]
    Expired,
}

/// Keys that sign and verify tokens of one `typ`, newest first.
pub struct Ring {
    typ: &'static str,
    keys: Vec<Key>,
}

impl Ring {
    /// Orders keys by their ids, the greatest first: that is the newest.
    pub fn new(typ: &'static str, mut keys: Vec<Key>) -> Self {
        keys.sort_by(|left, right| right.kid.cmp(&left.kid));
        Self { typ, keys }
    }

    /// All keys, newest first.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Whether the ring holds a private key.
    pub fn can_sign(&self) -> bool {
        self.keys.iter().any(|key| key.private.is_some())
    }

    /// Signs under the newest private key; none when there is none.
    pub fn sign(&self, claims: &impl Serialize) -> Option<String> {
        let (kid, private) = self.keys.iter().find_map(|key| Some((&key.kid, key.private.as_ref()?)))?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(self.typ.to_owned());
        header.kid = Some(kid.clone());
        Some(encode(&header, claims, private).expect("claims are JSON, and the key was tried when it was read"))
    }

    /// The claims of a token that is one of this ring's; what the claims say is for the caller to judge.
    pub fn verify<T: DeserializeOwned>(&self, token: &str) -> Result<T, Refused> {
        let header = decode_header(token).map_err(|_| Refused::Malformed)?;
        let key = self.key_for(&header)?;
        let signed =
            decode::<serde_json::Value>(token, &key.public, &signature_only()).map_err(|_| Refused::Signature)?;
        serde_json::from_value(signed.claims).map_err(|_| Refused::Claims)
    }

    fn key_for(&self, header: &Header) -> Result<&Key, Refused> {
        if header.alg != Algorithm::EdDSA {
            return Err(Refused::Algorithm);
        }
        if header.typ.as_deref() != Some(self.typ) {
            return Err(Refused::Type);
        }
        if header.crit.is_some() {
            return Err(Refused::Critical);
        }
        let kid = header.kid.as_deref().ok_or(Refused::UnknownKey)?;
        self.keys.iter().find(|key| key.kid == kid).ok_or(Refused::UnknownKey)
    }
}

/// The library judges the signature alone: it would read the machine's clock for `exp`, and only ours counts.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}
