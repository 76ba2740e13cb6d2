//! The checks that every template passes, drafts included. Whether carriers would take it is for [`crate::sms::lint`].

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{GatewayTemplate, TemplateInput};
use crate::{
    App,
    agreement::entity::agreement_type,
    error::{FieldProblem, Result},
    selector::Selector,
};

/// So many characters a name has at most.
const NAME: usize = 200;
/// So many a body has at most.
const BODY: usize = 500;
/// So many a sign name has at least and at most, as carriers register them.
const SIGN_NAME: std::ops::RangeInclusive<usize> = 2..=16;
/// So many a gateway's code has at most.
const CODE: usize = 64;
/// So many a carrier's remark has at most.
const NOTE: usize = 500;

impl TemplateInput {
    /// The same without blanks around its texts.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let trim = |text: String| text.trim().to_owned();
        let entry = |entry: GatewayTemplate| GatewayTemplate {
            code: trim(entry.code),
            note: entry.note.map(trim).filter(|note| !note.is_empty()),
            ..entry
        };
        Self {
            name: trim(self.name),
            body: trim(self.body),
            sign_name: self.sign_name.map(trim),
            gateway_templates: self.gateway_templates.into_iter().map(entry).collect(),
            selector: self.selector,
        }
    }
}

/// What is wrong with the form of a template, all of it.
pub(super) fn problems(app: &App, input: &TemplateInput) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut unless = |well: bool, path: &str, problem: String| {
        if !well {
            problems.push(FieldProblem { path: path.into(), problem });
        }
    };
    let length = |text: &str| text.chars().count();
    let plain = |text: &str| !text.chars().any(char::is_control);
    let is_name = (1..=NAME).contains(&length(&input.name)) && plain(&input.name);
    unless(is_name, "name", format!("1-{NAME} characters, no control characters"));
    // A message may have lines, and nothing else that isn't seen.
    let is_body = (1..=BODY).contains(&length(&input.body)) && plain(&input.body.replace('\n', ""));
    unless(is_body, "body", format!("1-{BODY} characters, no control characters"));
    if let Some(name) = &input.sign_name {
        let well = SIGN_NAME.contains(&length(name)) && plain(name) && !name.contains(['【', '】']);
        unless(well, "signName", "2-16 characters, without 【 and 】".to_owned());
    }
    for (index, entry) in input.gateway_templates.iter().enumerate() {
        let path = |field: &str| format!("gatewayTemplates.{index}.{field}");
        let is_configured = app.settings.sms.gateways.iter().any(|gateway| gateway.name == entry.gateway);
        unless(is_configured, &path("gateway"), "not the name of a configured gateway".to_owned());
        let is_first = input.gateway_templates[..index].iter().all(|before| before.gateway != entry.gateway);
        unless(is_first, &path("gateway"), "named more than once".to_owned());
        let is_code = (1..=CODE).contains(&length(&entry.code)) && plain(&entry.code);
        unless(is_code, &path("code"), format!("1-{CODE} characters, no control characters"));
        let is_note = entry.note.as_ref().is_none_or(|note| length(note) <= NOTE && plain(note));
        unless(is_note, &path("note"), format!("0-{NOTE} characters, no control characters"));
    }
    problems
}

/// The name of the agreement type that a selector fixes, or that there is none of this code. Enabled or not: a type is
/// switched off and on again, and its templates stay.
pub(in crate::sms) async fn agreement(
    db: &impl ConnectionTrait,
    selector: &Selector,
) -> Result<(Option<String>, Option<FieldProblem>)> {
    let Some(code) = &selector.agreement_type else { return Ok((None, None)) };
    let kind = agreement_type::Entity::find().filter(agreement_type::Column::Code.eq(code)).one(db).await?;
    let unknown =
        || FieldProblem { path: "selector.agreementType".into(), problem: "not the code of an agreement type".into() };
    Ok(kind.map_or_else(|| (None, Some(unknown())), |kind| (Some(kind.name), None)))
}
