//! What a flow's move writes about its attempts: the effects of the machine, within its transaction.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, prelude::*};

use super::{entity::auth_record, query};
use crate::{
    error::{Error, Result},
    flow::{self, transition::Locked},
    job::{self, Job},
    terms::AuthStatus,
};

/// A new attempt, and the job that asks for its challenge.
pub(crate) async fn open(locked: &Locked<'_>) -> Result<()> {
    let (app, flow, now) = (locked.app, &locked.flow, locked.app.now());
    let id = app.id();
    let row = auth_record::ActiveModel {
        id: Set(id),
        flow_id: Set(flow.id),
        attempt: Set(flow.attempt),
        kind: Set(flow.auth_type),
        status: Set(AuthStatus::NotStarted),
        idempotency_key: Set(idempotency_key(&locked.client.code, &flow.flow_no, flow.attempt)),
        opened: Set(false),
        creation_failures: Set(0),
        account_hash: Set(flow.account_hash.clone()),
        poll_count: Set(0),
        late_result: Set(false),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    auth_record::Entity::insert(row).exec_without_returning(&locked.tx).await?;
    flow::enqueue(locked, Job::CreateChallenge { record: id }, TimeDelta::zero()).await
}

/// `<client code>/<flowNo>`, `#2`, `#3` for later attempts; neither `/` nor `#` is in the alphabets of the two.
fn idempotency_key(client_code: &str, flow_no: &str, attempt: i32) -> String {
    if attempt == 1 { format!("{client_code}/{flow_no}") } else { format!("{client_code}/{flow_no}#{attempt}") }
}

/// Jobs that ask about the challenge and end it.
pub(crate) async fn watch(locked: &Locked<'_>) -> Result<()> {
    let record = current(locked).await?;
    let now = locked.app.now();
    let expires = record.expires_at.unwrap_or(now) - now;
    flow::enqueue(locked, Job::ExpireChallenge { record: record.id }, expires.max(TimeDelta::zero())).await?;
    super::poll::start(locked, record.id).await
}

/// The attempt that was open is withdrawn: its challenge at the auth system, and its record.
pub(crate) async fn withdraw(locked: &Locked<'_>) -> Result<()> {
    let open = [AuthStatus::NotStarted, AuthStatus::Challenged, AuthStatus::Processing];
    let records = auth_record::Entity::find()
        .filter(auth_record::Column::FlowId.eq(locked.flow.id))
        .filter(auth_record::Column::Status.is_in(open))
        .all(&locked.tx)
        .await?;
    for record in records {
        let change = auth_record::ActiveModel {
            id: Set(record.id),
            status: Set(AuthStatus::Expired),
            rejected_reason: Set(Some("WITHDRAWN".to_owned())),
            updated_at: Set(locked.app.now()),
            ..Default::default()
        };
        auth_record::Entity::update(change).exec(&locked.tx).await?;
        flow::enqueue(locked, Job::WithdrawChallenge { record: record.id }, TimeDelta::zero()).await?;
    }
    Ok(())
}

/// The auth system's own evidence is fetched at once: vendors keep it for a day.
pub(crate) async fn fetch_evidence(locked: &Locked<'_>) -> Result<()> {
    let record = current(locked).await?;
    let (app, now) = (locked.app, locked.app.now());
    job::enqueue(&locked.tx, Job::FetchEvidence { record: record.id }, Some(locked.flow.id), now, now).await?;
    tracing::debug!(flow = %locked.flow.id, record = %record.id, at = %app.now(), "evidence will be fetched");
    Ok(())
}

async fn current(locked: &Locked<'_>) -> Result<auth_record::Model> {
    query::current(&locked.tx, &locked.flow).await?.ok_or_else(|| {
        Error::internal(format!("{} has no record of its attempt {}", locked.flow.id, locked.flow.attempt))
    })
}
