//! `GET /admin/flows/{id}/documents/…`: the documents, for whoever may read what they say.

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use esign_domain::{
    Error,
    caller::Operation,
    flow::{query, staff::reading},
    ids::FlowId,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::flow_id;
use crate::{
    nav::Place,
    page::Page,
    visit::{Answer, Visit},
};

/// The pages of a document.
#[derive(Debug, Clone, Serialize)]
pub struct DocumentPage {
    pub id: String,
    pub flow_no: String,
    pub position: i32,
    pub name: String,
    pub content_digest: String,
    pub sealed_digest: Option<String>,
    pub level: Option<String>,
    pub sealed: bool,
    /// Numbers of the pages, from 1.
    pub pages: Vec<usize>,
}

impl Page for DocumentPage {
    const TEMPLATE: &'static str = "flow/document.html";
    const TITLE: &'static str = "flow-document-title";
    const PLACE: Place = Place::Flows;
}

/// `GET /admin/flows/{id}/documents/{n}` and `…/{n}.pdf`.
pub async fn show(visit: Visit, Path((id, file)): Path<(String, String)>) -> Answer {
    visit.caller().require(Operation::ReadDocument)?;
    let id = flow_id(&id)?;
    match file.strip_suffix(".pdf") {
        Some(number) => pdf(&visit, id, number_of(number)?).await,
        None => pages(&visit, id, number_of(&file)?).await,
    }
}

async fn pages(visit: &Visit, id: FlowId, position: i32) -> Answer {
    visit.require_fresh(&format!("/admin/flows/{id}/documents/{position}"))?;
    let (record, document) = reading::outline(visit.app(), visit.caller(), id, position).await?;
    let flow = query::by_id(visit.app(), visit.caller(), id).await?.ok_or(Error::NotFound)?;
    visit.page(&DocumentPage {
        id: id.to_string(),
        flow_no: flow.flow_no,
        position,
        name: record.document_name,
        content_digest: document.content_digest,
        sealed: record.sealed_digest.is_some(),
        sealed_digest: record.sealed_digest,
        level: record.level,
        pages: (1..=document.pages.len()).collect(),
    })
}

async fn pdf(visit: &Visit, id: FlowId, position: i32) -> Answer {
    visit.require_fresh(&format!("/admin/flows/{id}/documents/{position}"))?;
    let (name, bytes) = reading::file(visit.app(), visit.caller(), id, position).await?;
    let name = utf8_percent_encode(&name, NON_ALPHANUMERIC);
    let disposition = format!("attachment; filename=\"agreement.pdf\"; filename*=UTF-8''{name}.pdf");
    let headers = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, bytes).into_response())
}

/// `GET /admin/flows/{id}/documents/{n}/pages/{p}.svg`.
pub async fn leaf(visit: Visit, Path((id, number, file)): Path<(String, String, String)>) -> Answer {
    visit.caller().require(Operation::ReadDocument)?;
    let (id, position) = (flow_id(&id)?, number_of(&number)?);
    let page = file.strip_suffix(".svg").and_then(|page| page.parse().ok()).ok_or(Error::NotFound)?;
    visit.require_fresh(&format!("/admin/flows/{id}/documents/{position}"))?;
    let svg = reading::page_svg(visit.app(), visit.caller(), id, position, page).await?;
    let answer: Response = ([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response();
    Ok(answer)
}

fn number_of(text: &str) -> esign_domain::Result<i32> {
    text.parse().map_err(|_| Error::NotFound)
}
