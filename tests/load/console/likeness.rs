//! A flow that is like its model, with another subject, another time and another end.

use chrono::{DateTime, TimeDelta, Utc};
use esign_domain::{
    App,
    event::chain::{self, Evidence, GENESIS},
    flow::{
        entity::{flow_secret, h5_session, sign_flow},
        secret::{fresh_link_code, link_hash, place},
    },
    seal::entity::seal_record,
    sms::entity::sms_record,
    terms::{AuthStatus, FlowStatus, SealStatus, SmsStatus},
};
use sea_orm::TryIntoModel;
use serde_json::json;

use super::{
    beside::beside,
    model::{Model, kind},
    platform::Platform,
    seed::Rows,
    story::{fate, steps},
    subject::another,
};
use crate::Failure;

/// Adds the rows of a flow with this number that began then, as it stands now.
pub fn likeness(
    platform: &Platform,
    models: &[Model],
    number: u64,
    (at, now): (DateTime<Utc>, DateTime<Utc>),
    rows: &mut Rows,
) -> Result<(), Failure> {
    let words = |error: esign_domain::Error| error.to_string();
    let (app, model) = (&platform.app, &models[kind(number)]);
    platform.clock.set(at);
    let (input, fate) = (another(model, number), fate(number, now - at));
    let told = steps(number, &fate, now - at);
    let moved = at + TimeDelta::seconds(told.last().map_or(0, |step| step.2));
    let hash = |purpose: &str, value: &str| app.vault.lookup(purpose, value);
    let canonical = input.canonical().map_err(words)?;
    let subject = input.subject();
    let reached = !matches!(fate.status, FlowStatus::Created);
    let mut flow = sign_flow::Model {
        id: app.id(),
        flow_no: input.flow_no.clone(),
        content_hmac: hash("sign_flow.content", &canonical),
        subject_no: subject.subject_no.clone(),
        mobile_hash: hash("mobile", subject.mobile.expose()),
        id_number_hash: hash("id_number", subject.id_number.expose()),
        name_hash: Some(hash("name", subject.name())),
        status: fate.status,
        auth_status: fate.auth,
        seal_status: fate.seal,
        attempt: i32::from(fate.auth != AuthStatus::NotStarted),
        failure_code: fate.failure.map(str::to_owned),
        sms_undelivered: fate.unreached,
        sms_sent_count: i32::from(reached),
        last_sms_at: reached.then_some(at),
        event_count: 0,
        head_hash: GENESIS.to_vec(),
        created_at: at,
        updated_at: moved,
        expires_at: at + TimeDelta::hours(72),
        completed_at: fate.status.is_terminal().then_some(moved),
        ..model.flow.clone()
    };
    let event_key: [u8; 32] = app.random.bytes();
    let mut before = None;
    for (kind, to, after) in told {
        platform.clock.set(at + TimeDelta::seconds(after));
        let evidence = Evidence::facts(json!({"by": "seed"}));
        let link = chain::next(app, &mut flow, &event_key, (kind, before, to), evidence).map_err(words)?;
        before = Some(to);
        let mut event = link.event;
        event.position = sea_orm::ActiveValue::Set(0);
        rows.events.push(event.try_into_model().map_err(|error| error.to_string())?);
    }
    platform.clock.set(at);
    let code = fresh_link_code(&app.random);
    let sealed = |column: &str, value: &[u8]| app.vault.seal(&app.random, &place(column, flow.id), value);
    rows.secrets.push(flow_secret::Model {
        flow_id: flow.id,
        event_key: sealed("event_key", &event_key),
        input: sealed("input", canonical.as_bytes()),
        link_code: sealed("link_code", code.expose().as_bytes()),
        document_data: sealed("document_data", &model.data),
        ink: None,
    });
    let opened = fate.seal != SealStatus::Pending || number.is_multiple_of(3);
    rows.sessions.push(h5_session::Model {
        id: app.id(),
        flow_id: flow.id,
        code_hash: link_hash(app, code.expose()),
        opened_at: opened.then_some(moved.min(at + TimeDelta::seconds(60))),
        created_at: at,
    });
    rows.messages.push(message(app, model, &flow, number, reached));
    rows.seals.extend(model.seals.iter().map(|seal| document(app, seal, &flow, moved)));
    platform.clock.set(moved);
    beside(app, (&flow, number), (&fate, now), rows)?;
    rows.flows.push(flow);
    Ok(())
}

fn message(app: &App, model: &Model, flow: &sign_flow::Model, number: u64, reached: bool) -> sms_record::Model {
    let at = flow.created_at;
    let sent = reached.then_some(at + TimeDelta::milliseconds(300));
    let delivered = sent.filter(|_| !number.is_multiple_of(50)).map(|sent| sent + TimeDelta::seconds(3));
    let status = match (sent, delivered) {
        (_, Some(_)) => SmsStatus::Delivered,
        (Some(_), None) => SmsStatus::Accepted,
        (None, None) => SmsStatus::Failed,
    };
    sms_record::Model {
        id: app.id(),
        flow_id: Some(flow.id),
        attempt: 1,
        status,
        gateway: Some("sandbox".into()),
        gateway_message_id: sent.map(|_| format!("m-{number}")),
        failure_code: (!reached).then(|| "HTTP_503".into()),
        mobile_hash: flow.mobile_hash.clone(),
        counted_at: sent,
        next_attempt_at: None,
        sent_at: sent,
        delivered_at: delivered,
        created_at: at,
        updated_at: delivered.or(sent).unwrap_or(at),
        ..model.sms.clone()
    }
}

fn document(app: &App, of: &seal_record::Model, flow: &sign_flow::Model, moved: DateTime<Utc>) -> seal_record::Model {
    let digest = |salt: &str| esign_domain::vault::sha256_hex(format!("{salt}{}", flow.id).as_bytes());
    let signed = flow.seal_status != SealStatus::Pending;
    let sealed = flow.seal_status == SealStatus::Sealed;
    seal_record::Model {
        id: app.id(),
        flow_id: flow.id,
        status: flow.seal_status,
        content_digest: signed.then(|| digest("base")),
        sealed_digest: sealed.then(|| digest("sealed")),
        level: sealed.then(|| "PAdES-B-B".into()),
        signed_at: signed.then_some(moved),
        sealed_at: sealed.then_some(moved),
        created_at: flow.created_at,
        updated_at: moved,
        ..of.clone()
    }
}
