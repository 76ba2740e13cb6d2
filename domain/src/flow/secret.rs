//! What a flow keeps secret, and how it is read back.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, prelude::*};

use super::{
    entity::flow_secret,
    input::{StartSignFlow, Subject},
};
use crate::{
    App,
    clock::Random,
    error::{Error, Result},
    ids::FlowId,
    personal::LinkCode,
};

/// Where a sealed value of a flow belongs: its associated data.
pub fn place(column: &str, id: FlowId) -> String {
    format!("flow_secret.{column}:{id}")
}

/// What upstream asked for, as it was.
pub async fn input(app: &App, db: &impl ConnectionTrait, id: FlowId) -> Result<StartSignFlow> {
    open_input(app, &row(db, id).await?)
}

/// The code of the flow's link.
pub async fn link_code(app: &App, db: &impl ConnectionTrait, id: FlowId) -> Result<LinkCode> {
    open_link_code(app, &row(db, id).await?)
}

/// The row of a flow; gone once the person was erased.
pub async fn row(db: &impl ConnectionTrait, id: FlowId) -> Result<flow_secret::Model> {
    flow_secret::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// Reads the input from its row.
pub fn open_input(app: &App, row: &flow_secret::Model) -> Result<StartSignFlow> {
    Ok(serde_json::from_slice(&app.vault.open(&place("input", row.flow_id), &row.input)?)?)
}

/// Reads the link's code from its row.
pub fn open_link_code(app: &App, row: &flow_secret::Model) -> Result<LinkCode> {
    let code = app.vault.open(&place("link_code", row.flow_id), &row.link_code)?;
    Ok(LinkCode::trusted(String::from_utf8(code).map_err(Error::internal)?))
}

/// The subjects of many flows; an erased one is missing.
pub async fn subjects(app: &App, ids: &[FlowId]) -> Result<HashMap<FlowId, Subject>> {
    let rows = rows(app, ids).await?;
    rows.iter().map(|row| Ok((row.flow_id, open_input(app, row)?.subject()))).collect()
}

/// The codes of the links of many flows; an erased one is missing.
pub async fn link_codes(app: &App, ids: &[FlowId]) -> Result<HashMap<FlowId, LinkCode>> {
    let rows = rows(app, ids).await?;
    rows.iter().map(|row| Ok((row.flow_id, open_link_code(app, row)?))).collect()
}

async fn rows(app: &App, ids: &[FlowId]) -> Result<Vec<flow_secret::Model>> {
    let query = flow_secret::Entity::find().filter(flow_secret::Column::FlowId.is_in(ids.iter().copied()));
    Ok(query.all(app.db.read()).await?)
}

/// A fresh code: 128 random bits in 22 letters and digits, nothing that a phone would cut off a link.
pub fn fresh_link_code(random: &Random) -> LinkCode {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut number = u128::from_le_bytes(random.bytes());
    let mut code = [b'0'; 22];
    for place in code.iter_mut().rev() {
        *place = ALPHABET[usize::try_from(number % 62).expect("below 62")];
        number /= 62;
    }
    LinkCode::trusted(String::from_utf8_lossy(&code))
}

/// The keyed hash by which a link is found.
pub fn link_hash(app: &App, code: &str) -> Vec<u8> {
    app.vault.lookup("h5_session.code", code)
}
