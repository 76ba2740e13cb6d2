//! All decisions at once: one walk through the matrix says what decides each cell and which entries decide none.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::{
    auth::entity::auth_rule,
    reference::Agreement,
    selector::{Choices, Entry, Question, Selector, calm_order},
    sms::entity::sms_template,
    terms::{Scene, SubjectType},
};

/// A cell of the matrix, with what decides it.
#[derive(Clone)]
pub struct Cell {
    /// The three dimensions.
    pub question: Question,
    /// Whether a flow may be started with them: the agreement type is enabled, meant for them, and has a text.
    pub allowed: bool,
    /// The rule that wins; none where nothing matches, or no flow may be started.
    pub auth_rule: Option<Arc<auth_rule::Model>>,
    /// The template that wins; none where nothing matches, or no flow may be started.
    pub sms_template: Option<Arc<sms_template::Model>>,
}

/// What the reference data decide.
pub struct Overview {
    /// Every scene with every subject type with every agreement type, enabled or not.
    pub cells: Vec<Cell>,
    /// How the rules stand.
    pub auth_rules: Standing<auth_rule::Model>,
    /// How the templates stand.
    pub sms_templates: Standing<sms_template::Model>,
}

impl Overview {
    /// What these decide, agreements in the order of the matrix.
    pub fn of(
        agreements: &[Agreement],
        auth_rules: &Choices<auth_rule::Model>,
        sms_templates: &Choices<sms_template::Model>,
    ) -> Self {
        let (mut of_rules, mut of_templates) = (Contest::of(auth_rules), Contest::of(sms_templates));
        let mut cells = Vec::with_capacity(agreements.len() * Scene::ALL.len() * SubjectType::ALL.len());
        for (question, allowed) in questions(agreements) {
            let auth_rule = allowed.then(|| of_rules.held(&question)).flatten();
            let sms_template = allowed.then(|| of_templates.held(&question)).flatten();
            cells.push(Cell { question, allowed, auth_rule, sms_template });
        }
        Self { cells, auth_rules: of_rules.standing(), sms_templates: of_templates.standing() }
    }

    /// Cells where a start would be refused, because no rule matches.
    pub fn without_auth_type(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| cell.allowed && cell.auth_rule.is_none())
    }

    /// Cells where a start would be refused (or fail, as configured), because no template matches.
    pub fn without_sms_template(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| cell.allowed && cell.sms_template.is_none())
    }
}

/// The questions of the matrix, and whether a flow may be started with each.
fn questions(agreements: &[Agreement]) -> impl Iterator<Item = (Question, bool)> {
    let pairs = Scene::ALL.iter().flat_map(|scene| SubjectType::ALL.iter().map(move |kind| (*scene, *kind)));
    pairs.flat_map(move |(scene, subject_type)| {
        agreements.iter().map(move |agreement| {
            let question = Question { scene, subject_type, agreement_type: agreement.kind.code.clone() };
            let allowed = agreement.kind.allows(&question) && !agreement.texts.is_empty();
            (question, allowed)
        })
    })
}

/// How the entries in force of one kind stand: those that aren't named here decide something.
pub struct Standing<T: Entry> {
    /// Those that never win, because a more specific one wins wherever they apply; the most specific first.
    pub shadowed: Vec<Arc<T>>,
    /// Those that apply to nothing a flow may be started with.
    pub idle: Vec<Arc<T>>,
    /// Who wins most of the cells that a shadowed one applies to.
    takers: HashMap<T::Id, Arc<T>>,
}

impl<T: Entry> Standing<T> {
    /// What keeps an entry, in force or not, from ever deciding: another that is in force under its selector, or the one
    /// that takes most of its cells. None: it may decide, or nothing would.
    pub fn shadow(&self, choices: &Choices<T>, id: T::Id, selector: &Selector) -> Option<Arc<T>> {
        let in_force = choices.get(selector)?;
        if in_force.id() == id { self.takers.get(&id).cloned() } else { Some(Arc::clone(in_force)) }
    }
}

/// Entries that are held against each other, cell by cell.
struct Contest<'a, T: Entry> {
    choices: &'a Choices<T>,
    winners: HashSet<T::Id>,
    /// Whoever lost a cell, and how many to whom.
    losses: HashMap<T::Id, Losses<'a, T>>,
}

/// So many cells lost to each winner.
type Losses<'a, T> = HashMap<<T as Entry>::Id, (usize, &'a Arc<T>)>;

impl<'a, T: Entry> Contest<'a, T> {
    fn of(choices: &'a Choices<T>) -> Self {
        Self { choices, winners: HashSet::new(), losses: HashMap::new() }
    }

    /// Who wins a cell.
    fn held(&mut self, question: &Question) -> Option<Arc<T>> {
        let mut matching = self.choices.matching(question);
        let winner = matching.next()?;
        self.winners.insert(winner.id());
        for loser in matching {
            let lost = self.losses.entry(loser.id()).or_default();
            lost.entry(winner.id()).or_insert((0, winner)).0 += 1;
        }
        Some(Arc::clone(winner))
    }

    fn standing(self) -> Standing<T> {
        let mut standing = Standing { shadowed: Vec::new(), idle: Vec::new(), takers: HashMap::new() };
        for entry in self.choices.all().into_iter().filter(|entry| !self.winners.contains(&entry.id())) {
            let takers = self.losses.get(&entry.id()).into_iter().flat_map(HashMap::values);
            match takers.max_by_key(|(cells, taker)| (*cells, Reverse(calm_order(&taker.selector())))) {
                Some((_, taker)) => {
                    standing.takers.insert(entry.id(), Arc::clone(taker));
                    standing.shadowed.push(Arc::clone(entry));
                }
                None => standing.idle.push(Arc::clone(entry)),
            }
        }
        standing
    }
}
