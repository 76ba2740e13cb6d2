//! Result tokens, verified as docs/evidence.md tells outsiders to; no code of the platform's has a part in it.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::Failure;

/// The platform's published keys.
pub struct Keys(Value);

impl Keys {
    /// As `/.well-known/jwks.json` has them.
    pub fn new(jwks: Value) -> Self {
        Self(jwks)
    }

    /// The claims of a result token that one of these keys has signed.
    pub fn verify(&self, token: &str) -> Result<Value, Failure> {
        let (signed, signature) = token.rsplit_once('.').ok_or("it is no token")?;
        let (head, claims) = signed.split_once('.').ok_or("it is no token")?;
        let (head, claims) = (json(head)?, json(claims)?);
        if head["alg"] != "EdDSA" || head["typ"] != "esign-result+jwt" {
            return Err(format!("its head is {head}"));
        }
        let keys = self.0["keys"].as_array().ok_or("there are no keys")?;
        let key = keys.iter().find(|key| key["kid"] == head["kid"]).ok_or("its key is not published")?;
        let key = bytes(key["x"].as_str().unwrap_or_default())?;
        let valid = UnparsedPublicKey::new(&ED25519, key).verify(signed.as_bytes(), &bytes(signature)?);
        valid.map(|()| claims).map_err(|_| "its signature is not the platform's".into())
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, Failure> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| error.to_string())
}

fn json(text: &str) -> Result<Value, Failure> {
    serde_json::from_slice(&bytes(text)?).map_err(|error| error.to_string())
}
