//! Reading attempts.

use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, prelude::*};

use super::entity::auth_record;
use crate::{
    App, Caller,
    caller::Scope,
    error::Result,
    flow::entity::sign_flow,
    ids::{AuthRecordId, FlowId},
    personal::Credential,
};

/// The attempts of some flows, oldest first.
pub async fn of_flows(app: &App, ids: &[FlowId]) -> Result<Vec<auth_record::Model>> {
    Ok(auth_record::Entity::find()
        .filter(auth_record::Column::FlowId.is_in(ids.iter().copied()))
        .order_by_asc(auth_record::Column::Attempt)
        .all(app.db.read())
        .await?)
}

/// One attempt.
pub async fn by_id(db: &impl ConnectionTrait, id: AuthRecordId) -> Result<Option<auth_record::Model>> {
    Ok(auth_record::Entity::find_by_id(id).one(db).await?)
}

/// The current attempt of a flow.
pub async fn current(db: &impl ConnectionTrait, flow: &sign_flow::Model) -> Result<Option<auth_record::Model>> {
    Ok(auth_record::Entity::find()
        .filter(auth_record::Column::FlowId.eq(flow.id))
        .filter(auth_record::Column::Attempt.eq(flow.attempt))
        .one(db)
        .await?)
}

/// The credential of an attempt, for the client that owns the flow; for anybody else there is none.
pub fn credential(
    app: &App,
    caller: &Caller,
    flow: &sign_flow::Model,
    record: &auth_record::Model,
) -> Result<Option<Credential>> {
    let Some(sealed) = record.credential.as_ref().filter(|_| caller.owns(flow.client_id, Scope::FlowsRead)) else {
        return Ok(None);
    };
    let clear = app.vault.open(&place(record.id), sealed)?;
    Ok(Some(Credential::trusted(String::from_utf8(clear).map_err(crate::Error::internal)?)))
}

/// Where a sealed credential belongs.
pub(super) fn place(id: AuthRecordId) -> String {
    format!("auth_record.credential:{id}")
}
