//! Asking the auth system how a challenge stands, until it has said its last word.

use chrono::TimeDelta;
use esign_config::AuthMode;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, prelude::*, sea_query::ExprTrait};

use super::{challenge::awaits_result, entity::auth_record, port::ChallengeStatus, query, settle};
use crate::{
    App,
    error::{Error, Result},
    flow::{self, entity::sign_flow, transition::Locked},
    ids::AuthRecordId,
    job::{self, Job, Outcome},
};

/// Begins to poll, unless only callbacks are wanted.
pub(super) async fn start(locked: &Locked<'_>, id: AuthRecordId) -> Result<()> {
    if locked.app.settings.auth.mode == AuthMode::Callback {
        return Ok(());
    }
    flow::enqueue(locked, Job::PollChallenge { record: id }, gap(locked.app, 0)).await
}

/// Something was handed in: the answer will come soon, so polling begins anew at its shortest gap.
pub(super) async fn hasten(locked: &Locked<'_>, id: AuthRecordId) -> Result<()> {
    let change = auth_record::ActiveModel { id: Set(id), poll_count: Set(0), ..Default::default() };
    auth_record::Entity::update(change).exec(&locked.tx).await?;
    job::move_up(&locked.tx, Job::PollChallenge { record: id }, locked.app.now() + gap(locked.app, 0)).await
}

/// The job.
pub async fn run(app: &App, id: AuthRecordId) -> Result<Outcome> {
    let Some(record) = query::by_id(app.db.read(), id).await? else { return Ok(Outcome::Done) };
    let flow = sign_flow::Entity::find_by_id(record.flow_id).one(app.db.read()).await?.ok_or(Error::NotFound)?;
    // From the challenge's expiry on, the job that ends it does the asking.
    if !awaits_result(&flow, &record) || record.expires_at.is_some_and(|end| app.now() >= end) {
        return Ok(Outcome::Done);
    }
    let challenge = record.challenge_id.clone().unwrap_or_default();
    match app.auth_system.state(&challenge).await {
        Ok(word) => {
            let final_ = is_final(word.status);
            settle::settle(app, id, word, settle::Source::Poll).await?;
            if final_ {
                return Ok(Outcome::Done);
            }
        }
        Err(failure) => tracing::info!(record = %id, %failure, "the auth system can't be asked right now"),
    }
    let counted = auth_record::Entity::update_many()
        .col_expr(auth_record::Column::PollCount, Expr::col(auth_record::Column::PollCount).add(1))
        .filter(auth_record::Column::Id.eq(id));
    counted.exec(app.db.write()).await?;
    // Read again: something may have been handed in meanwhile, and the count begun anew.
    let count = query::by_id(app.db.write(), id).await?.map_or(0, |record| record.poll_count);
    Ok(Outcome::Snooze(app.now() + gap(app, count)))
}

/// Asks once, now: when the user comes back from the auth system's own page. Failure to ask is no failure.
pub async fn ask_now(app: &App, record: &auth_record::Model) -> Result<()> {
    let Some(challenge) = &record.challenge_id else { return Ok(()) };
    match app.auth_system.state(challenge).await {
        Ok(word) => settle::settle(app, record.id, word, settle::Source::Return).await,
        Err(failure) => {
            tracing::info!(record = %record.id, %failure, "the auth system can't be asked right now");
            Ok(())
        }
    }
}

pub(super) fn is_final(status: ChallengeStatus) -> bool {
    matches!(status, ChallengeStatus::Passed | ChallengeStatus::Failed | ChallengeStatus::Expired)
}

fn gap(app: &App, count: i32) -> TimeDelta {
    let auth = &app.settings.auth;
    let seconds = (auth.poll_first_seconds * auth.poll_factor.powi(count.clamp(0, 64))).min(auth.poll_max_seconds);
    #[expect(clippy::cast_possible_truncation, reason = "at most some minutes in milliseconds")]
    TimeDelta::milliseconds((seconds * 1_000.0) as i64)
}
