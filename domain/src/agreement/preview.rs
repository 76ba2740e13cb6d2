//! A text as it would come out, before it is published.

use std::collections::BTreeMap;

use super::{
    check::{self, Shown, TextProblem},
    entity::agreement_type,
    publish::PublishText,
    sample::Audience,
};
use crate::{
    App, Caller,
    caller::Operation,
    error::{Error, Result},
    reference,
    terms::SubjectType,
};

/// So many values may be given for a text's own variables.
const VALUES: usize = 100;
/// And so long each may be.
const VALUE: usize = 2_000;

/// Whose sample of a text is shown, and what it says.
#[derive(Debug, Clone, Default)]
pub struct ShowTo {
    /// Who signs; none: the first who may.
    pub subject_type: Option<SubjectType>,
    /// Values for the text's own variables. One without shows its name.
    pub values: BTreeMap<String, String>,
}

/// What a text comes to.
#[derive(Debug)]
pub struct Preview {
    /// The pages as SVG, with sample values; none when it can't be laid out.
    pub pages: Vec<String>,
    /// The PDF as it would be sealed, with sample values; none when anything is wrong.
    pub pdf: Option<Vec<u8>>,
    /// Names of the values that a flow would have to give.
    pub variables: Vec<String>,
    /// What stands in the way of publishing it.
    pub problems: Vec<TextProblem>,
}

/// Lays a text out for whoever is to be shown; what it checks is what publishing checks of a text, and nothing is
/// written. Its type need not exist yet: then it is tried with everybody. Neither name nor position matters here.
pub async fn preview(app: &App, caller: &Caller, input: &PublishText, to: &ShowTo) -> Result<Preview> {
    caller.require(Operation::PreviewAgreement)?;
    if to.values.len() > VALUES || to.values.values().any(|value| value.chars().count() > VALUE) {
        return Err(Error::field("values", "too many values, or one that is too long: 100 of 2000 characters at most"));
    }
    let reference = reference::current(app).await?;
    let known = reference.agreements().iter().find(|agreement| agreement.kind.code == input.agreement_type);
    let audience = known.map_or_else(|| Ok(Audience::everybody()), |agreement| agreement.kind.audience())?;
    if to.subject_type.is_some_and(|wanted| !audience.subject_types.contains(&wanted)) {
        return Err(Error::field("subjectType", "not among those who may sign this agreement"));
    }
    tried(app, &input.source, &audience, to).await
}

/// Lays a published text out for the first who may sign it. What stands in the way of publishing was looked for then, with
/// everybody; here one sample is enough.
pub async fn published(app: &App, caller: &Caller, kind: &agreement_type::Model, source: &str) -> Result<Preview> {
    caller.require(Operation::PreviewAgreement)?;
    let mut audience = kind.audience()?;
    audience.scenes.truncate(1);
    audience.subject_types.truncate(1);
    tried(app, source, &audience, &ShowTo::default()).await
}

async fn tried(app: &App, source: &str, audience: &Audience, to: &ShowTo) -> Result<Preview> {
    let shown = to.subject_type.or(audience.subject_types.first().copied());
    let shown = shown.map(|subject_type| Shown { subject_type, values: &to.values });
    let examined = check::examine(app, source, audience, shown).await?;
    let (pages, pdf) = examined.shown.map(|laid_out| (laid_out.pages, laid_out.pdf)).unzip();
    Ok(Preview {
        pages: pages.into_iter().flatten().map(|page| page.svg).collect(),
        pdf: pdf.filter(|_| examined.problems.is_empty()),
        variables: examined.variables,
        problems: examined.problems,
    })
}
