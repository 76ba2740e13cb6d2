//! Reading documents' records.

use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, prelude::*};

use super::entity::seal_record;
use crate::{
    App, Caller,
    error::Result,
    ids::{FlowId, SealRecordId},
};

/// The documents of some flows, in order.
pub async fn of_flows(app: &App, ids: &[FlowId]) -> Result<Vec<seal_record::Model>> {
    of_flows_in(app.db.read(), ids).await
}

/// The same, in a transaction.
pub async fn of_flows_in(db: &impl ConnectionTrait, ids: &[FlowId]) -> Result<Vec<seal_record::Model>> {
    Ok(seal_record::Entity::find()
        .filter(seal_record::Column::FlowId.is_in(ids.iter().copied()))
        .order_by_asc(seal_record::Column::FlowId)
        .order_by_asc(seal_record::Column::Position)
        .all(db)
        .await?)
}

/// One document, if its flow exists for the caller.
pub async fn by_id(app: &App, caller: &Caller, id: SealRecordId) -> Result<Option<seal_record::Model>> {
    let Some(record) = seal_record::Entity::find_by_id(id).one(app.db.read()).await? else { return Ok(None) };
    let flow = crate::flow::query::by_id(app, caller, record.flow_id).await?;
    Ok(flow.map(|_| record))
}

/// The sealed file of a document; none while it isn't sealed.
pub async fn sealed_pdf(app: &App, record: &seal_record::Model) -> Result<Option<Vec<u8>>> {
    match &record.sealed_blob {
        Some(path) => super::blob::get(app, path).await,
        None => Ok(None),
    }
}
