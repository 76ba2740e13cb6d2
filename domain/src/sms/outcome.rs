//! What a try leaves behind: on the record, and with its flow.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, prelude::*};
use serde_json::json;

use super::{
    dispatch::{Failed, Fate, NO_GATEWAY, Taken},
    entity::sms_record,
    receipt,
};
use crate::{
    App,
    alert::Alert,
    error::{Error, Result},
    event::chain::Evidence,
    flow::{
        machine::Event,
        transition::{Applied, lock},
    },
    job::Outcome,
    terms::SmsStatus,
};

/// A gateway took it.
pub(super) async fn accepted(app: &App, record: &sms_record::Model, taken: Taken) -> Result<Outcome> {
    let mut locked = lock(app, record.flow_id.ok_or(Error::NotFound)?).await?;
    let evidence = Evidence::facts(json!({
        "smsRecordId": record.id, "gateway": taken.gateway, "gatewayMessageId": taken.gateway_message_id,
    }));
    if !write(&locked.tx, record, of_taken(app, record, &taken)).await? {
        return Ok(Outcome::Done);
    }
    receipt::catch_up(app, &locked.tx, record.id, &taken).await?;
    locked.flow.sms_sent_count += 1;
    locked.flow.last_sms_at = Some(app.now());
    // A move writes the whole row; a fact that is only kept writes nothing of it.
    if locked.apply(Event::SmsAccepted, evidence).await? == Applied::Kept {
        locked.save().await?;
    }
    locked.commit().await?;
    Ok(Outcome::Done)
}

/// A record that a gateway took.
pub(super) fn of_taken(app: &App, record: &sms_record::Model, taken: &Taken) -> sms_record::ActiveModel {
    let now = app.now();
    sms_record::ActiveModel {
        status: Set(SmsStatus::Accepted),
        attempt: Set(record.attempt + 1),
        gateway: Set(Some(taken.gateway.clone())),
        gateway_message_id: Set(Some(taken.gateway_message_id.clone())),
        failure_code: Set(None),
        failure_reason: Set(None),
        next_attempt_at: Set(None),
        counted_at: Set(Some(now)),
        sent_at: Set(Some(now)),
        updated_at: Set(now),
        ..Default::default()
    }
}

/// Nobody took it, or nobody knows.
pub(super) async fn failed(app: &App, record: &sms_record::Model, failed: Failed) -> Result<Outcome> {
    let gaps = &app.settings.sms.retry_seconds;
    let gap = usize::try_from(record.attempt).ok().and_then(|tried| gaps.get(tried));
    let next = gap.filter(|_| failed.fate != Fate::Never).map(|seconds| app.random.jittered(*seconds));
    let change = sms_record::ActiveModel {
        status: Set(if next.is_some() { SmsStatus::Queued } else { SmsStatus::Failed }),
        next_attempt_at: Set(next.map(|after| app.now() + after)),
        ..of_failed(app, record, &failed)
    };
    if let Some(after) = next {
        let ours = write(app.db.write(), record, change).await?;
        return Ok(if ours {
            Outcome::Retry(format!("{}: {}", failed.code, failed.reason), after)
        } else {
            Outcome::Done
        });
    }
    let mut locked = lock(app, record.flow_id.ok_or(Error::NotFound)?).await?;
    if !write(&locked.tx, record, change).await? {
        return Ok(Outcome::Done);
    }
    let evidence =
        Evidence::facts(json!({"smsRecordId": record.id, "gateway": failed.gateway, "failureCode": failed.code}));
    locked.apply(Event::SmsExhausted, evidence).await?;
    locked.commit().await?;
    if failed.code == NO_GATEWAY && failed.fate == Fate::Never {
        app.alerts.raise(Alert::SmsNoGateway, record.template_id);
    }
    app.alerts.raise(Alert::SmsExhausted, record.id);
    Ok(Outcome::Done)
}

/// A record that no gateway took in a try. What surely nobody took doesn't count for the limits; what somebody may have
/// taken does, from the try in which they may have.
pub(super) fn of_failed(app: &App, record: &sms_record::Model, failed: &Failed) -> sms_record::ActiveModel {
    let now = app.now();
    let counted_at = match failed.fate {
        Fate::Unknown => Some(now),
        Fate::StillUnknown | Fate::Later | Fate::Never => record.counted_at,
    };
    sms_record::ActiveModel {
        status: Set(SmsStatus::Failed),
        attempt: Set(record.attempt + 1),
        gateway: Set(failed.gateway.clone().or_else(|| record.gateway.clone())),
        // Codes are the gateway's own, and as long as it likes.
        failure_code: Set(Some(failed.code.chars().take(64).collect())),
        failure_reason: Set(Some(failed.reason.clone())),
        next_attempt_at: Set(None),
        counted_at: Set(counted_at),
        updated_at: Set(now),
        ..Default::default()
    }
}

/// Writes what a try left on the record. False: the record has moved on meanwhile, in the hands of a worker that took
/// the job over, and nothing is written.
async fn write(db: &impl ConnectionTrait, record: &sms_record::Model, change: sms_record::ActiveModel) -> Result<bool> {
    let written = sms_record::Entity::update_many()
        .set(change)
        .filter(sms_record::Column::Id.eq(record.id))
        .filter(sms_record::Column::Status.eq(SmsStatus::Queued))
        .filter(sms_record::Column::Attempt.eq(record.attempt))
        .exec(db)
        .await?;
    Ok(written.rows_affected == 1)
}
