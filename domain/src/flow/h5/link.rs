//! From a link to its flow.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, prelude::*};
use serde_json::{Value, json};

use crate::{
    App,
    error::{Error, Result},
    event::chain::Evidence,
    flow::{
        entity::{h5_session, sign_flow},
        machine::Event,
        secret,
        transition::{lock, name_in_log},
    },
    terms::FlowStatus,
};

/// Whoever holds the link, for the evidence. Personal: kept sealed.
#[derive(Clone, Default)]
pub struct Visitor {
    /// Address, as the server sees it.
    pub address: String,
    /// User agent, cut to 300 characters.
    pub device: String,
}

impl Visitor {
    pub(super) fn private(&self) -> Value {
        json!({"address": self.address, "device": self.device.chars().take(300).collect::<String>()})
    }

    pub(super) fn evidence(&self, detail: Value) -> Evidence {
        Evidence::with_private(detail, self.private())
    }
}

/// The flow of a link. H5_SESSION_INVALID: unknown, or over; the two can't be told apart.
pub async fn enter(app: &App, code: &str) -> Result<sign_flow::Model> {
    let session = h5_session::Entity::find()
        .filter(h5_session::Column::CodeHash.eq(secret::link_hash(app, code)))
        .one(app.db.read())
        .await?
        .ok_or(Error::SessionInvalid)?;
    let flow = sign_flow::Entity::find_by_id(session.flow_id).one(app.db.read()).await?.ok_or(Error::SessionInvalid)?;
    name_in_log(flow.id);
    if shows(app, &flow) { Ok(flow) } else { Err(Error::SessionInvalid) }
}

/// Whether the link still shows something: all of a flow's life, its end until the session's end, a completed one a week
/// longer, an expired session not at all.
fn shows(app: &App, flow: &sign_flow::Model) -> bool {
    let longer = match flow.status {
        status if !status.is_terminal() => return true,
        FlowStatus::Completed => TimeDelta::seconds(app.settings.flow.done_page_seconds),
        FlowStatus::TimedOut if flow.failure_code.as_deref() == Some("SESSION_EXPIRED") => return false,
        _ => TimeDelta::zero(),
    };
    app.now() < flow.expires_at + longer
}

/// Opens a link: the first time is kept, in every state, and moves a flow whose SMS is still on its way.
pub async fn open(app: &App, code: &str, visitor: &Visitor) -> Result<sign_flow::Model> {
    let flow = enter(app, code).await?;
    let session = crate::flow::query::session(app, flow.id).await?.ok_or(Error::SessionInvalid)?;
    if session.opened_at.is_some() {
        return Ok(flow);
    }
    let mut locked = lock(app, flow.id).await?;
    let first = h5_session::Entity::update_many()
        .set(h5_session::ActiveModel { opened_at: Set(Some(app.now())), ..Default::default() })
        .filter(h5_session::Column::Id.eq(session.id))
        .filter(h5_session::Column::OpenedAt.is_null())
        .exec(&locked.tx)
        .await?;
    if first.rows_affected == 0 {
        return Ok(locked.flow.clone());
    }
    locked.apply(Event::LinkOpened, visitor.evidence(json!({}))).await?;
    locked.commit().await
}
