//! Rules as pages name them.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use esign_domain::terms::{Scene, SubjectType};
use esign_domain::{
    auth::entity::auth_rule,
    decision::overview::Overview,
    ids::AuthRuleId,
    reference::{Agreement, Reference},
    selector::{Entry, Selector},
};
use esign_web::language::Language;
use serde::Serialize;

use crate::moment::Moment;

/// What rules are called: R1, R2, …. An id is too long for a cell.
pub struct Names(HashMap<AuthRuleId, i32>);

impl Names {
    /// The names of all rules there are.
    pub fn of(rules: &[auth_rule::Model]) -> Self {
        Self(rules.iter().map(|rule| (rule.id, rule.number)).collect())
    }

    /// A rule by its name; one that isn't kept yet has none.
    pub fn name(&self, id: AuthRuleId) -> RuleName {
        let number = self.0.get(&id);
        RuleName { id: id.to_string(), name: number.map(|number| format!("R{number}")) }
    }
}

/// A rule by its name.
#[derive(Debug, Clone, Serialize)]
pub struct RuleName {
    /// Its id.
    pub id: String,
    /// R1, R2, …; none: a draft.
    pub name: Option<String>,
}

/// What an entry applies to, for people.
#[derive(Debug, Clone, Serialize)]
pub struct SelectorView {
    scene: Option<&'static str>,
    subject: Option<&'static str>,
    /// The agreement type's name, or its code where nobody knows that any more.
    agreement: Option<String>,
    /// How many dimensions are fixed.
    fixed: u8,
}

impl SelectorView {
    /// A selector.
    pub fn of(selector: &Selector, agreements: &[Agreement]) -> Self {
        Self {
            scene: selector.scene.map(Scene::as_str),
            subject: selector.subject_type.map(SubjectType::as_str),
            agreement: selector.agreement_type.as_deref().map(|code| agreement_name(agreements, code)),
            fixed: selector.shape().fixed(),
        }
    }
}

/// An agreement type's name, or its code where nobody knows it.
pub fn agreement_name(agreements: &[Agreement], code: &str) -> String {
    let known = agreements.iter().find(|agreement| agreement.kind.code == code);
    known.map_or(code, |agreement| &agreement.kind.name).to_owned()
}

/// A line to choose an agreement type by.
#[derive(Debug, Clone, Serialize)]
pub struct AgreementChoice {
    code: String,
    name: String,
}

/// All of them.
pub fn agreement_choices(agreements: &[Agreement]) -> Vec<AgreementChoice> {
    let choice = |of: &Agreement| AgreementChoice { code: of.kind.code.clone(), name: of.kind.name.clone() };
    agreements.iter().map(choice).collect()
}

/// A rule as it stands among the others.
#[derive(Debug, Clone, Serialize)]
pub struct RuleView {
    #[serde(flatten)]
    name: RuleName,
    selector: SelectorView,
    auth_type: &'static str,
    note: Option<String>,
    version: i32,
    /// Who changed it last; nobody did when it was shipped.
    by: Option<String>,
    changed: Moment,
    /// `decides`, `shadowed`, `idle` or `disabled`.
    state: &'static str,
    /// Who keeps it from deciding, or would.
    shadow: Option<RuleName>,
    /// How many cells it decides.
    cells: usize,
}

/// What is needed to view rules: all of them, and how they stand.
pub struct Viewer<'a> {
    /// All rules, enabled or not.
    pub rules: &'a [auth_rule::Model],
    /// What they are called.
    pub names: &'a Names,
    /// What the enabled ones decide.
    pub overview: &'a Overview,
    /// The enabled ones.
    pub choices: &'a esign_domain::selector::Choices<auth_rule::Model>,
    /// The agreement types.
    pub agreements: &'a [Agreement],
    /// The reader's language and time.
    pub reader: (Language, DateTime<Utc>),
}

impl<'a> Viewer<'a> {
    /// Of what is kept now.
    pub fn of(
        reference: &'a Reference,
        rules: &'a [auth_rule::Model],
        names: &'a Names,
        reader: (Language, DateTime<Utc>),
    ) -> Self {
        let (overview, choices) = (reference.overview(), &reference.auth_rules);
        Self { rules, names, overview, choices, agreements: reference.agreements(), reader }
    }

    /// All of them, from the most to the least specific.
    pub fn all(&self) -> Vec<RuleView> {
        self.rules.iter().map(|rule| self.view(rule)).collect()
    }

    /// One.
    pub fn view(&self, rule: &auth_rule::Model) -> RuleView {
        let (language, now) = self.reader;
        let standing = &self.overview.auth_rules;
        let shadow = standing.shadow(self.choices, rule.id, &rule.selector());
        let is_idle = standing.idle.iter().any(|idle| idle.id == rule.id);
        let state = match (rule.in_force(), &shadow) {
            (false, _) => "disabled",
            (true, Some(_)) => "shadowed",
            (true, None) if is_idle => "idle",
            (true, None) => "decides",
        };
        RuleView {
            name: self.names.name(rule.id),
            selector: SelectorView::of(&rule.selector(), self.agreements),
            auth_type: rule.auth_type.as_str(),
            note: rule.note.clone(),
            version: rule.version,
            by: rule
                .updated_by
                .as_deref()
                .filter(|by| *by != "shipped")
                .map(|by| by.trim_start_matches("staff:").to_owned()),
            changed: Moment::of(language, rule.updated_at, now),
            state,
            shadow: shadow.map(|by: Arc<auth_rule::Model>| self.names.name(by.id)),
            cells: self.decided(rule.id).count(),
        }
    }

    /// The cells that a rule decides.
    pub fn decided(&self, id: AuthRuleId) -> impl Iterator<Item = &esign_domain::decision::overview::Cell> {
        self.overview.cells.iter().filter(move |cell| cell.auth_rule.as_ref().is_some_and(|rule| rule.id == id))
    }
}
