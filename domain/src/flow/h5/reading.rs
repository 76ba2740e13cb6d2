//! Reading: what was shown, for how long, how far.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{EntityTrait, QueryFilter, prelude::*};
use serde_json::{Value, json};

use super::{
    acts::begin,
    link::{Visitor, enter},
};
use crate::{
    App,
    error::{Error, Result},
    event::entity::flow_event,
    flow::{entity::sign_flow, machine::Event},
    ids::{FlowId, SubmissionId},
    seal::{document, query},
    terms::FlowEventType,
};

/// Readings of one flow that are kept; more say nothing new.
const MOST_READINGS: usize = 40;

/// One reading of one document, as the page saw it.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Which document, from 1.
    pub position: i32,
    /// How long it was in view, in seconds.
    pub seconds: u32,
    /// How many of its pages came into view.
    pub pages_shown: usize,
    /// Whether its end came into view.
    pub reached_end: bool,
}

/// Records a reading. A document counts as read when its end was reached and the least time has gone by, on our clock.
pub async fn record_reading(
    app: &App,
    code: &str,
    submission: SubmissionId,
    visitor: &Visitor,
    reading: Reading,
) -> Result<sign_flow::Model> {
    let flow = enter(app, code).await?;
    let records = query::of_flows(app, &[flow.id]).await?;
    let record = records.iter().find(|record| record.position == reading.position).ok_or(Error::NotFound)?;
    let document = document::prepare(app, record).await?;
    let opened_at = crate::flow::query::session(app, flow.id).await?.and_then(|session| session.opened_at);
    let Some(mut locked) = begin(app, code, submission, "reading").await? else { return enter(app, code).await };
    let before = readings(&locked.tx, flow.id).await?;
    if before.len() >= MOST_READINGS {
        return Ok(locked.flow.clone());
    }
    let complete = reading.reached_end && reading.pages_shown >= document.pages.len();
    if complete && !time_has_gone_by(app, opened_at, read_positions(&before).len()) {
        return Err(Error::field("seconds", "read on: the least time has not gone by"));
    }
    let shown: Vec<&str> = document.pages.iter().take(reading.pages_shown).map(|page| page.digest.as_str()).collect();
    let detail = json!({
        "sealRecordId": record.id,
        "position": record.position,
        "contentDigest": document.content_digest,
        "pageDigests": shown,
        "seconds": reading.seconds,
        "complete": complete,
    });
    locked.apply(Event::Read, visitor.evidence(detail)).await?;
    locked.commit().await
}

/// The least time a document must have been open, after those read before it.
fn time_has_gone_by(app: &App, opened_at: Option<DateTime<Utc>>, read_before: usize) -> bool {
    let documents = i64::try_from(read_before).unwrap_or(i64::MAX).saturating_add(1);
    let least = TimeDelta::seconds(i64::from(app.settings.flow.reading_seconds_per_document).saturating_mul(documents));
    opened_at.is_some_and(|at| app.now() >= at + least)
}

/// Positions of the documents that were read to their end.
pub(super) async fn read_to_the_end(db: &impl ConnectionTrait, flow: FlowId) -> Result<Vec<i64>> {
    Ok(read_positions(&readings(db, flow).await?))
}

async fn readings(db: &impl ConnectionTrait, flow: FlowId) -> Result<Vec<Value>> {
    let events = flow_event::Entity::find()
        .filter(flow_event::Column::FlowId.eq(flow))
        .filter(flow_event::Column::Kind.eq(FlowEventType::Read))
        .all(db)
        .await?;
    events.iter().map(|event| Ok(serde_json::from_str(&event.detail)?)).collect()
}

fn read_positions(readings: &[Value]) -> Vec<i64> {
    let complete = readings.iter().filter(|detail| detail["complete"] == true);
    let mut positions: Vec<i64> = complete.filter_map(|detail| detail["position"].as_i64()).collect();
    positions.sort_unstable();
    positions.dedup();
    positions
}
