//! SMS templates (短信模板): what they are, and what may be done to them.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use esign_domain::sms::{
    self,
    entity::{sms_template, sms_template_version},
    template::{self, query},
};

use super::{
    access::{app, caller, id, lang, rows},
    error::ApiResult,
    loader::{Of, ShadowOf, Versions},
    mutation::named,
    page::{self, Connection},
    scalar::Moment,
    selector::{Selector, SelectorInput},
    sms_preview::{PreviewSmsInput, SmsPreview},
    terms::{TemplateReview, TemplateStatus, twins},
};

/// What a template is to be. body holds {{ name }} variables: subjectName, agreementName, sceneName, expiresAt,
/// clientName, publicUrl, linkCode. The link is written `{{ publicUrl }}/s/{{ linkCode }}`, followed by a space or the
/// end: publicUrl is our configured address and constant to the carrier, only linkCode varies (carriers refuse links
/// inside variables).
#[derive(Clone, Debug, InputObject)]
pub struct SmsTemplateInput {
    /// What staff call it: 1-200 characters.
    pub name: String,
    /// What it applies to.
    pub selector: SelectorInput,
    /// The text, with its variables in double braces: 1-500 characters.
    pub body: String,
    /// 签名, the sender's name in front of the text: 2-16 characters without its brackets; null: the gateway's own.
    pub sign_name: Option<String>,
    /// What it is called at each gateway that knows it by a code.
    pub gateway_templates: Option<Vec<GatewayTemplateInput>>,
}

/// What a template is called at a gateway, and whether the carrier approved it.
#[derive(Clone, Debug, InputObject)]
pub struct GatewayTemplateInput {
    /// The name of a configured gateway, each at most once.
    pub gateway: String,
    /// The template's code there: 1-64 characters.
    pub code: String,
    /// Whether the carrier approved it; an unapproved one is not sent there.
    pub review: TemplateReview,
    /// The carrier's remark: at most 500 characters.
    pub note: Option<String>,
}

impl From<SmsTemplateInput> for template::TemplateInput {
    fn from(given: SmsTemplateInput) -> Self {
        Self {
            name: given.name,
            selector: given.selector.into(),
            body: given.body,
            sign_name: given.sign_name,
            gateway_templates: twins(given.gateway_templates.unwrap_or_default()),
        }
    }
}

impl From<GatewayTemplateInput> for template::GatewayTemplate {
    fn from(given: GatewayTemplateInput) -> Self {
        Self { gateway: given.gateway, code: given.code, review: given.review.into(), note: given.note }
    }
}

/// What a template is called at a gateway, and whether the carrier approved it; an unapproved one is not sent there.
#[derive(Clone, Debug, SimpleObject)]
pub struct GatewayTemplate {
    /// The gateway's name.
    pub gateway: String,
    /// The template's code there.
    pub code: String,
    /// Whether the carrier approved it.
    pub review: TemplateReview,
    /// The carrier's remark.
    pub note: Option<String>,
}

impl From<template::GatewayTemplate> for GatewayTemplate {
    fn from(known: template::GatewayTemplate) -> Self {
        Self { gateway: known.gateway, code: known.code, review: known.review.into(), note: known.note }
    }
}

/// A text and the selector by which it is picked (短信模板).
#[derive(Clone)]
pub struct SmsTemplate(pub Arc<sms_template::Model>);

impl From<sms_template::Model> for SmsTemplate {
    fn from(template: sms_template::Model) -> Self {
        Self(Arc::new(template))
    }
}

/// A text and the selector by which it is picked (短信模板).
#[Object]
impl SmsTemplate {
    /// The template's id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// What staff call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it applies to.
    async fn selector(&self) -> Selector {
        self.0.selector().into()
    }

    /// The text, with its variables in double braces.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// 签名, the sender's name in front of the text; null: the gateway's own.
    async fn sign_name(&self) -> Option<&str> {
        self.0.sign_name.as_deref()
    }

    /// What it is called at each gateway.
    async fn gateway_templates(&self) -> ApiResult<Vec<GatewayTemplate>> {
        Ok(twins(self.0.gateway_templates()?))
    }

    /// Whether it is in use.
    async fn status(&self) -> TemplateStatus {
        self.0.status.into()
    }

    /// Counts changes.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The template that keeps this one from ever being used: the one that wins most of the cells it applies to, when more
    /// specific ones win all of them; for a template that isn't enabled, the enabled one with its selector. Null: it is
    /// used, or applies to no cell a flow may be started with (decisionReport names those).
    async fn shadowed_by(&self, ctx: &Context<'_>) -> ApiResult<Option<SmsTemplate>> {
        Ok(rows(ctx).load_one(ShadowOf(self.0.id, self.0.selector())).await?.map(SmsTemplate))
    }

    /// Every version, newest first: a change of text or of status makes one.
    async fn versions(&self, ctx: &Context<'_>) -> ApiResult<Vec<SmsTemplateVersion>> {
        let versions = rows(ctx).load_one(Of(self.0.id, Versions)).await?.unwrap_or_default();
        Ok(twins(versions))
    }

    /// Who changed it last.
    async fn updated_by(&self) -> Option<&str> {
        self.0.updated_by.as_deref()
    }

    /// When it was made.
    async fn created_at(&self) -> Moment {
        self.0.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> Moment {
        self.0.updated_at.into()
    }
}

/// A template as it was in one of its versions.
#[derive(Clone)]
pub struct SmsTemplateVersion(Arc<sms_template_version::Model>);

impl From<sms_template_version::Model> for SmsTemplateVersion {
    fn from(version: sms_template_version::Model) -> Self {
        Self(Arc::new(version))
    }
}

/// A template as it was in one of its versions; a change of text or of status makes one, and none is ever changed.
#[Object]
impl SmsTemplateVersion {
    /// The version, from 1.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The text, with its variables in double braces.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// 签名; null: the gateway's own.
    async fn sign_name(&self) -> Option<&str> {
        self.0.sign_name.as_deref()
    }

    /// What it was called at each gateway.
    async fn gateway_templates(&self) -> ApiResult<Vec<GatewayTemplate>> {
        Ok(twins(self.0.gateway_templates()?))
    }

    /// Who made it.
    async fn made_by(&self) -> Option<&str> {
        self.0.made_by.as_deref()
    }

    /// When it was made.
    async fn made_at(&self) -> Moment {
        self.0.made_at.into()
    }
}

/// The template that something was done to.
#[derive(SimpleObject)]
pub struct SmsTemplatePayload {
    /// The template.
    sms_template: SmsTemplate,
}

impl From<sms_template::Model> for SmsTemplatePayload {
    fn from(template: sms_template::Model) -> Self {
        Self { sms_template: template.into() }
    }
}

/// The name of this list in its cursors.
const LIST: &str = "t1";

/// What may be asked about SMS templates.
#[derive(Default)]
pub struct SmsTemplateQuery;

/// What may be asked about SMS templates.
#[Object]
impl SmsTemplateQuery {
    /// An SMS template; null when there is no such one. Scope: templates:read.
    async fn sms_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The template's id.")] id: ID,
    ) -> Option<ApiResult<SmsTemplate>> {
        let found = async { Ok(query::by_id(app(ctx), caller(ctx)?, named(&id)).await?.map(Into::into)) };
        found.await.transpose()
    }

    /// SMS templates, newest first. Scope: templates:read.
    async fn sms_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this status.")] status: Option<TemplateStatus>,
        #[graphql(desc = "How many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> ApiResult<Connection<SmsTemplate>> {
        let after = page::place(LIST, "after", after.as_deref());
        let (limit, after) = page::both(page::length("first", first), after)?;
        let (templates, more) = query::list(app(ctx), caller(ctx)?, status.map(Into::into), after, limit).await?;
        let entries = templates
            .into_iter()
            .map(|template| (page::place_cursor(LIST, template.created_at, template.id), SmsTemplate::from(template)));
        Ok(Connection::of(entries, (more, after.is_some())))
    }

    /// How a text would look with sample values, how many characters and segments it has, and what is wrong with it at
    /// each configured gateway; nothing is written. Scope: templates:read.
    async fn preview_sms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text; it may be half written.")] input: PreviewSmsInput,
    ) -> ApiResult<SmsPreview> {
        Ok(SmsPreview::of(sms::preview(app(ctx), caller(ctx)?, input.into()).await?, lang(ctx)))
    }
}

/// What may be done to SMS templates.
#[derive(Default)]
pub struct SmsTemplateMutation;

/// What may be done to SMS templates.
#[Object]
impl SmsTemplateMutation {
    /// Makes a template: a draft, which may still have what carriers refuse. Scope: templates:write.
    async fn create_sms_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: SmsTemplateInput,
    ) -> ApiResult<SmsTemplatePayload> {
        Ok(template::create(app(ctx), caller(ctx)?, input.into()).await?.into())
    }

    /// Changes a template as a whole; a change makes a new version, and what is the same changes nothing. An enabled one
    /// must stay one that can be sent; ALREADY_EXISTS when another enabled one has the selector. Scope: templates:write.
    async fn update_sms_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The template.")] id: ID,
        #[graphql(desc = "The version that was read: STATE_CONFLICT when it has changed since.")] expected_version: i32,
        #[graphql(desc = "What it is to be.")] input: SmsTemplateInput,
    ) -> ApiResult<SmsTemplatePayload> {
        let changed = template::update(app(ctx), caller(ctx)?, named(&id), expected_version, input.into()).await?;
        Ok(changed.into())
    }

    /// Puts a template into use or out of it, which makes a new version. Only one that could be sent can be enabled;
    /// ALREADY_EXISTS when another enabled one has its selector. Never back to DRAFT. Scope: templates:write.
    async fn set_sms_template_status(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The template.")] id: ID,
        #[graphql(desc = "The version that was read: STATE_CONFLICT when it has changed since.")] expected_version: i32,
        #[graphql(desc = "ENABLED or DISABLED.")] status: TemplateStatus,
    ) -> ApiResult<SmsTemplatePayload> {
        let changed = template::set_status(app(ctx), caller(ctx)?, named(&id), expected_version, status.into()).await?;
        Ok(changed.into())
    }
}
