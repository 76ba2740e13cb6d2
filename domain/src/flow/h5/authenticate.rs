//! The signer's part in the authentication.

use esign_config::FaceAlternative;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, prelude::*};
use serde_json::json;

use super::{
    acts::{Consent, begin},
    link::{Visitor, enter},
};
use crate::{
    App,
    auth::{self, entity::auth_record, material},
    error::{Error, Result},
    flow::{
        entity::sign_flow,
        machine::Event,
        transition::{lock, state},
    },
    ids::SubmissionId,
    terms::{AuthStatus, AuthType},
};

/// The signer types the amount of the transfer, in fen.
pub async fn submit_amount(app: &App, code: &str, submission: SubmissionId, fen: i64) -> Result<sign_flow::Model> {
    let Some(mut locked) = begin(app, code, submission, "amount").await? else { return enter(app, code).await };
    material::count(&mut locked, fen).await?;
    locked.commit().await
}

/// The signer consents to face verification and asks for it. Who has asked already goes on with the same challenge.
pub async fn start_face(
    app: &App,
    code: &str,
    submission: SubmissionId,
    visitor: &Visitor,
    consent: Consent,
) -> Result<sign_flow::Model> {
    let Some(mut locked) = begin(app, code, submission, "face").await? else { return enter(app, code).await };
    if locked.flow.auth_type != AuthType::FaceVerification {
        return Err(Error::state_conflict(locked.flow.auth_status));
    }
    if locked.state().attempt_is_open() {
        return Ok(locked.flow.clone());
    }
    locked.apply(Event::Consented, visitor.evidence(consent.detail("SENSITIVE_DATA"))).await?;
    ask(&mut locked, visitor).await?;
    locked.commit().await
}

/// The signer asks for another try.
pub async fn request_auth(
    app: &App,
    code: &str,
    submission: SubmissionId,
    visitor: &Visitor,
) -> Result<sign_flow::Model> {
    let Some(mut locked) = begin(app, code, submission, "authentication").await? else { return enter(app, code).await };
    // Face data may only leave after the separate consent, which start_face takes.
    if locked.flow.auth_type == AuthType::FaceVerification && locked.flow.attempt == 0 {
        return Err(Error::state_conflict(locked.flow.auth_status));
    }
    ask(&mut locked, visitor).await?;
    locked.commit().await
}

async fn ask(locked: &mut crate::flow::transition::Locked<'_>, visitor: &Visitor) -> Result<()> {
    let detail = json!({"attempt": locked.flow.attempt + 1, "authType": locked.flow.auth_type});
    locked.apply(Event::AuthRequested, visitor.evidence(detail)).await?;
    Ok(())
}

/// The signer refuses face verification: an own account is verified instead, where that is offered and the flow names
/// one; else the refusal is kept and the page says how to finish outside. True: payment verification takes its place.
pub async fn refuse_face(
    app: &App,
    code: &str,
    submission: SubmissionId,
    visitor: &Visitor,
    consent: Consent,
) -> Result<bool> {
    let Some(mut locked) = begin(app, code, submission, "face-refusal").await? else {
        return Ok(enter(app, code).await?.auth_type == AuthType::PaymentVerification);
    };
    let instead = offers_payment(app, &locked.flow);
    let event = if instead { Event::FaceRefused } else { Event::Consented };
    if locked.flow.auth_type != AuthType::FaceVerification {
        return Err(Error::state_conflict(locked.flow.auth_status));
    }
    locked.apply(event, visitor.evidence(consent.detail("FACE_REFUSED"))).await?;
    locked.commit().await?;
    Ok(instead)
}

/// Whether who refuses face verification is offered payment verification.
pub(super) fn offers_payment(app: &App, flow: &sign_flow::Model) -> bool {
    app.settings.auth.face_alternative == FaceAlternative::Payment && flow.account_hash.is_some()
}

/// The auth system's own page of the open challenge, for the user who is about to be sent there: from now on its expiry
/// counts as an attempt.
pub async fn face_url(app: &App, code: &str) -> Result<Option<String>> {
    let flow = enter(app, code).await?;
    let Some(record) = open_challenge(app, &flow).await? else { return Ok(None) };
    if flow.auth_type == AuthType::FaceVerification {
        mark_opened(app, &flow, &record).await?;
    }
    Ok(record.face_url)
}

/// The user sees the page of a payment challenge: from now on its expiry counts as an attempt.
pub async fn seen(app: &App, flow: &sign_flow::Model) -> Result<()> {
    if flow.auth_type != AuthType::PaymentVerification {
        return Ok(());
    }
    match open_challenge(app, flow).await? {
        Some(record) => mark_opened(app, flow, &record).await,
        None => Ok(()),
    }
}

/// The user comes back from the auth system's page: we ask at once.
pub async fn returned(app: &App, code: &str) -> Result<sign_flow::Model> {
    let flow = enter(app, code).await?;
    if flow.auth_type == AuthType::FaceVerification
        && let Some(record) = open_challenge(app, &flow).await?.filter(|record| record.opened)
    {
        auth::poll::ask_now(app, &record).await?;
        return enter(app, code).await;
    }
    Ok(flow)
}

async fn open_challenge(app: &App, flow: &sign_flow::Model) -> Result<Option<auth_record::Model>> {
    if flow.status.is_terminal() || !state(flow).challenge_is_open() {
        return Ok(None);
    }
    let record = auth::query::current(app.db.read(), flow).await?;
    Ok(record.filter(|record| record.status == AuthStatus::Challenged))
}

async fn mark_opened(app: &App, flow: &sign_flow::Model, record: &auth_record::Model) -> Result<()> {
    if record.opened {
        return Ok(());
    }
    let locked = lock(app, flow.id).await?;
    auth_record::Entity::update_many()
        .set(auth_record::ActiveModel { opened: Set(true), ..Default::default() })
        .filter(auth_record::Column::Id.eq(record.id))
        .exec(&locked.tx)
        .await?;
    locked.commit().await?;
    Ok(())
}
