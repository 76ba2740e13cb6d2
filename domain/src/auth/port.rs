//! Where the auth system (认证系统) begins: it makes challenges, takes material, and judges; we ask and are told.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    personal::{AccountNo, Credential, IdNumber, Mobile, without_numbers},
    terms::{AuthType, IdDocumentType, Scene, SubjectRole, SubjectType},
};

/// What a challenge is asked for with. The same key again gives the same challenge.
#[derive(Clone)]
pub struct NewChallenge {
    /// `<client code>/<flowNo>`, with `#2`, `#3` for later attempts.
    pub idempotency_key: String,
    /// Passed on unchanged.
    pub scene: Scene,
    /// Passed on unchanged.
    pub fund_purpose: String,
    /// Passed on unchanged.
    pub subject: ChallengeSubject,
    /// How to authenticate.
    pub auth_type: AuthType,
    /// Where results are to be pushed; none in poll mode.
    pub callback_url: Option<String>,
    /// Where the auth system's own page sends the user back to.
    pub return_url: String,
}

impl fmt::Debug for NewChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewChallenge").field("idempotency_key", &self.idempotency_key).finish_non_exhaustive()
    }
}

/// Who is to be authenticated.
#[derive(Clone)]
pub struct ChallengeSubject {
    /// 对公 or 对私.
    pub kind: SubjectType,
    /// Part in the relation.
    pub role: SubjectRole,
    /// Upstream's own number.
    pub subject_no: String,
    /// Name of the subject; personal for individuals.
    pub name: String,
    /// Kind of identity document.
    pub id_document_type: IdDocumentType,
    /// Its number.
    pub id_number: IdNumber,
    /// E.164.
    pub mobile: Mobile,
    /// The account to verify.
    pub bank_account: Option<ChallengeAccount>,
    /// Who signs for a company.
    pub signatory_name: Option<String>,
}

/// A bank account to verify.
#[derive(Debug, Clone)]
pub struct ChallengeAccount {
    /// Number.
    pub account_no: AccountNo,
    /// Bank.
    pub bank_name: String,
    /// Bank code, if upstream gave one.
    pub bank_code: Option<String>,
}

/// How a challenge stands, in the auth system's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ChallengeStatus {
    /// Waits for the user.
    Pending,
    /// Being judged.
    Processing,
    /// Passed.
    Passed,
    /// Not passed.
    Failed,
    /// Its time ran out.
    Expired,
}

/// A challenge's state as the auth system tells it: in replies, by polling and by callback alike.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChallengeState {
    /// The auth system's id.
    pub challenge_id: String,
    /// The key we gave.
    pub idempotency_key: String,
    /// How it stands.
    pub status: ChallengeStatus,
    /// With FAILED: whether another attempt may help.
    #[serde(default)]
    pub retryable: bool,
    /// With FAILED, or WRONG_AMOUNT with PENDING.
    #[serde(default)]
    pub reason: Option<String>,
    /// Entries left of a payment challenge.
    #[serde(default)]
    pub entries_left: Option<i32>,
    /// With PASSED.
    #[serde(default, deserialize_with = "credential")]
    pub credential: Option<Credential>,
    /// How long the credential is good.
    #[serde(default)]
    pub valid_until: Option<DateTime<Utc>>,
    /// The auth system's id of the request, for support.
    #[serde(default)]
    pub request_id: Option<String>,
    /// When the challenge ends.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
    /// With face verification.
    #[serde(default)]
    pub face: Option<FacePage>,
    /// With payment verification.
    #[serde(default)]
    pub payment: Option<PaymentHint>,
}

/// The auth system's own page.
#[derive(Debug, Clone, Deserialize)]
pub struct FacePage {
    /// Where to send the user.
    pub url: String,
}

/// What the user may be told about the transfer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentHint {
    /// `招商银行 ···· 6688`
    pub masked_account: String,
}

fn credential<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Credential>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Credential::trusted))
}

/// Why the auth system gave no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthSystemFailure {
    /// Not done; a later try may help.
    #[error("{}", plain(.0))]
    Retryable(String),
    /// Refused; no retry will help.
    #[error("{}", plain(.0))]
    Final(String),
    /// Done or not: nobody knows. The same key again is harmless.
    #[error("unknown outcome: {}", plain(.0))]
    Unknown(String),
}

/// Words for the log. They should name nobody; should they all the same, names and numbers are left out.
fn plain(words: &str) -> String {
    without_numbers(words).chars().map(|letter| if letter.is_ascii() { letter } else { '*' }).collect()
}

/// The auth system.
#[async_trait]
pub trait AuthSystem: Send + Sync {
    /// Makes a challenge, or gives the one made before under the same key.
    async fn create(&self, challenge: &NewChallenge) -> Result<ChallengeState, AuthSystemFailure>;

    /// Hands in an amount (fen). The same entry id again is answered, not counted.
    async fn submit_amount(
        &self,
        challenge_id: &str,
        entry_id: &str,
        fen: i64,
    ) -> Result<ChallengeState, AuthSystemFailure>;

    /// Asks how a challenge stands.
    async fn state(&self, challenge_id: &str) -> Result<ChallengeState, AuthSystemFailure>;

    /// Fetches the auth system's own evidence of a passed challenge.
    async fn evidence(&self, challenge_id: &str) -> Result<Bytes, AuthSystemFailure>;

    /// Withdraws a challenge, best effort.
    async fn cancel(&self, challenge_id: &str) -> Result<(), AuthSystemFailure>;
}
