//! Sending the link again: by upstream or staff.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, prelude::*};
use serde_json::json;

use super::{entity::sms_record, limit, send};
use crate::{
    App, Caller, audit,
    caller::Operation,
    client::ClientSettings,
    error::{Error, Result},
    event::chain::Evidence,
    flow::{entity::sign_flow, machine::Event, transition::lock_for},
    ids::{FlowId, SmsTemplateId},
    terms::{FlowStatus, SmsStatus},
};

/// What may still be sent for a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResendQuota {
    /// Resends left.
    pub remaining: i32,
    /// When the next one may be asked for; none: not any more, or not in this state.
    pub next_allowed_at: Option<DateTime<Utc>>,
}

/// What may still be sent for this flow, limits per number aside.
pub fn quota(app: &App, settings: &ClientSettings, flow: &sign_flow::Model) -> ResendQuota {
    let most = settings.resend_max.unwrap_or(app.settings.sms.resend_max);
    let remaining = (most - flow.sms_resent_count).max(0);
    let next = flow.last_sms_at.map_or(flow.created_at, |last| last + gap(app, settings));
    ResendQuota { remaining, next_allowed_at: (remaining > 0 && may_resend(flow.status)).then_some(next) }
}

fn gap(app: &App, settings: &ClientSettings) -> TimeDelta {
    TimeDelta::seconds(settings.resend_gap_seconds.unwrap_or(app.settings.sms.resend_gap_seconds))
}

fn may_resend(status: FlowStatus) -> bool {
    use FlowStatus as S;
    matches!(status, S::Created | S::PendingSign | S::PendingAuth | S::Authenticating)
}

/// The verb behind `resendSms`: at least a minute after the last accepted message, at most five times (both may differ
/// by client), and within the limits of the number.
pub async fn resend(app: &App, caller: &Caller, id: FlowId) -> Result<(sign_flow::Model, ResendQuota)> {
    caller.require(Operation::ResendSms)?;
    let mut locked = lock_for(app, caller, id).await?;
    if !may_resend(locked.flow.status) {
        return Err(Error::state_conflict(locked.flow.status));
    }
    let before = whole_quota(app, &locked.tx, &locked.client.settings, &locked.flow).await?;
    let wait = before.next_allowed_at.map(|at| (at - app.now()).num_milliseconds()).filter(|_| before.remaining > 0);
    if wait.is_none_or(|milliseconds| milliseconds > 0) {
        let retry_after_seconds = wait.map(|milliseconds| (milliseconds + 999) / 1_000);
        return Err(Error::SmsRateLimited { retry_after_seconds, remaining: before.remaining });
    }
    let template = template(&locked.flow)?;
    locked.flow.sms_resent_count += 1;
    let ordinal = locked.flow.sms_resent_count + 1;
    locked.apply(Event::SmsResent, Evidence::facts(json!({"by": caller.label(), "ordinal": ordinal}))).await?;
    send::queue(&mut locked, template, ordinal).await?;
    audit::of_flow(app, &locked.tx, caller, (Operation::ResendSms, id), json!({"ordinal": ordinal})).await?;
    let mut quota = quota(app, &locked.client.settings, &locked.flow);
    let after_this_one = app.now() + gap(app, &locked.client.settings);
    quota.next_allowed_at = quota.next_allowed_at.map(|at| at.max(after_this_one));
    Ok((locked.commit().await?, quota))
}

/// What may still be sent for this flow, the limits per number and what is on its way included.
pub async fn whole_quota(
    app: &App,
    db: &impl ConnectionTrait,
    settings: &ClientSettings,
    flow: &sign_flow::Model,
) -> Result<ResendQuota> {
    let quota = quota(app, settings, flow);
    let free_at = limit::free_at(app, db, &flow.mobile_hash, None).await?;
    // A message that is still on its way counts like one that was accepted: two taps don't send two.
    let on_its_way = queued_at(db, flow).await?.map_or(free_at, |at| at + gap(app, settings));
    let next_allowed_at = quota.next_allowed_at.map(|at| at.max(free_at).max(on_its_way));
    Ok(ResendQuota { next_allowed_at, ..quota })
}

/// When the newest message that no gateway has taken yet was asked for.
async fn queued_at(db: &impl ConnectionTrait, flow: &sign_flow::Model) -> Result<Option<DateTime<Utc>>> {
    let queued = sms_record::Entity::find()
        .filter(sms_record::Column::FlowId.eq(flow.id))
        .filter(sms_record::Column::Status.eq(SmsStatus::Queued))
        .filter(sms_record::Column::Ordinal.gt(1))
        .order_by_desc(sms_record::Column::Ordinal)
        .one(db)
        .await?;
    Ok(queued.map(|record| record.created_at))
}

/// The words the flow was started with: template and version. A resend says what the first message said.
fn template(flow: &sign_flow::Model) -> Result<send::Template> {
    let id: SmsTemplateId = serde_json::from_value(flow.decision["smsTemplateId"].clone())?;
    let version = serde_json::from_value(flow.decision["smsTemplateVersion"].clone())?;
    Ok(send::Template { id, version })
}
