//! The one verb for whatever the auth system says, from wherever it comes: the reply to a request, a poll, a callback.
//!
//! It locks the flow, compares the word with what the attempt already knows, and lets the machine decide. The first
//! final word about the current attempt counts; the same again changes nothing; another, or one about an attempt that is
//! not current, is marked late on its record.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::{
    entity::auth_record,
    material, poll,
    port::{ChallengeState, ChallengeStatus},
    query,
};
use crate::{
    App,
    error::{Error, Result},
    event::chain::Evidence,
    flow::{
        machine::Event,
        secret,
        transition::{Applied, Locked, lock},
    },
    ids::AuthRecordId,
    terms::{AuthStatus, AuthType},
    vault,
};

/// By which way a word came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The reply to what we handed in or asked for.
    Reply,
    /// We asked by timer.
    Poll,
    /// We asked because the user came back from the auth system's page.
    Return,
    /// We asked because the challenge's time was over.
    Expiry,
    /// It was pushed.
    Callback,
    /// Nobody said it: the auth system could not be asked for too long.
    Clock,
}

impl Source {
    /// The name in the evidence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Poll => "poll",
            Self::Return => "return",
            Self::Expiry => "expiry",
            Self::Callback => "callback",
            Self::Clock => "clock",
        }
    }
}

/// Takes the auth system's word about an attempt.
pub async fn settle(app: &App, id: AuthRecordId, word: ChallengeState, source: Source) -> Result<()> {
    let record = query::by_id(app.db.read(), id).await?.ok_or(Error::NotFound)?;
    let mut locked = lock(app, record.flow_id).await?;
    settle_locked(&mut locked, id, word, source).await?;
    locked.commit().await?;
    Ok(())
}

/// The same, in a transaction that holds the flow's lock.
pub(super) async fn settle_locked(
    locked: &mut Locked<'_>,
    id: AuthRecordId,
    word: ChallengeState,
    source: Source,
) -> Result<()> {
    let record = query::by_id(&locked.tx, id).await?.ok_or(Error::NotFound)?;
    let mut told = Told { record, word, source };
    told.begin(locked).await?;
    match told.word.status {
        ChallengeStatus::Pending => told.pending(locked).await,
        ChallengeStatus::Processing => told.processing(locked).await,
        ChallengeStatus::Passed => told.passed(locked).await,
        ChallengeStatus::Failed => told.failed(locked).await,
        ChallengeStatus::Expired => told.expired(locked, "EXPIRED").await,
    }
}

/// Ends a challenge that the auth system itself would not end in time.
pub(super) async fn expire_locked(locked: &mut Locked<'_>, record: auth_record::Model) -> Result<()> {
    let word = ChallengeState {
        challenge_id: record.challenge_id.clone().unwrap_or_default(),
        idempotency_key: record.idempotency_key.clone(),
        status: ChallengeStatus::Expired,
        retryable: true,
        reason: None,
        entries_left: None,
        credential: None,
        valid_until: None,
        request_id: None,
        expires_at: None,
        face: None,
        payment: None,
    };
    Told { record, word, source: Source::Clock }.expired(locked, "UNREACHABLE").await
}

/// A word about an attempt, on its way into the record and the flow.
struct Told {
    record: auth_record::Model,
    word: ChallengeState,
    source: Source,
}

impl Told {
    fn attempt(&self) -> i32 {
        self.record.attempt
    }

    fn evidence(&self, more: serde_json::Value) -> Evidence {
        let mut detail = json!({
            "authRecordId": self.record.id,
            "attempt": self.attempt(),
            "authType": self.record.kind,
            "challengeId": self.word.challenge_id,
            "source": self.source.as_str(),
        });
        if let (Some(detail), serde_json::Value::Object(more)) = (detail.as_object_mut(), more) {
            detail.extend(more);
        }
        Evidence::facts(detail)
    }

    /// The first word that names the challenge makes it exist for us, whatever else it says: a callback may overtake
    /// the reply to the request.
    async fn begin(&mut self, locked: &mut Locked<'_>) -> Result<()> {
        if self.record.challenge_id.is_some() {
            return Ok(());
        }
        let app = locked.app;
        let validity = match self.record.kind {
            AuthType::FaceVerification => app.settings.auth.face_validity_seconds,
            AuthType::PaymentVerification => app.settings.auth.payment_validity_seconds,
        };
        let expires_at = self.word.expires_at.unwrap_or(app.now() + TimeDelta::seconds(validity));
        let (word, entries) = (self.word.clone(), app.settings.auth.amount_entries);
        let payment = self.record.kind == AuthType::PaymentVerification;
        self.record = self
            .save(locked, |row| {
                row.challenge_id = Set(Some(word.challenge_id));
                row.request_id = Set(word.request_id);
                row.face_url = Set(word.face.map(|face| face.url));
                row.masked_account = Set(word.payment.map(|payment| payment.masked_account));
                row.entries_left = Set(payment.then(|| word.entries_left.unwrap_or(entries).min(entries)));
                row.expires_at = Set(Some(expires_at));
            })
            .await?;
        let evidence = self.evidence(json!({"expiresAt": expires_at}));
        let event = Event::ChallengeCreated { attempt: self.attempt() };
        let longer = TimeDelta::seconds(app.settings.flow.session_after_challenge_seconds);
        let current = locked.flow.attempt == self.attempt() && !locked.flow.status.is_terminal();
        if current {
            locked.extend_session(expires_at + longer);
        }
        if locked.apply(event, evidence).await? == Applied::Moved {
            self.record = self.save(locked, |row| row.status = Set(AuthStatus::Challenged)).await?;
        } else if !current {
            // Nobody waits for this challenge any more: it is withdrawn like one that was open.
            crate::flow::enqueue(
                locked,
                crate::job::Job::WithdrawChallenge { record: self.record.id },
                TimeDelta::zero(),
            )
            .await?;
        }
        Ok(())
    }

    async fn pending(&mut self, locked: &mut Locked<'_>) -> Result<()> {
        if self.record.status != AuthStatus::Processing || self.record.kind != AuthType::PaymentVerification {
            return Ok(());
        }
        // Only the reply to an amount speaks of that amount: whoever asks in between may hear of the one before it. So an
        // amount that was only taken, and seems to be judged by now, is handed in again: its own reply tells.
        if self.source != Source::Reply {
            return material::ask_again(locked, self.record.id).await;
        }
        if self.word.reason.as_deref() != Some("WRONG_AMOUNT") {
            return Ok(());
        }
        let ours = material::entries_left(&locked.tx, locked.app, &self.record).await?;
        let left = self.word.entries_left.map_or(ours, |left| left.min(ours)).max(0);
        if left == 0 {
            return self.rejected(locked, true, "AMOUNT_ENTRIES_SPENT").await;
        }
        let event = Event::MaterialRefused { attempt: self.attempt() };
        let evidence = self.evidence(json!({"reason": "WRONG_AMOUNT", "entriesLeft": left}));
        if locked.apply(event, evidence).await? == Applied::Moved {
            self.save(locked, |row| {
                row.status = Set(AuthStatus::Challenged);
                row.entries_left = Set(Some(left));
            })
            .await?;
        }
        Ok(())
    }

    async fn processing(&mut self, locked: &mut Locked<'_>) -> Result<()> {
        if self.record.kind == AuthType::FaceVerification && self.record.status == AuthStatus::Challenged {
            let event = Event::FaceSubmitted { attempt: self.attempt() };
            let evidence = self.evidence(json!({}));
            if locked.apply(event, evidence).await? == Applied::Moved {
                self.save(locked, |row| {
                    row.status = Set(AuthStatus::Processing);
                    row.opened = Set(true);
                })
                .await?;
                poll::hasten(locked, self.record.id).await?;
            }
        }
        Ok(())
    }

    async fn passed(&mut self, locked: &mut Locked<'_>) -> Result<()> {
        let Some(credential) = self.word.credential.clone() else {
            return Err(Error::internal(format!("the auth system passed {} without a credential", self.record.id)));
        };
        if self.word.valid_until.is_some_and(|until| until <= locked.app.now()) {
            return self.rejected(locked, true, "CREDENTIAL_EXPIRED").await;
        }
        let digest = vault::sha256_hex(credential.expose().as_bytes());
        let event = Event::AuthPassed { attempt: self.attempt() };
        let valid_until = self.word.valid_until;
        let evidence = self.evidence(json!({"credentialSha256": digest, "validUntil": valid_until}));
        if locked.apply(event, evidence).await? == Applied::Kept {
            let same = self.record.credential_sha256.as_ref() == Some(&digest);
            return if same { Ok(()) } else { self.late(locked).await };
        }
        let app = locked.app;
        let sealed = app.vault.seal(&app.random, &query::place(self.record.id), credential.expose().as_bytes());
        self.save(locked, |row| {
            row.status = Set(AuthStatus::Passed);
            row.credential = Set(Some(sealed));
            row.credential_sha256 = Set(Some(digest));
            row.valid_until = Set(valid_until);
        })
        .await?;
        material::judge(locked, self.record.id, false).await
    }

    async fn failed(&mut self, locked: &mut Locked<'_>) -> Result<()> {
        let said = self.word.reason.as_deref().unwrap_or("FAILED");
        // It goes into the evidence and before people's eyes, and may quote what it is about.
        let reason: String = match secret::input(locked.app, &locked.tx, self.record.flow_id).await {
            Ok(input) => input.subject().masked_in(said).chars().take(100).collect(),
            Err(Error::NotFound) => "FAILED".to_owned(),
            Err(error) => return Err(error),
        };
        let retryable = self.word.retryable;
        material::judge(locked, self.record.id, true).await?;
        self.rejected(locked, retryable, &reason).await
    }

    async fn rejected(&mut self, locked: &mut Locked<'_>, retryable: bool, reason: &str) -> Result<()> {
        let session_open = locked.session_open();
        let event = Event::AuthRejected { attempt: self.attempt(), retryable, session_open };
        let evidence = self.evidence(json!({"reason": reason, "retryable": retryable}));
        self.end(locked, event, evidence, (AuthStatus::Rejected, reason)).await
    }

    async fn expired(&mut self, locked: &mut Locked<'_>, reason: &str) -> Result<()> {
        let (opened, session_open) = (self.record.opened, locked.session_open());
        let event = Event::ChallengeExpired { attempt: self.attempt(), opened, session_open };
        let evidence = self.evidence(json!({"opened": opened}));
        self.end(locked, event, evidence, (AuthStatus::Expired, reason)).await
    }

    async fn end(
        &mut self,
        locked: &mut Locked<'_>,
        event: Event,
        evidence: Evidence,
        (status, reason): (AuthStatus, &str),
    ) -> Result<()> {
        if locked.apply(event, evidence).await? == Applied::Kept {
            return if self.record.status == status { Ok(()) } else { self.late(locked).await };
        }
        self.save(locked, |row| {
            row.status = Set(status);
            row.rejected_reason = Set(Some(reason.to_owned()));
        })
        .await?;
        Ok(())
    }

    /// A final word that moved nothing, and is not the one the attempt ended with.
    async fn late(&mut self, locked: &Locked<'_>) -> Result<()> {
        self.save(locked, |row| row.late_result = Set(true)).await?;
        tracing::info!(record = %self.record.id, status = ?self.word.status, "a late result was kept and moved nothing");
        Ok(())
    }

    async fn save(
        &self,
        locked: &Locked<'_>,
        set: impl FnOnce(&mut auth_record::ActiveModel),
    ) -> Result<auth_record::Model> {
        let mut row = self.record.clone().into_active_model();
        set(&mut row);
        row.updated_at = Set(locked.app.now());
        Ok(auth_record::Entity::update(row).exec(&locked.tx).await?)
    }
}
