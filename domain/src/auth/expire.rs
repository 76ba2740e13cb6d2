//! The end of a challenge's time: asked, not assumed.

use chrono::TimeDelta;
use sea_orm::EntityTrait;

use super::{challenge::awaits_result, poll::is_final, port::ChallengeStatus, query, settle};
use crate::{
    App,
    alert::Alert,
    error::{Error, Result},
    flow::{entity::sign_flow, transition::lock},
    ids::AuthRecordId,
    job::Outcome,
};

/// How long an auth system that still judges, or can't be reached, is given between two looks.
const AGAIN: TimeDelta = TimeDelta::seconds(60);

/// The job: one more look; a final word counts. The auth system is given a day when it can't be reached or still judges.
pub async fn run(app: &App, id: AuthRecordId) -> Result<Outcome> {
    let Some(record) = query::by_id(app.db.read(), id).await? else { return Ok(Outcome::Done) };
    let flow = sign_flow::Entity::find_by_id(record.flow_id).one(app.db.read()).await?.ok_or(Error::NotFound)?;
    if !awaits_result(&flow, &record) {
        return Ok(Outcome::Done);
    }
    let end = record.expires_at.unwrap_or(record.created_at);
    if app.now() < end {
        return Ok(Outcome::Snooze(end));
    }
    let patience = end + TimeDelta::seconds(app.settings.auth.expiry_grace_seconds);
    match app.auth_system.state(record.challenge_id.as_deref().unwrap_or_default()).await {
        Ok(word) if is_final(word.status) => {
            settle::settle(app, id, word, settle::Source::Expiry).await?;
            return Ok(Outcome::Done);
        }
        Ok(word) if word.status == ChallengeStatus::Processing && app.now() < patience => {
            return Ok(Outcome::Snooze(app.now() + AGAIN));
        }
        Ok(_) => {}
        Err(failure) if app.now() < patience => {
            app.alerts.raise(Alert::ChallengeUnreachable, record.id);
            return Ok(Outcome::Retry(failure.to_string(), AGAIN));
        }
        Err(_) => {}
    }
    let mut locked = lock(app, record.flow_id).await?;
    let record = query::by_id(&locked.tx, id).await?.ok_or(Error::NotFound)?;
    settle::expire_locked(&mut locked, record).await?;
    locked.commit().await?;
    Ok(Outcome::Done)
}
