//! How an SMS would look before anybody sends it.

use async_graphql::{InputObject, SimpleObject};
use esign_domain::{
    sms::{
        lint::Problem,
        preview::{Preview, PreviewSms},
    },
    words::Lang,
};

use super::{selector::SelectorInput, sms_template::GatewayTemplateInput, terms::twins};

/// A text that is to be looked at; it may be half written.
#[derive(Clone, Debug, InputObject)]
pub struct PreviewSmsInput {
    /// The text, with its variables in double braces: at most 2,000 characters.
    pub body: String,
    /// 签名; null: the text alone.
    pub sign_name: Option<String>,
    /// What it is to apply to: what it fixes is shown in place of samples.
    pub selector: Option<SelectorInput>,
    /// What it is called at gateways; null: codes and reviews aren't judged.
    pub gateway_templates: Option<Vec<GatewayTemplateInput>>,
}

impl From<PreviewSmsInput> for PreviewSms {
    fn from(given: PreviewSmsInput) -> Self {
        Self {
            body: given.body,
            sign_name: given.sign_name,
            selector: given.selector.unwrap_or_default().into(),
            gateway_templates: given.gateway_templates.map(twins),
        }
    }
}

/// How a text would look, what it would cost, and what carriers would say.
#[derive(Clone, Debug, SimpleObject)]
pub struct SmsPreview {
    /// The text with sample values, with signName in front only when it is given.
    pub text: String,
    /// Its characters as carriers count them: UTF-16 code units, so an emoji is two.
    pub characters: i32,
    /// The messages that the carrier bills: 70 characters in one, 67 in each of more.
    pub segments: i32,
    /// The characters with the longest values there can be.
    pub characters_at_longest: i32,
    /// The messages with the longest values there can be.
    pub segments_at_longest: i32,
    /// Names in double braces that are no variables.
    pub unknown_variables: Vec<String>,
    /// What a gateway would refuse, per configured gateway.
    pub problems: Vec<SmsProblem>,
}

/// Something that a gateway would refuse.
#[derive(Clone, Debug, SimpleObject)]
pub struct SmsProblem {
    /// The gateway's name.
    pub gateway: String,
    /// The rule's name, which stays: variables_side_by_side, link_in_variable, ...
    pub rule: String,
    /// What is wrong, in the caller's language.
    pub message: String,
    /// Whether the template can't be enabled with it; else it is a warning.
    pub blocking: bool,
}

impl SmsPreview {
    /// In a language.
    pub fn of(preview: Preview, lang: Lang) -> Self {
        let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let problem = |problem: Problem| SmsProblem {
            gateway: problem.gateway,
            rule: problem.rule.as_str().into(),
            message: lang.problem(&problem.message),
            blocking: problem.blocking,
        };
        Self {
            text: preview.text,
            characters: count(preview.length.characters),
            segments: count(preview.length.segments),
            characters_at_longest: count(preview.longest.characters),
            segments_at_longest: count(preview.longest.segments),
            unknown_variables: preview.unknown_variables,
            problems: preview.problems.into_iter().map(problem).collect(),
        }
    }
}
