//! A text as staff write it: how it would look, what it would cost, and what carriers would say.

use super::{
    lint::{self, Problem, Text},
    sample, segment,
    segment::Length,
    template::{GatewayTemplate, shape},
};
use crate::{App, Caller, caller::Operation, error::Result, flow::check::Problems, selector::Selector};

/// The longest text that is looked at: far over what carriers take, so that one that is too long is told so.
const BODY: usize = 2_000;
/// The same of a sign name.
const SIGN_NAME: usize = 64;

/// The command behind `previewSms`. It takes what is only half written.
#[derive(Debug, Clone, Default)]
pub struct PreviewSms {
    /// With `{{ variables }}`.
    pub body: String,
    /// 签名; none or empty: the text alone.
    pub sign_name: Option<String>,
    /// What it is to apply to: what it fixes is shown.
    pub selector: Selector,
    /// What it is called at gateways; none: not judged.
    pub gateway_templates: Option<Vec<GatewayTemplate>>,
}

/// How a text would be.
#[derive(Debug, Clone)]
pub struct Preview {
    /// With sample values.
    pub text: String,
    /// With the longest values there can be.
    pub longest_text: String,
    /// Its length.
    pub length: Length,
    /// The length with the longest values there can be.
    pub longest: Length,
    /// Names that are no variables.
    pub unknown_variables: Vec<String>,
    /// What carriers would refuse, gateway by gateway.
    pub problems: Vec<Problem>,
}

/// Shows a text.
pub async fn preview(app: &App, caller: &Caller, input: PreviewSms) -> Result<Preview> {
    caller.require(Operation::PreviewSms)?;
    let sign_name = input.sign_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let mut problems = Problems::default();
    let at_most = |text: &str, most: usize| text.chars().count() <= most;
    problems.unless(at_most(&input.body, BODY), "body", "at most 2000 characters");
    problems.unless(sign_name.is_none_or(|name| at_most(name, SIGN_NAME)), "signName", "at most 64 characters");
    let (agreement, unknown) = shape::agreement(app.db.read(), &input.selector).await?;
    if let Some(problem) = unknown {
        problems.unless(false, &problem.path, &problem.problem);
    }
    problems.into_result()?;
    let text = Text { body: input.body.trim(), sign_name, gateway_templates: input.gateway_templates.as_deref() };
    let values = sample::values(&app.settings, &input.selector, agreement.as_deref());
    let (shown, longest_text) = (text.with(&values.sample), text.with(&values.longest));
    Ok(Preview {
        length: segment::length(&shown),
        text: shown,
        longest: segment::length(&longest_text),
        longest_text,
        unknown_variables: text.unknown_variables(),
        problems: lint::lint(&app.settings, &text, &values),
    })
}
