//! The documents of a flow.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use esign_domain::{error::Error, ids::FlowId, seal::entity::seal_record};

use crate::download;

use super::{
    access::{app, id, rows},
    error::ApiResult,
    flow::SignFlow,
    scalar::Moment,
    terms::SealStatus,
};

/// One document of a flow (签章流水).
#[derive(Clone)]
pub struct SealRecord(pub Arc<seal_record::Model>);

impl From<seal_record::Model> for SealRecord {
    fn from(record: seal_record::Model) -> Self {
        Self(Arc::new(record))
    }
}

/// The flow of something that can't be without one.
pub async fn flow_of(ctx: &Context<'_>, id: FlowId) -> ApiResult<SignFlow> {
    let flow = rows(ctx).load_one(id).await?;
    Ok(flow.ok_or_else(|| Error::internal("a record's flow is missing"))?.into())
}

/// One document of a flow (签章流水).
#[Object]
impl SealRecord {
    /// The record's id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The document's name.
    async fn document_name(&self) -> &str {
        &self.0.document_name
    }

    /// The version of the text it is made from, frozen at the start of the flow.
    async fn template_version(&self) -> i32 {
        self.0.template_version
    }

    /// How the sealing stands.
    async fn status(&self) -> SealStatus {
        self.0.status.into()
    }

    /// SHA-256, hex, of the base PDF, laid out in the same compilation as the pages the user saw, nothing signed yet; it
    /// is the sealed file's first revision, so anyone can recompute it.
    async fn content_digest(&self) -> Option<&str> {
        self.0.content_digest.as_deref()
    }

    /// SHA-256, hex, of the whole sealed file.
    async fn sealed_digest(&self) -> Option<&str> {
        self.0.sealed_digest.as_deref()
    }

    /// Signature level reached, e.g. PAdES-B-B; stated, never assumed.
    async fn level(&self) -> Option<&str> {
        self.0.level.as_deref()
    }

    /// When the user signed.
    async fn signed_at(&self) -> Option<Moment> {
        self.0.signed_at.map(Moment)
    }

    /// When it was sealed.
    async fn sealed_at(&self) -> Option<Moment> {
        self.0.sealed_at.map(Moment)
    }

    /// Why it was given up.
    async fn failure_reason(&self) -> Option<&str> {
        self.0.failure_reason.as_deref()
    }

    /// Its flow.
    async fn flow(&self, ctx: &Context<'_>) -> ApiResult<SignFlow> {
        flow_of(ctx, self.0.flow_id).await
    }

    /// Short-lived, signed; to download the PDF. Null until it is sealed.
    async fn download_url(&self, ctx: &Context<'_>) -> Option<String> {
        self.0.sealed_blob.is_some().then(|| download::url(app(ctx), self.0.id))
    }

    /// The name under which the sealed file is kept.
    async fn evidence_ref(&self) -> Option<&str> {
        self.0.sealed_blob.as_deref()
    }

    /// When it was made.
    async fn created_at(&self) -> Moment {
        self.0.created_at.into()
    }

    /// When it last changed.
    async fn updated_at(&self) -> Moment {
        self.0.updated_at.into()
    }
}
