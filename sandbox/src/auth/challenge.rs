//! A challenge and how it moves. No clock, no randomness and no I/O in here: what they give comes in as arguments.

use chrono::{DateTime, Days, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::store::Record;

/// How many amounts may be entered.
pub(crate) const ENTRIES: u32 = 3;
/// How long a credential is valid, in days.
const CREDENTIAL_DAYS: Days = Days::new(30);

/// How the subject proves who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AuthType {
    /// 打款验证: name the amount that was transferred to your account.
    #[serde(rename = "PAYMENT_VERIFICATION")]
    Payment,
    /// 人脸验证, on the auth system's own page.
    #[serde(rename = "FACE_VERIFICATION")]
    Face,
}

/// Where a challenge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    /// Waits for the user.
    Pending,
    /// Answered; the outcome is on its way.
    Processing,
    /// Ended well, with a credential.
    Passed,
    /// Ended without one.
    Failed,
    /// Nobody answered in time. Never stored: it follows from the clock.
    Expired,
}

/// One challenge as it is journaled. Of the subject only what the pages show is kept; the rest is in the digest.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub id: String,
    pub idempotency_key: String,
    pub request_id: String,
    pub auth_type: AuthType,
    /// Tells the same request from another with the same key.
    pub content_digest: String,
    /// Where outcomes are told; none: the platform polls.
    pub callback_url: Option<String>,
    pub return_url: String,
    /// Payment: `招商银行 ···· 6688`.
    pub masked_account: Option<String>,
    /// Payment: what was transferred, in fen.
    pub amount: Option<u32>,
    /// The ids of the entries counted so far.
    pub entries: Vec<String>,
    pub status: Status,
    pub retryable: bool,
    pub reason: Option<String>,
    pub credential: Option<String>,
    pub valid_until: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// When PROCESSING ends.
    pub settles_at: Option<DateTime<Utc>>,
    /// The last status whose callback is over, taken or given up.
    pub reported: Option<Status>,
    /// How often each status is called back: once, twice (fault `duplicate`) or never (`silent`). Decided at the first.
    pub callbacks: Option<u8>,
}

impl Record for Challenge {
    fn key(&self) -> &str {
        &self.id
    }
}

impl Challenge {
    /// Where it stands at this moment.
    pub fn status_at(&self, now: DateTime<Utc>) -> Status {
        if self.status == Status::Pending && now >= self.expires_at { Status::Expired } else { self.status }
    }

    /// Entries still to be made; for payment only.
    pub fn entries_left(&self) -> Option<u32> {
        self.amount?;
        Some(ENTRIES.saturating_sub(u32::try_from(self.entries.len()).unwrap_or(ENTRIES)))
    }

    /// Takes an amount in fen; true if it was counted. One that was entered before, or comes when no amount is waited
    /// for, is not.
    pub fn enter(&mut self, entry_id: &str, amount: i64, now: DateTime<Utc>, settles_at: DateTime<Utc>) -> bool {
        if self.status_at(now) != Status::Pending || self.entries.iter().any(|known| known == entry_id) {
            return false;
        }
        self.entries.push(entry_id.to_owned());
        if self.amount.map(i64::from) == Some(amount) {
            self.begin_processing(settles_at);
        } else if self.entries_left() == Some(0) {
            self.fail("AMOUNT_ENTRIES_SPENT", true);
        } else {
            self.reason = Some("WRONG_AMOUNT".to_owned());
        }
        true
    }

    /// The user's face was recognised; true if that moved anything.
    pub fn pass_face(&mut self, now: DateTime<Utc>, settles_at: DateTime<Utc>) -> bool {
        let is_waiting = self.status_at(now) == Status::Pending;
        if is_waiting {
            self.begin_processing(settles_at);
        }
        is_waiting
    }

    /// The user's face was not recognised; true if that moved anything.
    pub fn fail_face(&mut self, now: DateTime<Utc>) -> bool {
        let is_waiting = self.status_at(now) == Status::Pending;
        if is_waiting {
            self.fail("FACE_MISMATCH", true);
        }
        is_waiting
    }

    /// The platform wants no answer any more; true if that moved anything.
    pub fn cancel(&mut self, now: DateTime<Utc>) -> bool {
        let is_waiting = self.status_at(now) == Status::Pending;
        if is_waiting {
            self.fail("CANCELLED", false);
            // Whoever cancelled knows: there is nothing to call back.
            self.reported = Some(Status::Failed);
        }
        is_waiting
    }

    /// PROCESSING ends well; true if that moved anything.
    pub fn settle(&mut self, credential: String, now: DateTime<Utc>) -> bool {
        let is_processing = self.status == Status::Processing;
        if is_processing {
            self.status = Status::Passed;
            self.credential = Some(credential);
            self.valid_until = now.checked_add_days(CREDENTIAL_DAYS);
            self.settles_at = None;
        }
        is_processing
    }

    fn begin_processing(&mut self, settles_at: DateTime<Utc>) {
        self.status = Status::Processing;
        self.reason = None;
        self.settles_at = Some(settles_at);
    }

    fn fail(&mut self, reason: &str, retryable: bool) {
        self.status = Status::Failed;
        self.reason = Some(reason.to_owned());
        self.retryable = retryable;
    }

    /// The contract's challenge state at this moment. `public_url` is where the face page is reached.
    pub fn state(&self, now: DateTime<Utc>, public_url: &str) -> Value {
        let status = self.status_at(now);
        let mut state = json!({
            "challengeId": self.id,
            "idempotencyKey": self.idempotency_key,
            "requestId": self.request_id,
            "status": status,
            "retryable": self.retryable || status == Status::Expired,
            "reason": self.reason,
            "entriesLeft": self.entries_left(),
            "credential": self.credential,
            "validUntil": self.valid_until,
            "expiresAt": self.expires_at,
        });
        if let Some(account) = &self.masked_account {
            state["payment"] = json!({"maskedAccount": account});
        } else {
            state["face"] = json!({"url": format!("{public_url}/sandbox/auth-system/face/{}", self.id)});
        }
        state
    }

    /// The upstream's flow number: what stands between `/` and `#` in the key.
    pub fn flow_no(&self) -> &str {
        let after_client = self.idempotency_key.split_once('/').map_or(self.idempotency_key.as_str(), |(_, rest)| rest);
        after_client.split_once('#').map_or(after_client, |(flow_no, _)| flow_no)
    }
}
