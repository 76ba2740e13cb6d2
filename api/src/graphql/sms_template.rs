//! SMS templates (短信模板): what they are, and what staff write.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use esign_domain::sms::{entity::sms_template, template};

use super::{
    access::{id, rows},
    error::ApiResult,
    loader::TemplateInForce,
    scalar::Moment,
    selector::{Selector, SelectorInput},
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

    /// Another template with the same selector that is enabled, so that this one isn't used.
    async fn shadowed_by(&self, ctx: &Context<'_>) -> ApiResult<Option<SmsTemplate>> {
        let in_force = rows(ctx).load_one(TemplateInForce(self.0.selector.clone())).await?;
        Ok(in_force.filter(|template| template.id != self.0.id).map(Into::into))
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
