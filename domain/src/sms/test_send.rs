//! Sending a template to try it: at once, to a number that staff name, with nobody's values and a link that leads nowhere.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, prelude::*};
use serde_json::{Value, json};

use super::{
    dispatch::{self, Failed, Fate, Offer, Taken, UNKNOWN},
    entity::{sms_record, sms_template},
    limit, outcome,
    port::OutgoingSms,
    receipt, sample, wording,
};
use crate::{
    App, Caller,
    audit::{self, Act},
    caller::Operation,
    db,
    error::{Error, Result},
    ids::{SmsRecordId, SmsTemplateId},
    personal::Mobile,
    selector::Selector,
    terms::SmsStatus,
};

/// The verb behind `sendTestSms`: the template as it is now, also one that is not in use, within the limits of the
/// number. Whoever asks waits for the gateway; what it did not take is `SMS_SEND_FAILED`, and its record tells why.
pub async fn send_test(app: &App, caller: &Caller, template: SmsTemplateId, mobile: &str) -> Result<sms_record::Model> {
    caller.require(Operation::SendTestSms)?;
    let mobile = Mobile::parse(mobile)
        .ok_or_else(|| Error::field("mobile", "E.164 (+8613800138000) or an 11-digit mainland number"))?;
    let (record, selector) = write_down(app, caller, template, &mobile).await?;
    let wording = wording::of_version(app, template, record.template_version).await?;
    let variables = sample::values(&app.settings, &selector, None).sample;
    let sms = OutgoingSms {
        message_id: record.id.to_string(),
        mobile,
        sign_name: String::new(),
        template_code: None,
        text: wording.text(&variables),
        parameters: wording.parameters(&variables),
        variables,
        asked_at: record.created_at,
    };
    let offer = Offer { sms, wording, subject: None };
    let told = dispatch::dispatch(app, &offer).await;
    let failed = told.is_err();
    settle(app, &record, told).await?;
    if failed {
        return Err(Error::SmsSendFailed);
    }
    sms_record::Entity::find_by_id(record.id).one(app.db.read()).await?.ok_or(Error::NotFound)
}

/// Writes the record and who asked for it, if the number may be written to. It stands as failed until the gateway has
/// answered: no job would take it up if this process ended before.
async fn write_down(
    app: &App,
    caller: &Caller,
    id: SmsTemplateId,
    mobile: &Mobile,
) -> Result<(sms_record::Model, Selector)> {
    let mobile_hash = app.vault.lookup("mobile", mobile.expose());
    let tx = app.write_tx().await?;
    let template = sms_template::Entity::find_by_id(id).one(&tx).await?.ok_or(Error::NotFound)?;
    db::hold(&tx, &mobile_hash).await?;
    let room = limit::room(app, &tx, &mobile_hash, None).await?;
    // Read after: what is free at once was free a moment ago.
    let now = app.now();
    let wait: TimeDelta = room.free_at - now;
    if wait > TimeDelta::zero() {
        return Err(Error::SmsRateLimited {
            retry_after_seconds: Some((wait.num_milliseconds() + 999) / 1_000),
            remaining: i32::try_from(room.left).unwrap_or(i32::MAX),
        });
    }
    let record: SmsRecordId = app.id();
    let row = sms_record::ActiveModel {
        id: Set(record),
        template_id: Set(template.id),
        template_version: Set(template.version),
        ordinal: Set(1),
        attempt: Set(0),
        status: Set(SmsStatus::Failed),
        failure_code: Set(Some(UNKNOWN.to_owned())),
        mobile_hash: Set(mobile_hash),
        counted_at: Set(Some(now)),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    sms_record::Entity::insert(row).exec_without_returning(&tx).await?;
    let after = json!({"smsRecordId": record, "mobile": mobile.masked(), "version": template.version});
    let act: Act<'_, Value> =
        Act { operation: Operation::SendTestSms, target: id.to_string(), before: None, after: Some(&after) };
    audit::record(app, &tx, caller, act).await?;
    let written = sms_record::Entity::find_by_id(record).one(&tx).await?.ok_or(Error::NotFound)?;
    app.commit(tx).await?;
    Ok((written, template.selector()))
}

async fn settle(app: &App, record: &sms_record::Model, told: Result<Taken, Failed>) -> Result<()> {
    let tx = app.write_tx().await?;
    let change = match &told {
        Ok(taken) => outcome::of_taken(app, record, taken),
        Err(failed) => sms_record::ActiveModel {
            // What surely nobody took doesn't count.
            counted_at: Set(record.counted_at.filter(|_| failed.fate == Fate::Unknown)),
            ..outcome::of_failed(app, record, failed)
        },
    };
    sms_record::Entity::update_many().set(change).filter(sms_record::Column::Id.eq(record.id)).exec(&tx).await?;
    if let Ok(taken) = &told {
        receipt::catch_up(app, &tx, record.id, taken).await?;
    }
    app.commit(tx).await
}
