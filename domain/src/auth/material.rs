//! Amounts: counted in our database first, then handed to the auth system.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, prelude::*};

use super::{
    challenge::{account_limited_until, awaits_result},
    entity::{auth_entry, auth_record},
    poll,
    port::{AuthSystemFailure, ChallengeState, ChallengeStatus},
    query, settle,
};
use crate::{
    App, db,
    error::{Error, Result},
    event::chain::Evidence,
    flow::{
        self,
        entity::sign_flow,
        machine::Event,
        transition::{Locked, lock},
    },
    ids::{AuthRecordId, EntryId},
    job::{Job, Outcome},
    terms::AuthStatus,
};

/// The largest amount a verification transfer can have, in fen: it stays below one yuan, as the page says. What is above
/// is a slip of the finger, told at once and not counted.
pub const MOST_FEN: i64 = 99;

/// Counts an amount and hands it on; in the transaction of the signer's act.
pub(crate) async fn count(locked: &mut Locked<'_>, fen: i64) -> Result<()> {
    let app = locked.app;
    if !(1..=MOST_FEN).contains(&fen) {
        return Err(Error::field("amount", "0.01 to 0.99"));
    }
    // Who types while an amount is being judged is told so, whatever the limits would say besides.
    let record = query::current(&locked.tx, &locked.flow).await?.filter(|r| r.status == AuthStatus::Challenged);
    let record = record.ok_or_else(|| Error::state_conflict(locked.flow.status))?;
    if let Some(account) = &record.account_hash {
        db::hold(&locked.tx, account).await?;
    }
    if let Some(until) = account_limited_until(app, &locked.tx, &record).await? {
        return Err(Error::RateLimited { retry_after_seconds: (until - app.now()).num_seconds().max(1) });
    }
    let left = entries_left(&locked.tx, app, &record).await?;
    if left <= 0 {
        return Err(Error::AuthFailed { attempts_left: None, entries_left: Some(0) });
    }
    let entry: EntryId = app.id();
    let evidence = Evidence::facts(serde_json::json!({
        "authRecordId": record.id, "attempt": record.attempt, "entryId": entry, "entriesLeft": left - 1,
    }));
    locked.apply(Event::AmountSubmitted { attempt: record.attempt }, evidence).await?;
    let row = auth_entry::ActiveModel {
        id: Set(entry),
        auth_record_id: Set(record.id),
        account_hash: Set(record.account_hash.clone()),
        amount: Set(i32::try_from(fen).expect("at most MOST_FEN")),
        wrong: Set(None),
        counted_at: Set(app.now()),
    };
    auth_entry::Entity::insert(row).exec_without_returning(&locked.tx).await?;
    let change = auth_record::ActiveModel {
        id: Set(record.id),
        status: Set(AuthStatus::Processing),
        opened: Set(true),
        entries_left: Set(Some(left - 1)),
        updated_at: Set(app.now()),
        ..Default::default()
    };
    auth_record::Entity::update(change).exec(&locked.tx).await?;
    flow::enqueue(locked, Job::SubmitAmount { record: record.id, entry }, TimeDelta::zero()).await?;
    poll::hasten(locked, record.id).await
}

/// Amounts that may still be typed for this challenge, by our own count.
pub(super) async fn entries_left(db: &impl ConnectionTrait, app: &App, record: &auth_record::Model) -> Result<i32> {
    let typed = auth_entry::Entity::find().filter(auth_entry::Column::AuthRecordId.eq(record.id)).count(db).await?;
    Ok(app.settings.auth.amount_entries - i32::try_from(typed).unwrap_or(i32::MAX))
}

/// The job that hands an amount to the auth system: again and again under the same entry id, until it is answered or
/// the attempt is over.
pub async fn submit(app: &App, id: AuthRecordId, entry_id: EntryId) -> Result<Outcome> {
    let Some(record) = query::by_id(app.db.read(), id).await? else { return Ok(Outcome::Done) };
    let flow = sign_flow::Entity::find_by_id(record.flow_id).one(app.db.read()).await?.ok_or(Error::NotFound)?;
    let entry = auth_entry::Entity::find_by_id(entry_id).one(app.db.read()).await?.ok_or(Error::NotFound)?;
    if entry.wrong.is_some() || !awaits_result(&flow, &record) {
        return Ok(Outcome::Done);
    }
    let challenge = record.challenge_id.clone().unwrap_or_default();
    let word = match app.auth_system.submit_amount(&challenge, &entry_id.to_string(), entry.amount.into()).await {
        Ok(word) => word,
        // It takes no amounts (any more): its state says why.
        Err(AuthSystemFailure::Final(_)) => match app.auth_system.state(&challenge).await {
            // Still open, but this amount was not taken: it counts as a wrong one.
            Ok(word) if word.status == ChallengeStatus::Pending => {
                ChallengeState { reason: Some("WRONG_AMOUNT".to_owned()), ..word }
            }
            Ok(word) => word,
            Err(failure) => return Ok(Outcome::Retry(failure.to_string(), TimeDelta::seconds(10))),
        },
        Err(failure) => return Ok(Outcome::Retry(failure.to_string(), TimeDelta::seconds(2))),
    };
    // The entry's verdict and what follows from it are written together: a verdict alone would end this job too early.
    let mut locked = lock(app, record.flow_id).await?;
    let verdict = judged(&word);
    settle::settle_locked(&mut locked, id, word, settle::Source::Reply).await?;
    if let Some(wrong) = verdict {
        let change = auth_entry::ActiveModel { id: Set(entry_id), wrong: Set(Some(wrong)), ..Default::default() };
        auth_entry::Entity::update(change).exec(&locked.tx).await?;
    }
    locked.commit().await?;
    Ok(Outcome::Done)
}

/// Hands the amount that has no verdict yet in again: under its entry id it is answered and not counted.
pub(super) async fn ask_again(locked: &Locked<'_>, id: AuthRecordId) -> Result<()> {
    let open = auth_entry::Entity::find()
        .filter(auth_entry::Column::AuthRecordId.eq(id))
        .filter(auth_entry::Column::Wrong.is_null())
        .order_by_desc(auth_entry::Column::CountedAt)
        .one(&locked.tx)
        .await?;
    let Some(entry) = open else { return Ok(()) };
    flow::enqueue(locked, Job::SubmitAmount { record: id, entry: entry.id }, TimeDelta::zero()).await
}

/// The verdict on amounts that were taken and not judged at once.
pub(super) async fn judge(locked: &Locked<'_>, id: AuthRecordId, wrong: bool) -> Result<()> {
    auth_entry::Entity::update_many()
        .set(auth_entry::ActiveModel { wrong: Set(Some(wrong)), ..Default::default() })
        .filter(auth_entry::Column::AuthRecordId.eq(id))
        .filter(auth_entry::Column::Wrong.is_null())
        .exec(&locked.tx)
        .await?;
    Ok(())
}

/// Whether the answer says that the amount was wrong. One that is only taken is not judged yet, and counts as wrong for
/// as long.
fn judged(word: &ChallengeState) -> Option<bool> {
    match word.status {
        ChallengeStatus::Pending => (word.reason.as_deref() == Some("WRONG_AMOUNT")).then_some(true),
        ChallengeStatus::Failed => Some(true),
        ChallengeStatus::Passed => Some(false),
        ChallengeStatus::Processing | ChallengeStatus::Expired => None,
    }
}
