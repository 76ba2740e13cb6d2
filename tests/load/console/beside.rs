//! What lies beside a seeded flow: its attempt at the auth system, its jobs, what staff did about it.

use chrono::{DateTime, TimeDelta, Utc};
use esign_domain::{
    App, audit,
    auth::entity::auth_record,
    caller::Operation,
    flow::entity::sign_flow,
    job::{Job, entity::job},
    terms::{AuthStatus, AuthType, FlowEventType, FlowStatus},
};
use serde_json::json;

use super::{seed::Rows, story::Fate};
use crate::Failure;

/// Jobs that are done are swept out after so many days.
const KEPT: TimeDelta = TimeDelta::days(7);
/// Of so many flows one had a job that was given up.
const GIVEN_UP: u64 = 20_000;
/// Of so many flows staff did something about one.
const LOOKED_AFTER: u64 = 20;
/// What the last try of a job ended with.
const TOLD: &str = "the timestamp authority timed out";

/// Adds what lies beside the flow.
pub fn beside(
    app: &App,
    (flow, number): (&sign_flow::Model, u64),
    (fate, now): (&Fate, DateTime<Utc>),
    rows: &mut Rows,
) -> Result<(), Failure> {
    rows.attempts.extend((fate.auth != AuthStatus::NotStarted).then(|| attempt(app, flow, number)));
    let expiry = job(Job::ExpireSession { flow: flow.id }, flow)?;
    if let Some(ended) = flow.completed_at {
        let of_message = rows.messages.last().map(|message| Job::SendSms { record: message.id });
        let done = [Some(expiry), of_message.map(|of| job(of, flow)).transpose()?].into_iter().flatten();
        let done =
            done.map(|row| job::Model { state: "completed".into(), finished_at: Some(ended), attempt: 1, ..row });
        rows.jobs.extend(done.filter(|_| now - ended < KEPT));
    } else {
        rows.jobs.push(expiry);
    }
    if fate.last == FlowEventType::SealFailed {
        let failed = job(Job::Seal { flow: flow.id }, flow)?;
        let due_at = now + TimeDelta::minutes(2);
        rows.jobs.push(job::Model { attempt: 3, failures: 3, last_error: Some(TOLD.into()), due_at, ..failed });
    }
    if number % GIVEN_UP == 7 && fate.status == FlowStatus::Completed {
        let given_up = job(Job::Seal { flow: flow.id }, flow)?;
        let (state, finished_at) = ("discarded".into(), Some(flow.updated_at));
        rows.jobs.push(job::Model {
            state,
            finished_at,
            attempt: 9,
            failures: 9,
            last_error: Some(TOLD.into()),
            ..given_up
        });
    }
    rows.acts.extend(number.is_multiple_of(LOOKED_AFTER).then(|| act(app, flow, number)));
    Ok(())
}

fn job(of: Job, flow: &sign_flow::Model) -> Result<job::Model, Failure> {
    Ok(job::Model {
        id: 0,
        kind: of.kind().into(),
        unique_key: of.unique_key(),
        payload: serde_json::to_value(of).map_err(|error| error.to_string())?,
        flow_id: Some(flow.id),
        state: "available".into(),
        due_at: flow.expires_at,
        attempt: 0,
        failures: 0,
        lease_until: None,
        last_error: None,
        created_at: flow.created_at,
        finished_at: None,
    })
}

fn attempt(app: &App, flow: &sign_flow::Model, number: u64) -> auth_record::Model {
    let by_transfer = flow.auth_type == AuthType::PaymentVerification;
    auth_record::Model {
        id: app.id(),
        flow_id: flow.id,
        attempt: 1,
        kind: flow.auth_type,
        status: flow.auth_status,
        idempotency_key: format!("{}-1", flow.id),
        challenge_id: Some(format!("ch-{number}")),
        request_id: Some(format!("rq-{number}")),
        face_url: None,
        masked_account: by_transfer.then(|| "**** 1234".into()),
        opened: true,
        entries_left: by_transfer.then_some(3),
        creation_failures: 0,
        account_hash: flow.account_hash.clone(),
        expires_at: Some(flow.expires_at),
        poll_count: 1,
        credential: None,
        credential_sha256: None,
        valid_until: None,
        rejected_reason: None,
        late_result: false,
        evidence_blob: None,
        created_at: flow.created_at,
        updated_at: flow.updated_at,
    }
}

fn act(app: &App, flow: &sign_flow::Model, number: u64) -> audit::entity::Model {
    let (operation, after) = match number / LOOKED_AFTER % 4 {
        0 => (Operation::ResendSms, json!({"status": flow.status})),
        1 => (Operation::RevealPersonal, json!({"field": "mobile", "reason": "核对"})),
        2 => (Operation::CopyLink, json!({"status": flow.status})),
        _ => (Operation::ReadDocument, json!({"position": 1})),
    };
    audit::entity::Model {
        seq: 0,
        id: app.id(),
        at: flow.updated_at,
        actor: format!(
            "staff:{}",
            ["chen.qing", "lin.lei", "huang.tong"][usize::try_from(number / 80 % 3).unwrap_or(0)]
        ),
        action: operation.name(),
        target: flow.id.to_string(),
        before: None,
        after: Some(after),
        ip: Some("10.20.3.14".into()),
    }
}
