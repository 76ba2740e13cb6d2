//! Starting a flow: the verb behind `startSignFlow`.
//!
//! The flowNo is looked up before every check that depends on today's catalogue, rules or settings: a repeated call gets
//! its flow whatever has changed since. What is new is written in one transaction: flow, session, secrets, documents,
//! first event, first message, and the jobs that send it and end the session.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, EntityTrait, IntoActiveModel, QueryFilter, SqlErr, prelude::*};
use serde_json::json;

use super::{
    check,
    entity::{flow_secret, h5_session, sign_flow},
    input::StartSignFlow,
    machine::State,
    plan::{self, Plan},
    result,
    secret::{self, place},
    transition::Locked,
};
use crate::{
    App, Caller,
    agreement::data,
    caller::Operation,
    client::Client,
    error::{Error, Result},
    event::{
        self,
        chain::{Evidence, GENESIS},
    },
    ids::{ClientId, FlowId},
    job::{self, Job},
    seal::entity::seal_record,
    sms,
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
}

/// Starts a flow, or gives the one that the same call started before.
pub async fn start(app: &App, caller: &Caller, input: StartSignFlow) -> Result<Started> {
    caller.require(Operation::StartSignFlow)?;
    check::shape(&input)?;
    let client = plan::calling_client(app, caller).await?;
    if let Some(started) = replay(app, &client, &input).await? {
        return Ok(started);
    }
    let plan = plan::make(app, caller, &input).await?;
    let supersedes = superseded(app, caller, &input).await?;
    match insert(app, caller, &input, plan, supersedes).await {
        Ok(flow) => Ok(Started { flow, replayed: false }),
        // Another call was faster: either it started this very flow, or it took the one to be superseded.
        Err(Refused::Duplicate) => match replay(app, &client, &input).await? {
            Some(started) => Ok(started),
            None => Err(Error::state_conflict("SUPERSEDED")),
        },
        Err(Refused::Error(error)) => Err(error),
    }
}

/// The flow an earlier call with this flowNo started; other content is IDEMPOTENCY_CONFLICT.
async fn replay(app: &App, client: &Client, input: &StartSignFlow) -> Result<Option<Started>> {
    let Some(flow) = by_flow_no(app, client.id, &input.flow_no).await? else { return Ok(None) };
    let hmac = app.vault.lookup("sign_flow.content", &input.canonical()?);
    if vault::same(&hmac, &flow.content_hmac) {
        return Ok(Some(Started { flow, replayed: true }));
    }
    let before = secret::input(app, app.db.read(), flow.id).await?;
    let fields = before.differing_fields(input)?;
    if fields.is_empty() {
        // The key of the HMAC has changed since; the content is the same.
        return Ok(Some(Started { flow, replayed: true }));
    }
    Err(Error::IdempotencyConflict { fields })
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

enum Refused {
    Duplicate,
    Error(Error),
}

impl<E: Into<Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        let error = error.into();
        if let Error::Internal(source) = &error {
            let db = source.downcast_ref::<DbErr>();
            if let Some(SqlErr::UniqueConstraintViolation(_)) = db.and_then(DbErr::sql_err) {
                return Self::Duplicate;
            }
        }
        Self::Error(error)
    }
}

async fn insert(
    app: &App,
    caller: &Caller,
    input: &StartSignFlow,
    plan: Plan,
    supersedes: Option<FlowId>,
) -> Result<sign_flow::Model, Refused> {
    let row = flow_row(app, input, &plan, supersedes)?;
    let event_key: [u8; 32] = app.random.bytes();
    let tx = app.write_tx().await?;
    sign_flow::Entity::insert(row.clone().into_active_model()).exec_without_returning(&tx).await?;
    let mut locked = Locked::fresh(app, tx, row, plan.client.clone(), event_key.to_vec());
    write_secrets(&locked, input, &plan, &event_key).await?;
    write_documents(&locked, &plan).await?;
    let (kind, status) = (first_event(&plan), locked.flow.status);
    let evidence = Evidence::facts(json!({
        "by": caller.label(),
        "scene": input.scene,
        "subjectType": input.subject.kind,
        "agreementType": input.agreement_type,
        "authType": plan.auth_type(),
        "contentHmac": hex::encode(&locked.flow.content_hmac),
        "documents": plan.texts.iter().map(|t| json!({"name": t.document_name, "version": t.version})).collect::<Vec<_>>(),
    }));
    event::append(app, &locked.tx, &mut locked.flow, &event_key, (kind, None, status), evidence).await?;
    if status.is_terminal() {
        locked.save().await?;
        result::issue(&locked).await?;
    } else {
        sms::send::first(&mut locked, plan.template().expect("a flow that begins has its template")).await?;
        let (flow, end) = (locked.flow.id, locked.flow.expires_at);
        job::enqueue(&locked.tx, Job::ExpireSession { flow }, Some(flow), app.now(), end).await?;
        locked.save().await?;
    }
    Ok(locked.commit().await?)
}

fn first_event(plan: &Plan) -> FlowEventType {
    if plan.template().is_some() { FlowEventType::Started } else { FlowEventType::StartFailed }
}

fn flow_row(app: &App, input: &StartSignFlow, plan: &Plan, supersedes: Option<FlowId>) -> Result<sign_flow::Model> {
    let now = app.now();
    let subject = input.subject();
    let hash = |purpose: &str, value: &str| app.vault.lookup(purpose, value);
    let state = match plan.template() {
        Some(_) => State::started(plan.auth_type()),
        None => State::start_failed(plan.auth_type()),
    };
    Ok(sign_flow::Model {
        id: app.id(),
        client_id: plan.client.id,
        flow_no: input.flow_no.clone(),
        content_hmac: hash("sign_flow.content", &input.canonical()?),
        content_key_id: app.vault.lookup_key_id().to_owned(),
        scene: input.scene,
        business_action: input.business_action,
        fund_purpose: input.fund_purpose.clone(),
        subject_type: subject.kind,
        subject_role: subject.role,
        subject_no: subject.subject_no.clone(),
        mobile_hash: hash("mobile", subject.mobile.expose()),
        id_number_hash: hash("id_number", subject.id_number.expose()),
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
    })
}

async fn write_secrets(locked: &Locked<'_>, input: &StartSignFlow, plan: &Plan, event_key: &[u8]) -> Result<()> {
    let (app, flow) = (locked.app, &locked.flow);
    let id = flow.id;
    let code = secret::fresh_link_code(&app.random);
    let sealed = |column: &str, value: &[u8]| app.vault.seal(&app.random, &place(column, id), value);
    let data = data::of(input, &plan.client, flow.created_at, flow.expires_at);
    let row = flow_secret::ActiveModel {
        flow_id: Set(id),
        event_key: Set(sealed("event_key", event_key)),
        input: Set(sealed("input", input.canonical()?.as_bytes())),
        link_code: Set(sealed("link_code", code.expose().as_bytes())),
        document_data: Set(sealed("document_data", &serde_json::to_vec(&data)?)),
        ink: Set(None),
    };
    flow_secret::Entity::insert(row).exec_without_returning(&locked.tx).await?;
    if flow.lost_session {
        return Ok(());
    }
    let session = h5_session::ActiveModel {
        id: Set(app.id()),
        flow_id: Set(id),
        code_hash: Set(secret::link_hash(app, code.expose())),
        opened_at: Set(None),
        created_at: Set(flow.created_at),
    };
    h5_session::Entity::insert(session).exec_without_returning(&locked.tx).await?;
    Ok(())
}

async fn write_documents(locked: &Locked<'_>, plan: &Plan) -> Result<()> {
    let now = locked.app.now();
    let rows = (1..).zip(&plan.texts).map(|(position, text)| seal_record::ActiveModel {
        id: Set(locked.app.id()),
        flow_id: Set(locked.flow.id),
        position: Set(position),
        document_name: Set(text.document_name.clone()),
        template_id: Set(text.id),
        template_version: Set(text.version),
        status: Set(SealStatus::Pending),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    });
    seal_record::Entity::insert_many(rows).exec_without_returning(&locked.tx).await?;
    Ok(())
}
