//! Three things are asked, and answered with all candidates, best first, and why.

use esign_domain::{
    Result, decision,
    reference::{Agreement, Reference},
    selector::{Question, Selector},
    terms::{Scene, SubjectType},
    words::Lang,
};
use serde::Serialize;

use super::view::{AgreementChoice, Names, SelectorView, agreement_choices, agreement_name};
use crate::{fields::Fields, visit::Visit};

/// The trial: what is asked, and the answer to it.
#[derive(Debug, Clone, Serialize)]
pub struct Trial {
    typed: Fields,
    agreements: Vec<AgreementChoice>,
    answer: Option<Answered>,
}

/// The answer.
#[derive(Debug, Clone, Serialize)]
struct Answered {
    scene: &'static str,
    subject: &'static str,
    agreement: String,
    /// Whether a flow may be started with the three at all.
    allowed: bool,
    rules: Vec<Candidate>,
    templates: Vec<Candidate>,
}

/// An entry that matches.
#[derive(Debug, Clone, Serialize)]
struct Candidate {
    href: String,
    name: String,
    selector: SelectorView,
    /// What it decides; a template decides on itself.
    auth_type: Option<&'static str>,
    /// Why it was beaten; the winner was not.
    why: Option<String>,
}

impl Trial {
    /// What a query asks, answered.
    pub async fn of(visit: &Visit, reference: &Reference, names: &Names) -> Result<Self> {
        let query = visit.query();
        let answer = match question(query, reference.agreements()) {
            Some(question) => Some(Self::answered(visit, reference, names, &question).await?),
            None => None,
        };
        Ok(Self { typed: query.clone(), agreements: agreement_choices(reference.agreements()), answer })
    }

    /// Nothing is asked.
    pub fn unasked(agreements: &[Agreement]) -> Self {
        Self { typed: Fields::default(), agreements: agreement_choices(agreements), answer: None }
    }

    async fn answered(visit: &Visit, reference: &Reference, names: &Names, asked: &Question) -> Result<Answered> {
        let (app, caller) = (visit.app(), visit.caller());
        let rules = decision::resolve_auth_type(app, caller, asked).await?;
        let rules = rules.iter().map(|rule| {
            let name = names.name(rule.id);
            (
                format!("/admin/rules/{}", rule.id),
                name.name.unwrap_or_default(),
                rule.selector(),
                Some(rule.auth_type.as_str()),
            )
        });
        let templates = decision::resolve_sms_template(app, caller, asked).await?;
        let templates = templates.iter().map(|template| {
            (format!("/admin/sms-templates/{}", template.id), template.name.clone(), template.selector(), None)
        });
        let agreements = reference.agreements();
        Ok(Answered {
            scene: asked.scene.as_str(),
            subject: asked.subject_type.as_str(),
            agreement: agreement_name(agreements, &asked.agreement_type),
            allowed: reference.overview().cells.iter().any(|cell| cell.allowed && cell.question == *asked),
            rules: candidates(visit.lang(), agreements, rules.collect()),
            templates: candidates(visit.lang(), agreements, templates.collect()),
        })
    }
}

type Matching = (String, String, Selector, Option<&'static str>);

/// Each that matches, with the reason why the first goes before it.
fn candidates(lang: Lang, agreements: &[Agreement], matching: Vec<Matching>) -> Vec<Candidate> {
    let Some((_, _, winner, _)) = matching.first().cloned() else { return Vec::new() };
    let candidate = |(place, (href, name, selector, auth_type)): (usize, Matching)| Candidate {
        why: (place > 0).then(|| decision::explain::why(lang, &winner, &selector, &name)),
        selector: SelectorView::of(&selector, agreements),
        href,
        name,
        auth_type,
    };
    matching.into_iter().enumerate().map(candidate).collect()
}

fn question(query: &Fields, agreements: &[Agreement]) -> Option<Question> {
    let scene = Scene::ALL.iter().find(|scene| scene.as_str() == query.text("scene"))?;
    let kind = SubjectType::ALL.iter().find(|kind| kind.as_str() == query.text("subject"))?;
    let code = query.given("agreement").filter(|code| agreements.iter().any(|known| known.kind.code == **code))?;
    Some(Question { scene: *scene, subject_type: *kind, agreement_type: code.to_owned() })
}
