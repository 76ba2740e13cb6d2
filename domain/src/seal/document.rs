//! A document before it is sealed: its base PDF, its pages, its words.
//!
//! Laid out when somebody first asks and kept as blobs; laid out again, to the same bytes, should they be lost.

use esign_sealing::{Layout, Placed};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use super::{blob, entity::seal_record};
use crate::{
    App,
    agreement::entity::agreement_template,
    error::{Error, Result},
    flow::secret,
    vault::sha256_hex,
};

/// What is known of a document that is laid out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Document {
    /// SHA-256 of the base PDF, hex.
    pub content_digest: String,
    /// Its pages, in order.
    pub pages: Vec<Page>,
    /// Where somebody is to sign.
    pub boxes: Vec<Placed>,
}

/// One page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Page {
    /// SHA-256 of the picture shown, hex: goes into the evidence of reading.
    pub digest: String,
    /// Width in points.
    pub width_pt: f64,
    /// Height in points.
    pub height_pt: f64,
    /// The words of the page in reading order.
    pub text: String,
}

/// The document, laid out now if it wasn't. SIGN_FAILED: the text can't be laid out.
pub async fn prepare(app: &App, record: &seal_record::Model) -> Result<Document> {
    if let Some(kept) = blob::get(app, &path(record, "document.json")).await? {
        return Ok(serde_json::from_slice(&kept)?);
    }
    lay_out(app, record).await
}

/// The picture of a page, from 1; none: no such page.
pub async fn page_svg(app: &App, record: &seal_record::Model, page: usize) -> Result<Option<Vec<u8>>> {
    let document = prepare(app, record).await?;
    if page == 0 || page > document.pages.len() {
        return Ok(None);
    }
    let name = format!("page-{page}.svg");
    if let Some(svg) = blob::get(app, &path(record, &name)).await? {
        return Ok(Some(svg));
    }
    lay_out(app, record).await?;
    blob::get(app, &path(record, &name)).await
}

/// The base PDF: what the user reads and signs, nothing signed in it yet.
pub async fn base_pdf(app: &App, record: &seal_record::Model) -> Result<Vec<u8>> {
    if let Some(pdf) = blob::get(app, &path(record, "base.pdf")).await? {
        return Ok(pdf);
    }
    lay_out(app, record).await?;
    blob::get(app, &path(record, "base.pdf")).await?.ok_or_else(|| Error::internal("a blob vanished"))
}

async fn lay_out(app: &App, record: &seal_record::Model) -> Result<Document> {
    let template = agreement_template::Entity::find_by_id(record.template_id).one(app.db.read()).await?;
    let secrets = secret::row(app.db.read(), record.flow_id).await?;
    let data = app.vault.open(&secret::place("document_data", record.flow_id), &secrets.document_data)?;
    let layout = Layout { source: template.ok_or(Error::NotFound)?.source, data: serde_json::from_slice(&data)? };
    let laid_out = app.sealer.lay_out(&layout).await.map_err(|error| {
        tracing::error!(record = %record.id, %error, "the document can't be laid out");
        Error::SignFailed
    })?;
    let document = Document {
        content_digest: sha256_hex(&laid_out.pdf),
        boxes: laid_out.boxes,
        pages: laid_out
            .pages
            .iter()
            .map(|page| Page {
                digest: sha256_hex(page.svg.as_bytes()),
                width_pt: page.width_pt,
                height_pt: page.height_pt,
                text: page.text.clone(),
            })
            .collect(),
    };
    blob::put(app, &path(record, "base.pdf"), &laid_out.pdf).await?;
    for (number, page) in (1..).zip(&laid_out.pages) {
        blob::put(app, &path(record, &format!("page-{number}.svg")), page.svg.as_bytes()).await?;
    }
    // Last, so that what it names is there.
    blob::put(app, &path(record, "document.json"), &serde_json::to_vec(&document)?).await?;
    Ok(document)
}

/// Where a file of a document is kept.
pub(super) fn path(record: &seal_record::Model, name: &str) -> String {
    format!("flows/{}/{}/{name}", record.flow_id, record.position)
}
