//! Starting a flow: the verb behind `startSignFlow`.
//!
//! A repeated call gets its flow whatever has changed since in catalogue, rules or settings. Repeated calls are few, so
//! the flow is decided and written as if the call were the first, and the database's constraint on the flowNo says
//! whether it was; and whenever something stands in the way, that or a check of today, an earlier call is looked for
//! before anything is refused. What is new is written in one batch: flow, session, secrets, documents, first event,
//! first message, and the jobs that send it and end the session. Nothing is read or locked on the way.

use std::sync::Arc;

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, EntityTrait, IntoActiveModel, QueryFilter, SqlErr, prelude::*};
use serde_json::json;

use super::{
    check,
    entity::{flow_secret, h5_session, sign_flow, sign_result},
    input::StartSignFlow,
    machine::State,
    plan::{self, Plan},
    query, result,
    secret::{self, place},
};
use crate::{
    App, Caller,
    agreement::{data, entity::agreement_template},
    alert::Alert,
    batch::Batch,
    caller::Operation,
    error::{Error, Result},
    event::{
        chain::{self, Evidence, GENESIS},
        entity::flow_event,
    },
    ids::{ClientId, FlowId},
    job::{self, Job},
    personal::LinkCode,
    reference::{self, Reference},
    seal::entity::seal_record,
    sms::{self, entity::sms_record},
    terms::{FlowEventType, FlowStatus, SealStatus},
    vault,
};

/// A flow, and whether it was there before.
#[derive(Debug)]
pub struct Started {
    /// The flow.
    pub flow: sign_flow::Model,
    /// True: an earlier call with the same flowNo made it.
    pub replayed: bool,
    /// The signer's link, in hand where it was just made; none: it stands in the database, or there is none.
    pub link: Option<Link>,
}

/// A session and its code.
#[derive(Debug)]
pub struct Link {
    /// The session.
    pub session: h5_session::Model,
    /// The code.
    pub code: LinkCode,
}

/// Starts a flow, or gives the one that the same call started before.
pub async fn start(app: &App, caller: &Caller, input: StartSignFlow) -> Result<Started> {
    caller.require(Operation::StartSignFlow)?;
    check::shape(&input)?;
    let reference = reference::current(app).await?;
    let client = plan::calling_client(&reference, caller)?;
    let refused = match first(app, &reference, caller, &input).await {
        Ok(started) => return Ok(started),
        Err(error) => error,
    };
    // Whatever stands in the way today, an earlier call with this flowNo has its flow.
    if let Some(started) = replay(app, client.id, &input).await? {
        return Ok(started);
    }
    if let Error::SmsTemplateNotFound(_) = refused {
        app.alerts.raise(Alert::SmsTemplateMissing, &input.flow_no);
    }
    // It was another call that took the flow's place which this one was to take.
    Err(if is_duplicate(&refused) { Error::state_conflict("SUPERSEDED") } else { refused })
}

/// Starts a flow as if no call had come before. The database's constraints know better.
async fn first(app: &App, reference: &Reference, caller: &Caller, input: &StartSignFlow) -> Result<Started> {
    let plan = plan::make(app, reference, caller, input)?;
    let supersedes = superseded(app, caller, input).await?;
    let (started, batch) = fresh(app, caller, input, &plan, supersedes)?;
    batch.commit(app).await?;
    if plan.template().is_none() {
        app.alerts.raise(Alert::SmsTemplateMissing, &input.flow_no);
    }
    Ok(started)
}

/// The flow an earlier call with this flowNo started; other content is IDEMPOTENCY_CONFLICT.
async fn replay(app: &App, client: ClientId, input: &StartSignFlow) -> Result<Option<Started>> {
    let Some(flow) = by_flow_no(app, client, &input.flow_no).await? else { return Ok(None) };
    let hmac = app.vault.lookup("sign_flow.content", &input.canonical()?);
    if !vault::same(&hmac, &flow.content_hmac) {
        let before = secret::input(app, app.db.read(), flow.id).await?;
        let fields = before.differing_fields(input)?;
        // No field differs when only the key of the HMAC has changed since.
        if !fields.is_empty() {
            return Err(Error::IdempotencyConflict { fields });
        }
    }
    Ok(Some(Started { flow, replayed: true, link: None }))
}

async fn by_flow_no(app: &App, client: ClientId, flow_no: &str) -> Result<Option<sign_flow::Model>> {
    Ok(sign_flow::Entity::find()
        .filter(sign_flow::Column::ClientId.eq(client))
        .filter(sign_flow::Column::FlowNo.eq(flow_no))
        .one(app.db.read())
        .await?)
}

/// The flow that is to be superseded: of the same client, restartable, not superseded yet.
pub(super) async fn superseded(app: &App, caller: &Caller, input: &StartSignFlow) -> Result<Option<FlowId>> {
    let Some(id) = &input.supersedes else { return Ok(None) };
    let id: FlowId = id.parse().map_err(|_| Error::NotFound)?;
    let old = super::query::by_id(app, caller, id).await?.ok_or(Error::NotFound)?;
    if super::query::restartable(app, &old).await? { Ok(Some(id)) } else { Err(Error::state_conflict(old.status)) }
}

fn is_duplicate(error: &Error) -> bool {
    let Error::Internal(source) = error else { return false };
    let source = source.downcast_ref::<DbErr>().and_then(DbErr::sql_err);
    matches!(source, Some(SqlErr::UniqueConstraintViolation(_)))
}

/// A flow as it begins, and everything that is written with it.
fn fresh(
    app: &App,
    caller: &Caller,
    input: &StartSignFlow,
    plan: &Plan,
    supersedes: Option<FlowId>,
) -> Result<(Started, Batch)> {
    let canonical = input.canonical()?;
    let mut flow = flow_row(app, input, &canonical, plan, supersedes);
    let seals = documents(app, &flow, plan);
    let event_key: [u8; 32] = app.random.bytes();
    let evidence = Evidence::facts(json!({
        "by": caller.label(),
        "scene": input.scene,
        "subjectType": input.subject.kind,
        "agreementType": input.agreement_type,
        "authType": plan.auth_type(),
        "contentHmac": hex::encode(&flow.content_hmac),
        "documents": plan.texts.iter().map(|t| json!({"name": t.document_name, "version": t.version})).collect::<Vec<_>>(),
    }));
    let kind = if plan.template().is_some() { FlowEventType::Started } else { FlowEventType::StartFailed };
    let step = (kind, None, flow.status);
    let link = chain::next(app, &mut flow, &event_key, step, evidence)?;

    let mut batch = Batch::default();
    batch.add(sign_flow::Entity::insert(flow.clone().into_active_model()));
    batch.add(seal_record::Entity::insert_many(seals.iter().cloned().map(IntoActiveModel::into_active_model)));
    batch.add(flow_event::Entity::insert(link.event));
    let code = secret::fresh_link_code(&app.random);
    batch.add(flow_secret::Entity::insert(secrets(app, &flow, (input, &canonical), plan, (&event_key, &code))?));
    let Some(template) = plan.template() else {
        batch.add(sign_result::Entity::insert(result::signed(app, &plan.client, &flow, &seals, None)));
        return Ok((Started { flow, replayed: false, link: None }, batch));
    };
    let session = session(app, &flow, &code);
    batch.add(h5_session::Entity::insert(session.clone().into_active_model()));
    let (message, send) = sms::send::message(app, &flow, template.into(), 1);
    batch.add(sms_record::Entity::insert(message));
    let jobs = [(send, flow.created_at), (Job::ExpireSession { flow: flow.id }, flow.expires_at)];
    batch.add(job::rows(jobs, Some(flow.id), flow.created_at)?);
    Ok((Started { flow, replayed: false, link: Some(Link { session, code }) }, batch))
}

fn flow_row(
    app: &App,
    input: &StartSignFlow,
    canonical: &str,
    plan: &Plan,
    supersedes: Option<FlowId>,
) -> sign_flow::Model {
    let now = app.now();
    let subject = input.subject();
    let hash = |purpose: &str, value: &str| app.vault.lookup(purpose, value);
    let state = match plan.template() {
        Some(_) => State::started(plan.auth_type()),
        None => State::start_failed(plan.auth_type()),
    };
    sign_flow::Model {
        id: app.id(),
        client_id: plan.client.id,
        flow_no: input.flow_no.clone(),
        content_hmac: hash("sign_flow.content", canonical),
        content_key_id: app.vault.lookup_key_id().to_owned(),
        scene: input.scene,
        business_action: input.business_action,
        fund_purpose: input.fund_purpose.clone(),
        subject_type: subject.kind,
        subject_role: subject.role,
        subject_no: subject.subject_no.clone(),
        mobile_hash: hash("mobile", subject.mobile.expose()),
        id_number_hash: hash("id_number", subject.id_number.expose()),
        name_hash: Some(hash(query::PersonalKind::Name.purpose(), subject.name())),
        account_hash: subject.account.as_ref().map(|account| hash("account", account.number.expose())),
        agreement_type_id: plan.agreement.id,
        agreement_type: plan.agreement.code.clone(),
        status: state.status,
        auth_type: state.auth_type,
        auth_status: state.auth_status,
        seal_status: state.seal_status,
        attempt: 0,
        attempts_spent: 0,
        sign_failures: 0,
        failure_code: state.failure.map(|code| code.as_str().to_owned()),
        sms_undelivered: false,
        sms_sent_count: 0,
        sms_resent_count: 0,
        last_sms_at: None,
        decision: plan.decision(),
        return_url: input.return_url.clone(),
        metadata: input.metadata.clone(),
        supersedes,
        event_count: 0,
        head_hash: GENESIS.to_vec(),
        lost_session: plan.template().is_none(),
        created_at: now,
        updated_at: now,
        expires_at: plan.expires_at.max(now + TimeDelta::seconds(1)),
        completed_at: (state.status == FlowStatus::Failed).then_some(now),
    }
}

fn secrets(
    app: &App,
    flow: &sign_flow::Model,
    (input, canonical): (&StartSignFlow, &str),
    plan: &Plan,
    (event_key, code): (&[u8], &LinkCode),
) -> Result<flow_secret::ActiveModel> {
    let sealed = |column: &str, value: &[u8]| app.vault.seal(&app.random, &place(column, flow.id), value);
    let data = data::of(input, &plan.client.name, flow.created_at, flow.expires_at);
    Ok(flow_secret::ActiveModel {
        flow_id: Set(flow.id),
        event_key: Set(sealed("event_key", event_key)),
        input: Set(sealed("input", canonical.as_bytes())),
        link_code: Set(sealed("link_code", code.expose().as_bytes())),
        document_data: Set(sealed("document_data", &serde_json::to_vec(&data)?)),
        ink: Set(None),
    })
}

fn session(app: &App, flow: &sign_flow::Model, code: &LinkCode) -> h5_session::Model {
    h5_session::Model {
        id: app.id(),
        flow_id: flow.id,
        code_hash: secret::link_hash(app, code.expose()),
        opened_at: None,
        created_at: flow.created_at,
    }
}

fn documents(app: &App, flow: &sign_flow::Model, plan: &Plan) -> Vec<seal_record::Model> {
    let row = |(position, text): (i32, &Arc<agreement_template::Model>)| seal_record::Model {
        id: app.id(),
        flow_id: flow.id,
        position,
        document_name: text.document_name.clone(),
        template_id: text.id,
        template_version: text.version,
        status: SealStatus::Pending,
        content_digest: None,
        sealed_digest: None,
        level: None,
        sealed_blob: None,
        failure_reason: None,
        signed_at: None,
        sealed_at: None,
        created_at: flow.created_at,
        updated_at: flow.created_at,
    };
    (1..).zip(&plan.texts).map(row).collect()
}
