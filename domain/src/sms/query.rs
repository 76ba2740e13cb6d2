//! Reading messages.

use sea_orm::{EntityTrait, QueryFilter, QueryOrder, prelude::*};

use super::entity::sms_record;
use crate::{App, error::Result, ids::FlowId};

/// The messages of some flows, oldest first.
pub async fn of_flows(app: &App, ids: &[FlowId]) -> Result<Vec<sms_record::Model>> {
    Ok(sms_record::Entity::find()
        .filter(sms_record::Column::FlowId.is_in(ids.iter().copied()))
        .order_by_asc(sms_record::Column::Ordinal)
        .all(app.db.read())
        .await?)
}
