//! The auth system in memory: the whole contract, with a hand on every challenge.
//!
//! A challenge is made once per key. What is said about it, in a reply, to a poll or in a callback, is one JSON text
//! ([`Challenge::word`]), so no story can tell the platform something the contract has no words for.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use esign_domain::{
    auth::port::{AuthSystem, AuthSystemFailure, ChallengeState, NewChallenge},
    terms::AuthType,
};
use serde_json::{Value, json};

use crate::script::Script;

/// The amount of every verification transfer, in fen.
pub const AMOUNT: i64 = 37;

/// What may go wrong at a call.
#[derive(Debug, Clone)]
pub enum Mishap {
    /// Nothing is done.
    Refused(AuthSystemFailure),
    /// It is done, and nobody hears of it.
    LostReply,
}

/// A challenge as the auth system holds it.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// The auth system's id: `ch-1`, `ch-2`, in the order they were made.
    pub id: String,
    /// What it was asked for with.
    pub asked: NewChallenge,
    /// `PENDING`, `PROCESSING`, `PASSED`, `FAILED`, `EXPIRED`.
    pub status: &'static str,
    /// With `FAILED`.
    pub retryable: bool,
    /// With `FAILED`, or after a wrong amount.
    pub reason: Option<String>,
    /// Of a payment challenge.
    pub entries_left: Option<i32>,
    /// With `PASSED`.
    pub valid_until: Option<DateTime<Utc>>,
    /// When it ends, if the auth system says so.
    pub expires_at: Option<DateTime<Utc>>,
    /// It was withdrawn by us.
    pub cancelled: bool,
    entries: BTreeMap<String, Value>,
}

impl Challenge {
    /// The credential it gives when it has passed.
    pub fn credential(&self) -> String {
        format!("credential-of-{}", self.id)
    }

    /// The same with another status, as a word that the auth system itself would not say any more, or yet.
    #[must_use]
    pub fn as_if(&self, status: &'static str) -> Self {
        Self { status, ..self.clone() }
    }

    /// How many amounts were handed in for it, each counted once.
    pub fn amounts_taken(&self) -> usize {
        self.entries.len()
    }

    /// What the auth system says about it now.
    pub fn word(&self) -> Value {
        let face = self.asked.auth_type == AuthType::FaceVerification;
        let mut word = json!({
            "challengeId": self.id,
            "idempotencyKey": self.asked.idempotency_key,
            "status": self.status,
            "retryable": self.retryable,
            "reason": self.reason,
            "entriesLeft": self.entries_left,
            "requestId": format!("req-{}", self.id),
            "expiresAt": self.expires_at,
        });
        if self.status == "PASSED" {
            word["credential"] = self.credential().into();
            word["validUntil"] = json!(self.valid_until);
        }
        if face {
            word["face"] = json!({"url": format!("https://auth.example/face/{}", self.id)});
        } else {
            word["payment"] = json!({"maskedAccount": "招商银行 ···· 6688"});
        }
        word
    }

    fn enter(&mut self, entry: &str, fen: i64, judges: Judges) {
        if judges == Judges::Later {
            (self.status, self.reason) = ("PROCESSING", None);
        } else if fen == AMOUNT {
            self.status = if judges == Judges::RightOnesLater { "PROCESSING" } else { "PASSED" };
            self.reason = None;
        } else {
            let left = self.entries_left.unwrap_or_default() - 1;
            self.entries_left = Some(left);
            self.reason = Some("WRONG_AMOUNT".into());
            (self.status, self.retryable) = if left > 0 { ("PENDING", false) } else { ("FAILED", true) };
        }
        self.entries.insert(entry.to_owned(), self.word());
    }
}

/// The auth system.
#[derive(Default)]
pub struct FakeAuthSystem {
    /// What goes wrong next when a challenge is asked for.
    pub creating: Script<Mishap>,
    /// What goes wrong next when an amount is handed in.
    pub entering: Script<Mishap>,
    /// What goes wrong next when it is asked how a challenge stands.
    pub asking: Script<Mishap>,
    /// What goes wrong next when its evidence is fetched.
    pub evidence: Script<Mishap>,
    state: Mutex<State>,
}

/// When an amount is judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Judges {
    /// In the reply.
    #[default]
    AtOnce,
    /// A wrong one in the reply, a right one later.
    RightOnesLater,
    /// Later, right or wrong.
    Later,
}

#[derive(Default)]
struct State {
    challenges: Vec<Challenge>,
    calls: Vec<String>,
    judges: Judges,
    expires_at: Option<DateTime<Utc>>,
}

impl FakeAuthSystem {
    /// Every call, as `create demo/flow-1`, `enter ch-1 37`, `ask ch-1`, `evidence ch-1`, `cancel ch-1`.
    pub fn calls(&self) -> Vec<String> {
        self.held().calls.clone()
    }

    /// The newest challenge.
    pub fn newest(&self) -> Challenge {
        self.held().challenges.last().expect("a challenge was made").clone()
    }

    /// All challenges, oldest first.
    pub fn challenges(&self) -> Vec<Challenge> {
        self.held().challenges.clone()
    }

    /// Changes the newest challenge and gives it.
    pub fn change(&self, change: impl FnOnce(&mut Challenge)) -> Challenge {
        let mut state = self.held();
        let challenge = state.challenges.last_mut().expect("a challenge was made");
        change(challenge);
        challenge.clone()
    }

    /// The newest challenge is being judged.
    pub fn process(&self) -> Challenge {
        self.change(|challenge| challenge.status = "PROCESSING")
    }

    /// The newest challenge is passed.
    pub fn pass(&self) -> Challenge {
        self.change(|challenge| challenge.status = "PASSED")
    }

    /// The newest challenge is failed.
    pub fn reject(&self, retryable: bool) -> Challenge {
        self.change(|challenge| {
            (challenge.status, challenge.retryable, challenge.reason) = ("FAILED", retryable, Some("NOT_LIVE".into()));
        })
    }

    /// The newest challenge is over.
    pub fn expire(&self) -> Challenge {
        self.change(|challenge| challenge.status = "EXPIRED")
    }

    /// A right amount is only taken; the verdict comes later.
    pub fn judge_later(&self) {
        self.held().judges = Judges::RightOnesLater;
    }

    /// Every amount is only taken, right or wrong; the verdict comes later.
    pub fn judge_everything_later(&self) {
        self.held().judges = Judges::Later;
    }

    /// Challenges made from now on say that they end then; without this they name no end.
    pub fn end_challenges_at(&self, end: DateTime<Utc>) {
        self.held().expires_at = Some(end);
    }

    fn held(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder panics")
    }

    fn note(&self, call: String) {
        self.held().calls.push(call);
    }
}

impl State {
    fn make(&mut self, asked: &NewChallenge) -> Value {
        if let Some(known) = self.challenges.iter().find(|c| c.asked.idempotency_key == asked.idempotency_key) {
            return known.word();
        }
        let made = Challenge {
            id: format!("ch-{}", self.challenges.len() + 1),
            asked: asked.clone(),
            status: "PENDING",
            retryable: false,
            reason: None,
            entries_left: (asked.auth_type == AuthType::PaymentVerification).then_some(3),
            valid_until: None,
            expires_at: self.expires_at,
            cancelled: false,
            entries: BTreeMap::new(),
        };
        let word = made.word();
        self.challenges.push(made);
        word
    }

    fn of(&mut self, id: &str) -> Result<&mut Challenge, AuthSystemFailure> {
        let found = self.challenges.iter_mut().find(|challenge| challenge.id == id);
        found.ok_or_else(|| AuthSystemFailure::Final(format!("no challenge {id}")))
    }
}

/// A failure that a later try may mend.
pub fn busy() -> Mishap {
    Mishap::Refused(AuthSystemFailure::Retryable("busy".into()))
}

/// A failure that no retry mends.
pub fn refused() -> Mishap {
    Mishap::Refused(AuthSystemFailure::Final("refused".into()))
}

fn told(word: Value, mishap: Option<&Mishap>) -> Result<ChallengeState, AuthSystemFailure> {
    match mishap {
        Some(_) => Err(AuthSystemFailure::Unknown("the connection broke".into())),
        None => Ok(serde_json::from_value(word).expect("a word of the contract")),
    }
}

/// What the script wants of this call: not done at all, or a mishap for after it is done.
fn turn(script: &Script<Mishap>) -> Result<Option<Mishap>, AuthSystemFailure> {
    match script.take() {
        Some(Mishap::Refused(failure)) => Err(failure),
        other => Ok(other),
    }
}

#[async_trait]
impl AuthSystem for FakeAuthSystem {
    async fn create(&self, challenge: &NewChallenge) -> Result<ChallengeState, AuthSystemFailure> {
        self.note(format!("create {}", challenge.idempotency_key));
        let mishap = turn(&self.creating)?;
        told(self.held().make(challenge), mishap.as_ref())
    }

    async fn submit_amount(&self, id: &str, entry: &str, fen: i64) -> Result<ChallengeState, AuthSystemFailure> {
        self.note(format!("enter {id} {fen}"));
        let mishap = turn(&self.entering)?;
        let mut state = self.held();
        let judges = state.judges;
        let challenge = state.of(id)?;
        if !challenge.entries.contains_key(entry) {
            if challenge.status != "PENDING" {
                return Err(AuthSystemFailure::Final("it takes no amount".into()));
            }
            challenge.enter(entry, fen, judges);
        }
        told(challenge.word(), mishap.as_ref())
    }

    async fn state(&self, id: &str) -> Result<ChallengeState, AuthSystemFailure> {
        self.note(format!("ask {id}"));
        let mishap = turn(&self.asking)?;
        told(self.held().of(id)?.word(), mishap.as_ref())
    }

    async fn evidence(&self, id: &str) -> Result<Bytes, AuthSystemFailure> {
        self.note(format!("evidence {id}"));
        turn(&self.evidence)?;
        match self.held().of(id)?.status {
            "PASSED" => Ok(Bytes::from(format!("evidence of {id}"))),
            other => Err(AuthSystemFailure::Final(format!("no evidence of what is {other}"))),
        }
    }

    async fn cancel(&self, id: &str) -> Result<(), AuthSystemFailure> {
        self.note(format!("cancel {id}"));
        self.held().of(id)?.cancelled = true;
        Ok(())
    }
}
