//! Entries to choose from.

use std::{collections::HashMap, sync::Arc};

use super::{Entry, Question, Selector, Shape};
use crate::terms::{Scene, SubjectType};

/// The entries in force, each under its selector.
pub struct Choices<T> {
    /// Those for one agreement type, by its code.
    named: HashMap<String, Shelf<T>>,
    /// Those for any.
    any: Shelf<T>,
}

/// Entries by the other two dimensions.
type Shelf<T> = HashMap<(Option<Scene>, Option<SubjectType>), Arc<T>>;

impl<T> Clone for Choices<T> {
    fn clone(&self) -> Self {
        Self { named: self.named.clone(), any: self.any.clone() }
    }
}

impl<T: Entry> Choices<T> {
    /// These entries, in whatever order; those out of force are left out. No two in force have the same selector: the
    /// database sees to it.
    pub fn new(entries: impl IntoIterator<Item = T>) -> Self {
        let mut choices = Self { named: HashMap::new(), any: HashMap::new() };
        for entry in entries {
            choices.put(Arc::new(entry));
        }
        choices
    }

    /// All that match, best first.
    pub fn matching<'a>(&'a self, question: &Question) -> impl Iterator<Item = &'a Arc<T>> {
        let named = self.named.get(&question.agreement_type);
        Shape::ALL.into_iter().filter_map(move |shape| {
            let held = if shape.agreement_type { named? } else { &self.any };
            held.get(&(shape.scene.then_some(question.scene), shape.subject_type.then_some(question.subject_type)))
        })
    }

    /// All that match, best first.
    pub fn best_first(&self, question: &Question) -> Vec<Arc<T>> {
        self.matching(question).cloned().collect()
    }

    /// The one that wins.
    pub fn winner(&self, question: &Question) -> Option<&Arc<T>> {
        self.matching(question).next()
    }

    /// The entry of a selector.
    pub fn get(&self, selector: &Selector) -> Option<&Arc<T>> {
        let held = match &selector.agreement_type {
            Some(code) => self.named.get(code)?,
            None => &self.any,
        };
        held.get(&(selector.scene, selector.subject_type))
    }

    /// All of them, the most specific first and then by selector.
    pub fn all(&self) -> Vec<&Arc<T>> {
        let mut all: Vec<_> = self.named.values().chain([&self.any]).flat_map(HashMap::values).collect();
        all.sort_by_cached_key(|entry| calm_order(&entry.selector()));
        all
    }

    /// As they would be without one entry and with another, or only one of both.
    #[must_use]
    pub fn changed(&self, without: Option<T::Id>, with: Option<T>) -> Self {
        let mut changed = self.clone();
        if let Some(id) = without {
            changed.named.values_mut().chain([&mut changed.any]).for_each(|held| held.retain(|_, e| e.id() != id));
        }
        if let Some(new) = with {
            changed.put(Arc::new(new));
        }
        changed
    }

    fn put(&mut self, entry: Arc<T>) {
        if !entry.in_force() {
            return;
        }
        let Selector { scene, subject_type, agreement_type } = entry.selector();
        let held = match agreement_type {
            Some(code) => self.named.entry(code).or_default(),
            None => &mut self.any,
        };
        held.insert((scene, subject_type), entry);
    }
}

/// What lists of entries are sorted by: the most specific first, then by selector.
pub fn calm_order(selector: &Selector) -> impl Ord + use<> {
    (std::cmp::Reverse(selector.rank()), selector.key())
}
