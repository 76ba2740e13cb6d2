//! The auth system (认证系统) over HTTP.
//!
//! Every request is signed, so that the other side need not trust the network between us: `X-Esign-Key`,
//! `X-Esign-Timestamp` (seconds since 1970) and `X-Esign-Signature`, the base64 of HMAC-SHA256 over
//! `METHOD\nPATH\nTIMESTAMP\nSHA256(body) hex`, where PATH is path and query as sent. Creation is keyed by
//! `idempotencyKey` and material by `entryId`: sending either again is harmless, which is what clears up an unknown
//! outcome.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use esign_config::Auth;
use esign_domain::{
    auth::port::{AuthSystem, AuthSystemFailure, ChallengeState, NewChallenge},
    clock::Clock,
    vault::sha256_hex,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use url::Url;

use super::call::{self, Failure, Outcome};

/// What stays as it is in a path segment (RFC 3986, unreserved).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The auth system behind its HTTP contract.
pub struct AuthHttp {
    base: Url,
    key_id: String,
    key: hmac::Key,
    client: Client,
    clock: Arc<dyn Clock>,
}

/// Why the adapter can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address is not one.
    #[error("auth.base_url is not an address")]
    Address(#[from] url::ParseError),
    /// The HTTP client can't be built.
    #[error("the HTTP client for the auth system can't be built")]
    Client(#[from] reqwest::Error),
}

impl AuthHttp {
    /// The auth system as configured.
    pub fn new(settings: &Auth, clock: Arc<dyn Clock>) -> Result<Self, SetupError> {
        Ok(Self {
            base: Url::parse(settings.base_url.trim_end_matches('/'))?,
            key_id: settings.key.clone(),
            key: hmac::Key::new(hmac::HMAC_SHA256, settings.secret.expose().as_bytes()),
            client: call::client(Duration::from_secs(settings.timeout_seconds))?,
            clock,
        })
    }

    /// Sends a signed request to a path below the base.
    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Bytes, AuthSystemFailure> {
        let url = Url::parse(&format!("{}{path}", self.base.as_str().trim_end_matches('/')))
            .map_err(|_| AuthSystemFailure::Final("the auth system's id makes no address".into()))?;
        let body = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
        let timestamp = self.clock.now().timestamp();
        let signature = self.signature(&method, &url, timestamp, &body);
        let mut request = self
            .client
            .request(method, url)
            .header("X-Esign-Key", &self.key_id)
            .header("X-Esign-Timestamp", timestamp)
            .header("X-Esign-Signature", signature);
        if !body.is_empty() {
            request = request.header("Content-Type", "application/json").body(body);
        }
        call::send(request).await.map_err(told)
    }

    fn signature(&self, method: &Method, url: &Url, timestamp: i64, body: &[u8]) -> String {
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let signed = format!("{method}\n{}{query}\n{timestamp}\n{}", url.path(), sha256_hex(body));
        STANDARD.encode(hmac::sign(&self.key, signed.as_bytes()))
    }
}

#[async_trait]
impl AuthSystem for AuthHttp {
    async fn create(&self, challenge: &NewChallenge) -> Result<ChallengeState, AuthSystemFailure> {
        read(&self.call(Method::POST, "/challenges", Some(body_of(challenge))).await?)
    }

    async fn submit_amount(
        &self,
        challenge_id: &str,
        entry_id: &str,
        fen: i64,
    ) -> Result<ChallengeState, AuthSystemFailure> {
        let path = format!("{}/materials", path_of(challenge_id));
        read(&self.call(Method::POST, &path, Some(json!({"entryId": entry_id, "amount": fen}))).await?)
    }

    async fn state(&self, challenge_id: &str) -> Result<ChallengeState, AuthSystemFailure> {
        read(&self.call(Method::GET, &path_of(challenge_id), None).await?)
    }

    async fn evidence(&self, challenge_id: &str) -> Result<Bytes, AuthSystemFailure> {
        self.call(Method::GET, &format!("{}/evidence", path_of(challenge_id)), None).await
    }

    async fn cancel(&self, challenge_id: &str) -> Result<(), AuthSystemFailure> {
        self.call(Method::POST, &format!("{}/cancellation", path_of(challenge_id)), None).await.map(|_| ())
    }
}

fn path_of(challenge_id: &str) -> String {
    format!("/challenges/{}", utf8_percent_encode(challenge_id, SEGMENT))
}

/// The contract's request for a new challenge.
fn body_of(challenge: &NewChallenge) -> Value {
    let subject = &challenge.subject;
    let account = subject.bank_account.as_ref().map(|account| {
        json!({"accountNo": account.account_no.expose(), "bankName": account.bank_name, "bankCode": account.bank_code})
    });
    json!({
        "idempotencyKey": challenge.idempotency_key,
        "scene": challenge.scene,
        "fundPurpose": challenge.fund_purpose,
        "subject": {
            "type": subject.kind,
            "role": subject.role,
            "subjectNo": subject.subject_no,
            "name": subject.name,
            "idDocument": {"type": subject.id_document_type, "number": subject.id_number.expose()},
            "mobile": subject.mobile.expose(),
            "bankAccount": account,
            "signatory": subject.signatory_name.as_ref().map(|name| json!({"name": name})),
        },
        "authType": challenge.auth_type,
        "callbackUrl": challenge.callback_url,
        "returnUrl": challenge.return_url,
    })
}

fn read(answer: &[u8]) -> Result<ChallengeState, AuthSystemFailure> {
    serde_json::from_slice(answer).map_err(|_| told(Failure::senseless("the answer is no challenge state")))
}

/// The failure in the port's words.
fn told(failure: Failure) -> AuthSystemFailure {
    let Failure { outcome, code, reason } = failure;
    let words = format!("{code}: {reason}");
    match outcome {
        Outcome::Retryable => AuthSystemFailure::Retryable(words),
        Outcome::Final => AuthSystemFailure::Final(words),
        Outcome::Unknown => AuthSystemFailure::Unknown(words),
    }
}

#[cfg(test)]
mod tests;
