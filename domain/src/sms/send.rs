//! Sending a message: written with the flow, done by a job.
//!
//! The job sends outside any transaction and writes what came of it afterwards, with the flow's row locked. It may run
//! twice: the gateways know the message by its id. A try whose outcome nobody knows counts as sent for the limits and is
//! tried again under the same id.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, prelude::*};
use serde_json::json;

use super::{
    entity::{sms_record, sms_template},
    limit, message,
    port::{OutgoingSms, SmsFailure},
};
use crate::{
    App,
    alert::Alert,
    error::{Error, Result},
    event::chain::Evidence,
    flow::{
        self, Subject,
        entity::sign_flow,
        machine::Event,
        secret,
        transition::{Applied, Locked, lock},
    },
    ids::SmsRecordId,
    job::{Job, Outcome},
    reference,
    terms::SmsStatus,
};

/// Writes a message and its job.
pub(super) async fn queue(locked: &mut Locked<'_>, template: &sms_template::Model, ordinal: i32) -> Result<()> {
    let (row, job) = message(locked.app, &locked.flow, template, ordinal);
    sms_record::Entity::insert(row).exec_without_returning(&locked.tx).await?;
    flow::enqueue(locked, job, TimeDelta::zero()).await
}

/// A message of a flow, to be sent at once, and the job that sends it. `ordinal`: 1 for the first.
pub fn message(
    app: &App,
    flow: &sign_flow::Model,
    template: &sms_template::Model,
    ordinal: i32,
) -> (sms_record::ActiveModel, Job) {
    let (id, now) = (app.id(), app.now());
    let row = sms_record::ActiveModel {
        id: Set(id),
        flow_id: Set(Some(flow.id)),
        template_id: Set(template.id),
        template_version: Set(template.version),
        ordinal: Set(ordinal),
        attempt: Set(0),
        status: Set(SmsStatus::Queued),
        mobile_hash: Set(flow.mobile_hash.clone()),
        next_attempt_at: Set(Some(now)),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    (row, Job::SendSms { record: id })
}

/// The job.
pub async fn run(app: &App, id: SmsRecordId) -> Result<Outcome> {
    let Some(record) = sms_record::Entity::find_by_id(id).one(app.db.read()).await? else { return Ok(Outcome::Done) };
    let Some(flow_id) = record.flow_id else { return Ok(Outcome::Done) };
    let flow = flow::query::by_id(app, &crate::Caller::System, flow_id).await?.ok_or(Error::NotFound)?;
    if record.status != SmsStatus::Queued || flow.status.is_terminal() {
        return Ok(Outcome::Done);
    }
    if let Some(free_at) = limit::reserve(app, &record).await? {
        return Ok(Outcome::Snooze(free_at));
    }
    let (outgoing, subject) = outgoing(app, &record, &flow).await?;
    let Some(gateway) = app.gateways.first() else { return Err(Error::internal("no SMS gateway is configured")) };
    let outgoing = OutgoingSms {
        sign_name: if outgoing.sign_name.is_empty() { gateway.sign_name().to_owned() } else { outgoing.sign_name },
        ..outgoing
    };
    match gateway.send(&outgoing).await {
        Ok(gateway_message_id) => accepted(app, record, gateway.name(), gateway_message_id).await,
        Err(failure) => failed(app, record, gateway.name(), unnamed(failure, &outgoing, &subject)).await,
    }
}

/// The failure without what the gateway may have quoted of the message: whom it went to, and the link.
fn unnamed(failure: SmsFailure, sent: &OutgoingSms, subject: &Subject) -> SmsFailure {
    let code = sent.variables.get("linkCode").map_or("", String::as_str);
    let clean = |text: String| subject.masked_in(&text.replace(code, "***"));
    match failure {
        SmsFailure::Retryable { code, reason } => SmsFailure::Retryable { code: clean(code), reason: clean(reason) },
        SmsFailure::Final { code, reason } => SmsFailure::Final { code: clean(code), reason: clean(reason) },
        SmsFailure::Unknown { reason } => SmsFailure::Unknown { reason: clean(reason) },
    }
}

async fn outgoing(app: &App, record: &sms_record::Model, flow: &sign_flow::Model) -> Result<(OutgoingSms, Subject)> {
    let db = app.db.read();
    let template = sms_template::Entity::find_by_id(record.template_id).one(db).await?.ok_or(Error::NotFound)?;
    let secrets = secret::row(db, flow.id).await?;
    let input = secret::open_input(app, &secrets)?;
    let code = secret::open_link_code(app, &secrets)?;
    let reference = reference::current(app).await?;
    let client = reference.client(flow.client_id).ok_or(Error::NotFound)?;
    let agreement = reference.agreement(flow.agreement_type_id).ok_or(Error::NotFound)?;
    let names = (client.name.as_str(), agreement.kind.name.as_str());
    let variables = message::variables(app, &input, names, flow.expires_at, code.expose());
    let subject = input.subject();
    let outgoing = OutgoingSms {
        message_id: record.id.to_string(),
        mobile: subject.mobile.clone(),
        sign_name: template.sign_name.clone().unwrap_or_default(),
        template_code: template_code(&template, app),
        text: message::text(&template, &variables),
        variables,
    };
    Ok((outgoing, subject))
}

fn template_code(template: &sms_template::Model, app: &App) -> Option<String> {
    let gateway = app.gateways.first()?.name();
    let known = template.gateway_templates.as_array()?;
    let entry = known.iter().find(|entry| entry["gateway"] == gateway)?;
    entry["code"].as_str().map(str::to_owned)
}

/// A gateway took it.
async fn accepted(app: &App, record: sms_record::Model, gateway: &str, gateway_message_id: String) -> Result<Outcome> {
    let mut locked = lock(app, record.flow_id.ok_or(Error::NotFound)?).await?;
    let evidence = Evidence::facts(json!({
        "smsRecordId": record.id, "gateway": gateway, "gatewayMessageId": gateway_message_id,
    }));
    let now = app.now();
    let change = sms_record::ActiveModel {
        status: Set(SmsStatus::Accepted),
        attempt: Set(record.attempt + 1),
        gateway: Set(Some(gateway.to_owned())),
        gateway_message_id: Set(Some(gateway_message_id)),
        failure_code: Set(None),
        failure_reason: Set(None),
        next_attempt_at: Set(None),
        counted_at: Set(Some(now)),
        sent_at: Set(Some(now)),
        updated_at: Set(now),
        ..Default::default()
    };
    if !write(&locked.tx, &record, change).await? {
        return Ok(Outcome::Done);
    }
    locked.flow.sms_sent_count += 1;
    locked.flow.last_sms_at = Some(now);
    // A move writes the whole row; a fact that is only kept writes nothing of it.
    if locked.apply(Event::SmsAccepted, evidence).await? == Applied::Kept {
        locked.save().await?;
    }
    locked.commit().await?;
    Ok(Outcome::Done)
}

/// A gateway did not take it, or nobody knows.
async fn failed(app: &App, record: sms_record::Model, gateway: &str, failure: SmsFailure) -> Result<Outcome> {
    let (code, reason, counts, final_) = match failure {
        SmsFailure::Retryable { code, reason } => (code, reason, false, false),
        SmsFailure::Final { code, reason } => (code, reason, false, true),
        SmsFailure::Unknown { reason } => ("UNKNOWN".to_owned(), reason, true, false),
    };
    let gaps = &app.settings.sms.retry_seconds;
    let gap = usize::try_from(record.attempt).ok().and_then(|tried| gaps.get(tried)).filter(|_| !final_);
    let next = gap.map(|seconds| app.random.jittered(*seconds));
    let text = format!("{code}: {reason}");
    let now = app.now();
    let change = sms_record::ActiveModel {
        attempt: Set(record.attempt + 1),
        status: Set(if next.is_some() { SmsStatus::Queued } else { SmsStatus::Failed }),
        gateway: Set(Some(gateway.to_owned())),
        failure_code: Set(Some(code.clone())),
        failure_reason: Set(Some(reason)),
        next_attempt_at: Set(next.map(|after| now + after)),
        // What a gateway surely did not take doesn't count, unless an earlier try may have been taken.
        counted_at: Set(if counts { Some(now) } else { record.counted_at }),
        updated_at: Set(now),
        ..Default::default()
    };
    if let Some(after) = next {
        let ours = write(app.db.write(), &record, change).await?;
        return Ok(if ours { Outcome::Retry(text, after) } else { Outcome::Done });
    }
    let mut locked = lock(app, record.flow_id.ok_or(Error::NotFound)?).await?;
    if !write(&locked.tx, &record, change).await? {
        return Ok(Outcome::Done);
    }
    let evidence = Evidence::facts(json!({"smsRecordId": record.id, "gateway": gateway, "failureCode": code}));
    locked.apply(Event::SmsExhausted, evidence).await?;
    locked.commit().await?;
    app.alerts.raise(Alert::SmsExhausted, record.id);
    Ok(Outcome::Done)
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
