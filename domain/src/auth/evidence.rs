//! The auth system's own evidence of a passed challenge, kept beside ours. Sealing doesn't wait for it.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::{entity::auth_record, port::AuthSystemFailure, query};
use crate::{App, error::Result, ids::AuthRecordId, job::Outcome, seal::blob};

/// Vendors keep it for a day.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// The job.
pub async fn fetch(app: &App, id: AuthRecordId) -> Result<Outcome> {
    let Some(record) = query::by_id(app.db.read(), id).await? else { return Ok(Outcome::Done) };
    let Some(challenge) = record.challenge_id.as_deref().filter(|_| record.evidence_blob.is_none()) else {
        return Ok(Outcome::Done);
    };
    match app.auth_system.evidence(challenge).await {
        Ok(bytes) => {
            let path = format!("flows/{}/auth-{}.evidence", record.flow_id, record.attempt);
            blob::put(app, &path, &bytes).await?;
            let change = auth_record::ActiveModel { id: Set(id), evidence_blob: Set(Some(path)), ..Default::default() };
            auth_record::Entity::update(change).exec(app.db.write()).await?;
            Ok(Outcome::Done)
        }
        Err(AuthSystemFailure::Final(why)) => Ok(Outcome::Discard(format!("the auth system has no evidence: {why}"))),
        Err(failure) if app.now() < record.updated_at + KEPT => {
            Ok(Outcome::Retry(failure.to_string(), TimeDelta::seconds(30)))
        }
        Err(failure) => Ok(Outcome::Discard(format!("no evidence within a day: {failure}"))),
    }
}
