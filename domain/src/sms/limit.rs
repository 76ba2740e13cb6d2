//! How often one number may be written to: link messages of all flows and all replicas, counted in the database, in
//! rolling windows. Only messages a gateway accepted, or may have, count.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, prelude::*};

use super::entity::sms_record;
use crate::{App, db, error::Result, ids::SmsRecordId};

/// When the next message may go to this number; not after now: at once. `except`: the message itself, when it is tried
/// again.
pub async fn free_at(
    app: &App,
    db: &impl ConnectionTrait,
    mobile_hash: &[u8],
    except: Option<SmsRecordId>,
) -> Result<DateTime<Utc>> {
    Ok(room(app, db, mobile_hash, except).await?.free_at)
}

/// What a number may still be sent.
pub struct Room {
    /// When the next message may go; not after now: at once.
    pub free_at: DateTime<Utc>,
    /// How many may, of those of a day.
    pub left: u64,
}

/// The same, and how many more there may be today.
pub async fn room(
    app: &App,
    db: &impl ConnectionTrait,
    mobile_hash: &[u8],
    except: Option<SmsRecordId>,
) -> Result<Room> {
    let (now, limits) = (app.now(), &app.settings.sms);
    let day_ago = now - TimeDelta::hours(24);
    let mut query = sms_record::Entity::find()
        .filter(sms_record::Column::MobileHash.eq(mobile_hash.to_vec()))
        .filter(sms_record::Column::CountedAt.gt(day_ago))
        .order_by_asc(sms_record::Column::CountedAt);
    if let Some(id) = except {
        query = query.filter(sms_record::Column::Id.ne(id));
    }
    let counted: Vec<DateTime<Utc>> = query.all(db).await?.into_iter().filter_map(|sms| sms.counted_at).collect();
    let gap = counted.last().map(|last| *last + TimeDelta::seconds(limits.mobile_gap_seconds));
    let most = usize::try_from(limits.mobile_max_per_day).unwrap_or(usize::MAX);
    let day = counted.len().checked_sub(most).and_then(|over| counted.get(over)).map(|at| *at + TimeDelta::hours(24));
    let left = limits.mobile_max_per_day.saturating_sub(counted.len() as u64);
    Ok(Room { free_at: [gap, day].into_iter().flatten().fold(now, DateTime::max), left })
}

/// Takes a place for this message among those that count, before it is sent: two messages that come at the same moment,
/// on whatever replica, can't both have the last one. `gateway`: who is asked first, so that a try that is cut off leaves
/// behind whom to ask about it. None: taken; else when the next place is free.
pub(super) async fn reserve(
    app: &App,
    record: &sms_record::Model,
    gateway: Option<String>,
) -> Result<Option<DateTime<Utc>>> {
    let tx = app.write_tx().await?;
    db::hold(&tx, &record.mobile_hash).await?;
    let free_at = free_at(app, &tx, &record.mobile_hash, Some(record.id)).await?;
    let now = app.now();
    let mut change = sms_record::ActiveModel { id: Set(record.id), updated_at: Set(now), ..Default::default() };
    if free_at > now {
        change.next_attempt_at = Set(Some(free_at));
    } else {
        change.counted_at = Set(Some(now));
        if gateway.is_some() {
            change.gateway = Set(gateway);
        }
    }
    sms_record::Entity::update(change).exec(&tx).await?;
    app.commit(tx).await?;
    Ok((free_at > now).then_some(free_at))
}
