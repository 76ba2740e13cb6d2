//! SMS templates: what staff write, and turning it into a text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entity::{sms_template, sms_template_version};
use crate::{error::Result, selector::Selector, terms::TemplateReview};

pub mod edit;
pub mod query;
pub mod shape;

pub use edit::{create, set_status, update};
/// A template as staff write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateInput {
    /// For staff: 1-200 characters.
    pub name: String,
    /// What it applies to.
    pub selector: Selector,
    /// Text with `{{ variables }}`: 1-500 characters.
    pub body: String,
    /// 签名, 2-16 characters without its brackets; none: the gateway's own.
    pub sign_name: Option<String>,
    /// What it is called at gateways, each at most once.
    #[serde(default)]
    pub gateway_templates: Vec<GatewayTemplate>,
}

/// What a template is called at a gateway, and whether the carrier approved it; an unapproved one is not sent there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayTemplate {
    /// Our name for the gateway.
    pub gateway: String,
    /// The template's code there: 1-64 characters.
    pub code: String,
    /// Whether the carrier approved it.
    pub review: TemplateReview,
    /// The carrier's remark.
    #[serde(default)]
    pub note: Option<String>,
}

impl sms_template::Model {
    /// What it is called at gateways.
    pub fn gateway_templates(&self) -> Result<Vec<GatewayTemplate>> {
        Ok(serde_json::from_value(self.gateway_templates.clone())?)
    }

    /// What staff wrote.
    pub fn content(&self) -> Result<TemplateInput> {
        Ok(TemplateInput {
            name: self.name.clone(),
            selector: self.selector(),
            body: self.body.clone(),
            sign_name: self.sign_name.clone(),
            gateway_templates: self.gateway_templates()?,
        })
    }
}

impl sms_template_version::Model {
    /// What it was called at gateways.
    pub fn gateway_templates(&self) -> Result<Vec<GatewayTemplate>> {
        Ok(serde_json::from_value(self.gateway_templates.clone())?)
    }
}

/// The row that keeps a template as it is about to be written.
pub(crate) fn version_of(row: &sms_template::ActiveModel) -> sms_template_version::ActiveModel {
    sms_template_version::ActiveModel {
        template_id: row.id.clone(),
        version: row.version.clone(),
        body: row.body.clone(),
        sign_name: row.sign_name.clone(),
        gateway_templates: row.gateway_templates.clone(),
        made_by: row.updated_by.clone(),
        made_at: row.updated_at.clone(),
    }
}

/// A piece of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text as it stands.
    Text(&'a str),
    /// A variable: its name, and how it is written, braces included.
    Variable {
        /// Its name.
        name: &'a str,
        /// How it is written.
        source: &'a str,
    },
}

/// Takes a body apart. Braces that open and never close are text.
pub fn pieces(body: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = body;
    while let Some(open) = rest.find("{{") {
        let Some(close) = rest[open..].find("}}") else { break };
        let source = &rest[open..open + close + 2];
        if open > 0 {
            pieces.push(Piece::Text(&rest[..open]));
        }
        pieces.push(Piece::Variable { name: source[2..close].trim(), source });
        rest = &rest[open + close + 2..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// Puts values in the place of `{{ name }}`; an unknown name stays as it stands, visible to whoever reads it.
pub fn render(body: &str, variables: &BTreeMap<String, String>) -> String {
    let mut text = String::with_capacity(body.len() + 64);
    for piece in pieces(body) {
        text.push_str(match piece {
            Piece::Text(as_it_stands) => as_it_stands,
            Piece::Variable { name, source } => variables.get(name).map_or(source, String::as_str),
        });
    }
    text
}

/// The names of the variables, as they follow one another.
pub fn names(body: &str) -> impl Iterator<Item = &str> {
    pieces(body).into_iter().filter_map(|piece| match piece {
        Piece::Variable { name, .. } => Some(name),
        Piece::Text(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_and_never_read_again() {
        let variables = BTreeMap::from([("a".to_owned(), "{{ b }}".to_owned()), ("b".to_owned(), "2".to_owned())]);
        for (body, text) in [
            ("x{{ a }}y", "x{{ b }}y"),
            ("{{a}}{{  b  }}", "{{ b }}2"),
            ("{{ c }} {{", "{{ c }} {{"),
            ("}} {{ b", "}} {{ b"),
            ("", ""),
        ] {
            assert_eq!(render(body, &variables), text, "{body}");
        }
    }
}
