//! Agreements: the catalogue and its texts.

pub mod preview;

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use esign_domain::{
    agreement::{
        self,
        entity::{agreement_template, agreement_type},
        preview::ShowTo,
        publish::PublishText,
        save::SaveType,
    },
    error::Error,
    terms,
};

use self::preview::AgreementPreview;
use super::{
    access::{app, caller, id, rows},
    error::ApiResult,
    loader::{Of, Texts},
    scalar::Moment,
    terms::{Scene, SubjectType, twins},
};

/// What may be asked about agreements.
#[derive(Default)]
pub struct AgreementQuery;

/// What may be asked about agreements.
#[Object]
impl AgreementQuery {
    /// The catalogue of agreement types, by code. Scope: templates:read.
    async fn agreement_types(&self, ctx: &Context<'_>) -> ApiResult<Vec<AgreementType>> {
        Ok(agreement::query::list(app(ctx), caller(ctx)?).await?.into_iter().map(AgreementType).collect())
    }

    /// An agreement type; null when there is none of this code. Scope: templates:read.
    async fn agreement_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The type's code.")] code: String,
    ) -> Option<ApiResult<AgreementType>> {
        let found = async { Ok(agreement::query::by_code(app(ctx), caller(ctx)?, &code).await?) };
        found.await.map(|found| found.map(AgreementType)).transpose()
    }

    /// Lays out a text with sample values, in the sandboxed renderer: pages as SVG, or what is wrong and where. A bad text
    /// is no error of the request. The type need not exist yet: then the text is tried with both subject types and all
    /// scenes; name and position don't matter. RATE_LIMITED when too many texts wait. Scope: templates:read.
    async fn preview_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text, as it would be published.")] input: PublishAgreementTemplateInput,
        #[graphql(desc = "Whose sample is shown; when left out, the first's that the type allows.")]
        subject_type: Option<SubjectType>,
    ) -> ApiResult<AgreementPreview> {
        let to = ShowTo { subject_type: subject_type.map(Into::into), ..ShowTo::default() };
        let preview = agreement::preview(app(ctx), caller(ctx)?, &input.into(), &to).await?;
        Ok(AgreementPreview(preview))
    }
}

/// What may be done to agreements.
#[derive(Default)]
pub struct AgreementMutation;

/// What may be done to agreements.
#[Object]
impl AgreementMutation {
    /// Makes an agreement type, or changes the one of this code; flows can't use it before a text is published. A type that
    /// is opened to more scenes or subject types has its texts tried with them first. Scope: templates:write.
    async fn save_agreement_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only when it exists already: the version that is changed. Another one by now is \
                STATE_CONFLICT; without it a code that is taken is ALREADY_EXISTS.")]
        expected_version: Option<i32>,
        #[graphql(desc = "The type as it is to be.")] input: AgreementTypeInput,
    ) -> ApiResult<AgreementTypePayload> {
        let kind = agreement::save(app(ctx), caller(ctx)?, expected_version, input.into()).await?;
        Ok(AgreementTypePayload { agreement_type: kind.into() })
    }

    /// Publishes the next version of a document, once and for all; a name that is new to the type makes a new document. New
    /// flows get it, flows under way keep the version they started with. Every problem of the source is told as a field
    /// problem with line and column. Scope: templates:write.
    async fn publish_agreement_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text.")] input: PublishAgreementTemplateInput,
    ) -> ApiResult<AgreementTypePayload> {
        let kind = agreement::publish(app(ctx), caller(ctx)?, input.into()).await?;
        Ok(AgreementTypePayload { agreement_type: kind.into() })
    }
}

/// An agreement type as it is to be.
#[derive(InputObject)]
pub struct AgreementTypeInput {
    /// What clients call it: 1-64 of A-Z 0-9 _. It never changes.
    code: String,
    /// What people call it: 1-200 characters.
    name: String,
    /// The scenes it may be used in: at least one, each once.
    scenes: Vec<Scene>,
    /// Who may sign it: at least one, each once.
    subject_types: Vec<SubjectType>,
    /// Whether new flows may use it.
    enabled: bool,
}

impl From<AgreementTypeInput> for SaveType {
    fn from(input: AgreementTypeInput) -> Self {
        Self {
            code: input.code,
            name: input.name,
            scenes: twins(input.scenes),
            subject_types: twins(input.subject_types),
            enabled: input.enabled,
        }
    }
}

/// A text of an agreement type.
#[derive(InputObject)]
pub struct PublishAgreementTemplateInput {
    /// The type's code.
    agreement_type: String,
    /// The document's name: 1-200 characters without slashes. The same name again is the document's next version.
    document_name: String,
    /// Its place among the documents of the type: 1-99, each document another (ALREADY_EXISTS).
    position: i32,
    /// The text, in typst, at most 256 KiB.
    source: String,
}

impl From<PublishAgreementTemplateInput> for PublishText {
    fn from(input: PublishAgreementTemplateInput) -> Self {
        Self {
            agreement_type: input.agreement_type,
            document_name: input.document_name,
            position: input.position,
            source: input.source,
            based_on: None,
        }
    }
}

/// The agreement type that something was done to.
#[derive(SimpleObject)]
pub struct AgreementTypePayload {
    /// The agreement type.
    agreement_type: AgreementType,
}

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
