//! The form of a template: from what was kept, from what was typed, and to what the verbs take.

use esign_config::SmsGateway;
use esign_domain::{
    Result, agreement,
    selector::Selector,
    sms::template::{GatewayTemplate, TemplateInput},
    terms::{Scene, SubjectType, TemplateReview},
};
use serde::Serialize;

use crate::{fields::Fields, problem::Problems, visit::Visit};

/// What stands in the fields.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Typed {
    name: String,
    scene: String,
    subject_type: String,
    agreement_type: String,
    body: String,
    sign_name: String,
    gateways: Vec<Gateway>,
}

/// The fields of one gateway.
#[derive(Debug, Clone, Serialize)]
struct Gateway {
    name: String,
    code: String,
    review: &'static str,
    note: String,
    /// It takes nothing but what its carrier has approved under a code.
    needs_code: bool,
    /// It stands in the settings; else the template can only be freed of it.
    configured: bool,
    /// Where its entry stands among those that are handed in; the path of its problems begins with it.
    path: String,
}

/// An agreement type to choose.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// All agreement types, by code.
pub async fn agreements(visit: &Visit) -> Result<Vec<Choice>> {
    let types = agreement::query::list(visit.app(), visit.caller()).await?;
    Ok(types.iter().map(|kind| Choice { code: kind.code.clone(), name: kind.name.clone() }).collect())
}

/// A text as it was typed: browsers send lines that end in two characters.
pub fn text(form: &Fields, name: &str) -> String {
    form.exact(name).replace("\r\n", "\n")
}

/// What was typed, as the verbs take it.
pub fn input(form: &Fields) -> TemplateInput {
    TemplateInput {
        name: form.text("name").to_owned(),
        selector: Selector {
            scene: Scene::ALL.iter().copied().find(|scene| scene.as_str() == form.text("scene")),
            subject_type: SubjectType::ALL.iter().copied().find(|kind| kind.as_str() == form.text("subjectType")),
            agreement_type: form.given("agreementType").map(str::to_owned),
        },
        body: text(form, "body"),
        sign_name: form.given("signName").map(str::to_owned),
        gateway_templates: entries(form).into_iter().filter(is_said).collect(),
    }
}

/// The entries of all gateways, those that say nothing included.
fn entries(form: &Fields) -> Vec<GatewayTemplate> {
    let column = |name: &str| form.all(name).map(|text| text.trim().to_owned()).collect::<Vec<_>>();
    let (codes, reviews, notes) = (column("code"), column("review"), column("note"));
    let at = |column: &[String], index: usize| column.get(index).cloned().unwrap_or_default();
    let entry = |(index, gateway): (usize, String)| GatewayTemplate {
        gateway,
        code: at(&codes, index),
        review: review(&at(&reviews, index)),
        note: Some(at(&notes, index)).filter(|note| !note.is_empty()),
    };
    column("gateway").into_iter().enumerate().map(entry).collect()
}

fn is_said(entry: &GatewayTemplate) -> bool {
    !entry.code.is_empty() || entry.note.is_some()
}

fn review(name: &str) -> TemplateReview {
    TemplateReview::ALL.iter().copied().find(|review| review.as_str() == name).unwrap_or(TemplateReview::Pending)
}

impl Typed {
    /// The empty form.
    pub fn fresh(gateways: &[SmsGateway]) -> Self {
        Self { gateways: rows(gateways, &[]), ..Self::default() }
    }

    /// What was kept.
    pub fn kept(content: &TemplateInput, gateways: &[SmsGateway]) -> Self {
        let text = |name: Option<&str>| name.unwrap_or_default().to_owned();
        Self {
            name: content.name.clone(),
            scene: text(content.selector.scene.map(Scene::as_str)),
            subject_type: text(content.selector.subject_type.map(SubjectType::as_str)),
            agreement_type: text(content.selector.agreement_type.as_deref()),
            body: content.body.clone(),
            sign_name: text(content.sign_name.as_deref()),
            gateways: rows(gateways, &content.gateway_templates),
        }
    }

    /// What was typed, exactly.
    pub fn posted(form: &Fields, gateways: &[SmsGateway]) -> Self {
        Self {
            name: form.exact("name").to_owned(),
            scene: form.text("scene").to_owned(),
            subject_type: form.text("subjectType").to_owned(),
            agreement_type: form.text("agreementType").to_owned(),
            body: text(form, "body"),
            sign_name: form.exact("signName").to_owned(),
            gateways: rows(gateways, &entries(form)),
        }
    }
}

/// A row for each gateway: those of the settings, in their order, then those that the template alone still names.
fn rows(gateways: &[SmsGateway], entries: &[GatewayTemplate]) -> Vec<Gateway> {
    let row = |name: &str, settings: Option<&SmsGateway>| {
        let entry = entries.iter().find(|entry| entry.gateway == name);
        Gateway {
            name: name.to_owned(),
            code: entry.map(|entry| entry.code.clone()).unwrap_or_default(),
            review: entry.map_or(TemplateReview::Pending, |entry| entry.review).as_str(),
            note: entry.and_then(|entry| entry.note.clone()).unwrap_or_default(),
            needs_code: settings.is_some_and(SmsGateway::needs_template_code),
            configured: settings.is_some(),
            path: String::new(),
        }
    };
    let known = |name: &str| gateways.iter().any(|gateway| gateway.name == name);
    let configured = gateways.iter().map(|gateway| row(&gateway.name, Some(gateway)));
    let others = entries.iter().filter(|entry| !known(&entry.gateway) && is_said(entry));
    let mut rows: Vec<_> = configured.chain(others.map(|entry| row(&entry.gateway, None))).collect();
    // The verbs name an entry by its place among those that say something.
    let mut place = 0;
    for row in rows.iter_mut().filter(|row| !row.code.is_empty() || !row.note.is_empty()) {
        row.path = format!("gatewayTemplates.{place}.");
        place += 1;
    }
    rows
}

/// The same problems under the names of the form's own fields.
pub fn renamed(problems: Problems) -> Problems {
    problems.renamed(&[("selector.agreementType", "agreementType")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateways_that_say_nothing_are_left_out_and_lines_end_in_one_character() {
        let form = Fields::read(
            "body=a%0D%0Ab&gateway=one&code=&review=PENDING&note=&gateway=two&code=+C1+&review=APPROVED&note=+\
             &signName=+&scene=COLLECTION&subjectType="
                .as_bytes(),
        );
        let input = input(&form);
        assert_eq!((input.body.as_str(), input.sign_name), ("a\nb", None));
        assert_eq!((input.selector.scene, input.selector.subject_type), (Some(Scene::Collection), None));
        let entry =
            GatewayTemplate { gateway: "two".into(), code: "C1".into(), review: TemplateReview::Approved, note: None };
        assert_eq!(input.gateway_templates, [entry]);
    }

    #[test]
    fn what_the_settings_no_longer_name_can_still_be_seen() {
        let entry = |name: &str| GatewayTemplate {
            gateway: name.into(),
            code: "C".into(),
            review: TemplateReview::Pending,
            note: None,
        };
        let rows = rows(&[], &[entry("gone")]);
        assert_eq!((rows.len(), rows[0].configured, rows[0].path.as_str()), (1, false, "gatewayTemplates.0."));
    }
}
