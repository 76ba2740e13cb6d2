//! Agreements: the catalogue and its texts.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use esign_domain::{
    agreement::entity::{agreement_template, agreement_type},
    error::Error,
    terms,
};

use super::{
    access::{id, rows},
    error::ApiResult,
    loader::{Of, Texts},
    scalar::Moment,
    terms::{Scene, SubjectType, twins},
};

/// An entry of the catalogue (协议类型).
#[derive(Clone)]
pub struct AgreementType(pub Arc<agreement_type::Model>);

impl From<agreement_type::Model> for AgreementType {
    fn from(kind: agreement_type::Model) -> Self {
        Self(Arc::new(kind))
    }
}

/// An entry of the catalogue of agreements (协议类型).
#[Object]
impl AgreementType {
    /// The type's id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// What clients call it.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The scenes it may be used in.
    async fn scenes(&self) -> ApiResult<Vec<Scene>> {
        let scenes: Vec<terms::Scene> = serde_json::from_value(self.0.scenes.clone()).map_err(Error::from)?;
        Ok(twins(scenes))
    }

    /// Who may sign it.
    async fn subject_types(&self) -> ApiResult<Vec<SubjectType>> {
        let kinds: Vec<terms::SubjectType> =
            serde_json::from_value(self.0.subject_types.clone()).map_err(Error::from)?;
        Ok(twins(kinds))
    }

    /// Whether new flows may use it.
    async fn enabled(&self) -> bool {
        self.0.enabled
    }

    /// Counts changes.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Its documents in order, each in its newest version.
    async fn templates(&self, ctx: &Context<'_>) -> ApiResult<Vec<AgreementTemplate>> {
        let mut texts = rows(ctx).load_one(Of(self.0.id, Texts)).await?.unwrap_or_default();
        // The newest version of each document comes first, whatever place it had before.
        texts.sort_by(|a, b| a.document_name.cmp(&b.document_name).then(b.version.cmp(&a.version)));
        texts.dedup_by(|later, kept| later.document_name == kept.document_name);
        texts.sort_by(|a, b| (a.position, &a.document_name).cmp(&(b.position, &b.document_name)));
        Ok(texts.into_iter().map(AgreementTemplate::from).collect())
    }
}

/// One version of one document (协议文本).
#[derive(Clone)]
pub struct AgreementTemplate(pub Arc<agreement_template::Model>);

impl From<agreement_template::Model> for AgreementTemplate {
    fn from(text: agreement_template::Model) -> Self {
        Self(Arc::new(text))
    }
}

/// One document of the agreement type (协议文本), in one version; a type may have several documents, in order.
#[Object]
impl AgreementTemplate {
    /// All versions of this document, newest first.
    async fn versions(&self, ctx: &Context<'_>) -> ApiResult<Vec<AgreementTemplate>> {
        let texts = rows(ctx).load_one(Of(self.0.agreement_type_id, Texts)).await?.unwrap_or_default();
        let mut versions: Vec<_> = texts.into_iter().filter(|t| t.document_name == self.0.document_name).collect();
        versions.sort_by_key(|text| std::cmp::Reverse(text.version));
        Ok(versions.into_iter().map(AgreementTemplate::from).collect())
    }

    /// The id of this version.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The document's name.
    async fn document_name(&self) -> &str {
        &self.0.document_name
    }

    /// Its place among the documents of the type.
    async fn position(&self) -> i32 {
        self.0.position
    }

    /// The version, from 1.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The text, in typst.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// Names of the values that a flow must give.
    async fn variables(&self) -> Vec<String> {
        self.0.variable_names()
    }

    /// When it was published.
    async fn published_at(&self) -> Moment {
        self.0.published_at.into()
    }

    /// Who published it.
    async fn published_by(&self) -> Option<&str> {
        self.0.published_by.as_deref()
    }
}
