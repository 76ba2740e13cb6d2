//! The inbox: every answer the auth system pushes, once.
//!
//! The door has checked the signature. An answer is kept under its own id; the same id again is answered with success
//! and moves nothing. One that matches no attempt is kept too and alerted: its key is none of ours.

use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, prelude::*, sea_query::OnConflict};

use super::{
    entity::{auth_inbox, auth_record},
    port::ChallengeState,
    settle,
};
use crate::{
    App,
    alert::Alert,
    error::{Error, Result},
    flow::transition::lock,
};

/// Takes one pushed answer: `id` is the webhook-id, `body` the challenge state as JSON.
pub async fn receive(app: &App, id: &str, body: &[u8]) -> Result<()> {
    let word: ChallengeState = serde_json::from_slice(body).map_err(|error| {
        Error::InvalidRequest(format!("not a challenge state: line {} column {}", error.line(), error.column()))
    })?;
    let record = auth_record::Entity::find()
        .filter(auth_record::Column::IdempotencyKey.eq(&word.idempotency_key))
        .one(app.db.read())
        .await?;
    // Another challenge under a key of ours is as unknown to us as another key.
    let record = record.filter(|record| record.challenge_id.as_ref().is_none_or(|known| *known == word.challenge_id));
    let Some(record) = record else {
        let tx = app.write_tx().await?;
        if keep(app, &tx, id, body, &word, false).await? {
            app.alerts.raise(Alert::StrayResult, &word.challenge_id);
        }
        return app.commit(tx).await;
    };
    let mut locked = lock(app, record.flow_id).await?;
    if keep(app, &locked.tx, id, body, &word, true).await? {
        settle::settle_locked(&mut locked, record.id, word, settle::Source::Callback).await?;
        locked.commit().await?;
    }
    Ok(())
}

/// True: it is new.
async fn keep(
    app: &App,
    tx: &sea_orm::DatabaseTransaction,
    id: &str,
    body: &[u8],
    word: &ChallengeState,
    settled: bool,
) -> Result<bool> {
    let row = auth_inbox::ActiveModel {
        id: Set(id.to_owned()),
        idempotency_key: Set(word.idempotency_key.chars().take(120).collect()),
        challenge_id: Set(Some(word.challenge_id.chars().take(200).collect())),
        body: Set(app.vault.seal(&app.random, &format!("auth_inbox.body:{id}"), body)),
        settled: Set(settled),
        received_at: Set(app.now()),
    };
    let written = auth_inbox::Entity::insert(row)
        .on_conflict(OnConflict::column(auth_inbox::Column::Id).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(written > 0)
}
