//! How often one number may be written to: link messages of all flows and all replicas, counted in the database, in
//! rolling windows. Only messages a gateway accepted, or may have, count.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, prelude::*};

use super::entity::sms_record;
use crate::{App, error::Result, ids::SmsRecordId};

/// When the next message may go to this number; not after now: at once. `except`: the message itself, when it is tried
/// again.
pub async fn free_at(
    app: &App,
    db: &impl ConnectionTrait,
    mobile_hash: &[u8],
    except: Option<SmsRecordId>,
) -> Result<DateTime<Utc>> {
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
    Ok([gap, day].into_iter().flatten().fold(now, DateTime::max))
}
