//! Asking the auth system for a challenge, and withdrawing one.

use chrono::TimeDelta;
use esign_config::AuthMode;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QueryOrder, prelude::*, sea_query::ExprTrait};
use serde_json::json;

use super::{
    entity::{auth_entry, auth_record},
    port::{AuthSystemFailure, ChallengeAccount, ChallengeSubject, NewChallenge},
    query, settle,
};
use crate::{
    App,
    alert::Alert,
    error::{Error, Result},
    event::chain::Evidence,
    flow::{
        entity::sign_flow,
        machine::Event,
        secret,
        transition::{lock, state},
    },
    ids::AuthRecordId,
    job::Outcome,
    terms::{AuthStatus, AuthType},
};

/// The job that asks for a challenge. The same key again gives the same challenge, so it may run twice.
pub async fn create(app: &App, id: AuthRecordId) -> Result<Outcome> {
    let Some((record, flow)) = waiting(app, id).await? else { return Ok(Outcome::Done) };
    if let Some(until) = account_limited_until(app, app.db.read(), &record).await? {
        app.alerts.raise(Alert::AccountLimited, flow.id);
        return Ok(Outcome::Snooze(until));
    }
    let challenge = new_challenge(app, &record, &flow).await?;
    match app.auth_system.create(&challenge).await {
        Ok(answer) => {
            settle::settle(app, id, answer, settle::Source::Reply).await?;
            Ok(Outcome::Done)
        }
        Err(failure) => failed(app, &record, failure).await,
    }
}

/// The record and its flow, while the flow still waits for this challenge.
async fn waiting(app: &App, id: AuthRecordId) -> Result<Option<(auth_record::Model, sign_flow::Model)>> {
    let Some(record) = query::by_id(app.db.read(), id).await? else { return Ok(None) };
    let flow = sign_flow::Entity::find_by_id(record.flow_id).one(app.db.read()).await?.ok_or(Error::NotFound)?;
    let waits = !flow.status.is_terminal() && flow.attempt == record.attempt && record.status == AuthStatus::NotStarted;
    Ok(waits.then_some((record, flow)))
}

async fn new_challenge(app: &App, record: &auth_record::Model, flow: &sign_flow::Model) -> Result<NewChallenge> {
    let secrets = secret::row(app.db.read(), flow.id).await?;
    let subject = secret::open_input(app, &secrets)?.subject();
    let code = secret::open_link_code(app, &secrets)?;
    Ok(NewChallenge {
        idempotency_key: record.idempotency_key.clone(),
        scene: flow.scene,
        fund_purpose: flow.fund_purpose.clone(),
        subject: ChallengeSubject {
            kind: subject.kind,
            role: subject.role,
            subject_no: subject.subject_no.clone(),
            name: subject.name().to_owned(),
            id_document_type: subject.id_document_type,
            id_number: subject.id_number.clone(),
            mobile: subject.mobile.clone(),
            bank_account: subject.account.as_ref().map(|account| ChallengeAccount {
                account_no: account.number.clone(),
                bank_name: account.bank_name.clone(),
                bank_code: account.bank_code.clone(),
            }),
            signatory_name: subject.signatory_name.as_ref().map(|name| name.expose().to_owned()),
        },
        auth_type: record.kind,
        callback_url: (app.settings.auth.mode != AuthMode::Poll).then(|| app.public("/callbacks/auth")),
        return_url: app.public(&format!("/s/{}", code.expose())),
    })
}

/// The challenge was not made: the event says so, and the retries go on until they are spent.
async fn failed(app: &App, record: &auth_record::Model, failure: AuthSystemFailure) -> Result<Outcome> {
    let final_ = matches!(failure, AuthSystemFailure::Final(_));
    let mut locked = lock(app, record.flow_id).await?;
    let gaps = &app.settings.auth.creation_retry_seconds;
    let gap = usize::try_from(record.creation_failures).ok().and_then(|n| gaps.get(n)).filter(|_| !final_);
    let evidence = Evidence::facts(json!({
        "authRecordId": record.id, "attempt": record.attempt, "tries": record.creation_failures + 1,
    }));
    let change = auth_record::ActiveModel {
        id: Set(record.id),
        creation_failures: Set(record.creation_failures + 1),
        rejected_reason: Set(gap.is_none().then(|| "CHALLENGE_NOT_CREATED".to_owned())),
        updated_at: Set(app.now()),
        ..Default::default()
    };
    locked.apply(Event::ChallengeFailed { attempt: record.attempt, spent: gap.is_none() }, evidence).await?;
    auth_record::Entity::update(change).exec(&locked.tx).await?;
    locked.commit().await?;
    app.alerts.raise(Alert::ChallengeFailed, record.id);
    Ok(match gap {
        Some(seconds) => Outcome::Retry(failure.to_string(), TimeDelta::seconds(*seconds)),
        None => Outcome::Done,
    })
}

/// Until when no challenge is made and no amount taken for this account: too many wrong amounts, over all flows,
/// clients and replicas. An amount without an answer counts as wrong.
pub(crate) async fn account_limited_until(
    app: &App,
    db: &impl sea_orm::ConnectionTrait,
    record: &auth_record::Model,
) -> Result<Option<chrono::DateTime<chrono::Utc>>> {
    let Some(account) = record.account_hash.as_ref().filter(|_| record.kind == AuthType::PaymentVerification) else {
        return Ok(None);
    };
    let limits = &app.settings.auth;
    let window = TimeDelta::seconds(limits.account_window_seconds);
    let entries = auth_entry::Entity::find()
        .filter(auth_entry::Column::AccountHash.eq(account.clone()))
        .filter(auth_entry::Column::CountedAt.gt(app.now() - window))
        .filter(auth_entry::Column::Wrong.is_null().or(auth_entry::Column::Wrong.eq(true)))
        .order_by_asc(auth_entry::Column::CountedAt)
        .all(db)
        .await?;
    let most = usize::try_from(limits.account_wrong_entries).unwrap_or(usize::MAX);
    Ok(entries.len().checked_sub(most).map(|over| entries[over].counted_at + window))
}

/// The job that withdraws a challenge, best effort: three tries.
pub async fn withdraw(app: &App, id: AuthRecordId) -> Result<Outcome> {
    let Some(record) = query::by_id(app.db.read(), id).await? else { return Ok(Outcome::Done) };
    let challenge = match &record.challenge_id {
        Some(challenge) => challenge.clone(),
        // The request for it may be under way: settling its reply withdraws what nobody waits for.
        None => return Ok(Outcome::Done),
    };
    match app.auth_system.cancel(&challenge).await {
        Ok(()) => Ok(Outcome::Done),
        Err(failure @ AuthSystemFailure::Final(_)) => {
            tracing::info!(record = %id, %failure, "the challenge can't be withdrawn");
            Ok(Outcome::Done)
        }
        Err(failure) if app.now() < record.updated_at + TimeDelta::minutes(10) => {
            Ok(Outcome::Retry(failure.to_string(), TimeDelta::seconds(60)))
        }
        Err(_) => Ok(Outcome::Done),
    }
}

/// Whether the flow still waits for a result of this attempt.
pub(super) fn awaits_result(flow: &sign_flow::Model, record: &auth_record::Model) -> bool {
    !flow.status.is_terminal() && flow.attempt == record.attempt && state(flow).attempt_is_open()
}
