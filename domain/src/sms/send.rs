//! Sending a message: written with the flow, done by a job.
//!
//! The job sends outside any transaction and writes what came of it afterwards, with the flow's row locked. It may run
//! twice, and may be cut off. Before it sends it takes its place among what counts for the number, and writes down whom
//! it asks first; so a message that has its place and still waits may be with somebody, and is looked up there before
//! anything else is done about it.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, EntityTrait, Related, RelationDef};

use super::{
    dispatch::{self, Found, Offer},
    entity::{sms_record, sms_template},
    limit, message, outcome,
    port::OutgoingSms,
    wording,
};
use crate::{
    App,
    error::{Error, Result},
    flow::{
        self,
        entity::{flow_secret, sign_flow},
        secret,
        transition::{Locked, name_in_log},
    },
    ids::{SmsRecordId, SmsTemplateId},
    job::{Job, Outcome},
    reference,
    terms::SmsStatus,
};

/// Which words a message is made of.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// The template.
    pub id: SmsTemplateId,
    /// Its version: the one the flow was started with.
    pub version: i32,
}

impl From<&sms_template::Model> for Template {
    fn from(template: &sms_template::Model) -> Self {
        Self { id: template.id, version: template.version }
    }
}

/// Writes a message and its job.
pub(super) async fn queue(locked: &mut Locked<'_>, template: Template, ordinal: i32) -> Result<()> {
    let (row, job) = message(locked.app, &locked.flow, template, ordinal);
    sms_record::Entity::insert(row).exec_without_returning(&locked.tx).await?;
    flow::enqueue(locked, job, TimeDelta::zero()).await
}

/// A message of a flow, to be sent at once, and the job that sends it. `ordinal`: 1 for the first.
pub fn message(app: &App, flow: &sign_flow::Model, template: Template, ordinal: i32) -> (sms_record::ActiveModel, Job) {
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
    let Some((mut record, flow, secrets)) = rows(app, id).await? else { return Ok(Outcome::Done) };
    name_in_log(flow.id);
    if record.status != SmsStatus::Queued || flow.status.is_terminal() {
        return Ok(Outcome::Done);
    }
    let offer = offer(app, &record, &flow, &secrets).await?;
    let in_doubt = in_doubt(&record);
    let asked = in_doubt.as_ref().map(|(gateway, _)| gateway.clone());
    let asked = asked.or_else(|| dispatch::first_choice(app, &offer.wording));
    if let Some(free_at) = limit::reserve(app, &record, asked).await? {
        return Ok(Outcome::Snooze(free_at));
    }
    if let Some((gateway, tried_at)) = in_doubt {
        match dispatch::look_up(app, &offer, &gateway, tried_at).await {
            Found::Taken(taken) => return outcome::accepted(app, &record, taken).await,
            Found::Failed(failed) => return outcome::failed(app, &record, failed).await,
            Found::Nothing => record.counted_at = None,
        }
    }
    match dispatch::dispatch(app, &offer).await {
        Ok(taken) => outcome::accepted(app, &record, taken).await,
        Err(failed) => outcome::failed(app, &record, failed).await,
    }
}

/// A message with its flow and what that keeps secret, in one look; none for a test, or when the person was erased.
async fn rows(app: &App, id: SmsRecordId) -> Result<Option<(sms_record::Model, sign_flow::Model, flow_secret::Model)>> {
    let found = sms_record::Entity::find_by_id(id)
        .find_also_related(sign_flow::Entity)
        .find_also_related(flow_secret::Entity)
        .one(app.db.read())
        .await?;
    Ok(found.and_then(|(record, flow, secrets)| Some((record, flow?, secrets?))))
}

impl Related<sign_flow::Entity> for sms_record::Entity {
    fn to() -> RelationDef {
        Self::belongs_to(sign_flow::Entity).from(sms_record::Column::FlowId).to(sign_flow::Column::Id).into()
    }
}

impl Related<flow_secret::Entity> for sms_record::Entity {
    fn to() -> RelationDef {
        Self::belongs_to(flow_secret::Entity).from(sms_record::Column::FlowId).to(flow_secret::Column::FlowId).into()
    }
}

/// The gateway that may have a message which still waits, and since when.
fn in_doubt(record: &sms_record::Model) -> Option<(String, DateTime<Utc>)> {
    Some((record.gateway.clone()?, record.counted_at?))
}

async fn offer(
    app: &App,
    record: &sms_record::Model,
    flow: &sign_flow::Model,
    secrets: &flow_secret::Model,
) -> Result<Offer> {
    let wording = wording::of_version(app, record.template_id, record.template_version).await?;
    let input = secret::open_input(app, secrets)?;
    let code = secret::open_link_code(app, secrets)?;
    let reference = reference::current(app).await?;
    let client = reference.client(flow.client_id).ok_or(Error::NotFound)?;
    let agreement = reference.agreement(flow.agreement_type_id).ok_or(Error::NotFound)?;
    let names = (client.name.as_str(), agreement.kind.name.as_str());
    let variables = message::variables(app, &input, names, flow.expires_at, code.expose());
    let subject = input.subject();
    let sms = OutgoingSms {
        message_id: record.id.to_string(),
        mobile: subject.mobile.clone(),
        sign_name: String::new(),
        template_code: None,
        text: wording.text(&variables),
        parameters: wording.parameters(&variables),
        variables,
        asked_at: record.created_at,
    };
    Ok(Offer { sms, wording, subject: Some(subject) })
}
