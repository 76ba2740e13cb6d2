//! The documents of a flow before the eyes of staff. They name persons, so every look is written down.

use sea_orm::EntityTrait;
use serde_json::json;

use crate::{
    App, Caller, audit,
    caller::Operation,
    error::{Error, Result},
    flow::entity::sign_flow,
    ids::FlowId,
    seal::{
        self,
        document::{self, Document},
        entity::seal_record,
    },
};

/// How a document is laid out: how many pages it has, and their size. Nothing of it is shown by that.
pub async fn outline(app: &App, caller: &Caller, id: FlowId, position: i32) -> Result<(seal_record::Model, Document)> {
    let record = record(app, caller, id, position).await?;
    let document = document::prepare(app, &record).await?;
    Ok((record, document))
}

/// The picture of a page, from 1.
pub async fn page_svg(app: &App, caller: &Caller, id: FlowId, position: i32, page: usize) -> Result<Vec<u8>> {
    let record = record(app, caller, id, position).await?;
    let svg = document::page_svg(app, &record, page).await?.ok_or(Error::NotFound)?;
    write_down(app, caller, id, json!({"document": position, "page": page})).await?;
    Ok(svg)
}

/// A document as a file, with its name: sealed once it is, else the one to be signed.
pub async fn file(app: &App, caller: &Caller, id: FlowId, position: i32) -> Result<(String, Vec<u8>)> {
    let record = record(app, caller, id, position).await?;
    let bytes = match seal::query::sealed_pdf(app, &record).await? {
        Some(sealed) => sealed,
        None => document::base_pdf(app, &record).await?,
    };
    write_down(app, caller, id, json!({"document": position, "file": true})).await?;
    Ok((record.document_name, bytes))
}

async fn record(app: &App, caller: &Caller, id: FlowId, position: i32) -> Result<seal_record::Model> {
    caller.require(Operation::ReadDocument)?;
    let flow = sign_flow::Entity::find_by_id(id).one(app.db.read()).await?.filter(|flow| caller.sees(flow.client_id));
    let flow = flow.ok_or(Error::NotFound)?;
    let records = seal::query::of_flows(app, &[flow.id]).await?;
    records.into_iter().find(|record| record.position == position).ok_or(Error::NotFound)
}

async fn write_down(app: &App, caller: &Caller, id: FlowId, told: serde_json::Value) -> Result<()> {
    let tx = app.write_tx().await?;
    audit::of_flow(app, &tx, caller, (Operation::ReadDocument, id), told).await?;
    app.commit(tx).await
}
