//! The one way to choose an SMS template or an auth rule: the most specific selector that matches wins.
//!
//! A selector has three optional dimensions, each may be 'any'. Among those that match, the one with more fixed
//! dimensions wins; at equal count agreement type counts over scene over subject type. Two that match the same question
//! with the same fixed dimensions are the same selector, and two enabled entries with one selector cannot exist: so
//! there is always exactly one winner, whatever the order the entries come in.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::terms::{Scene, SubjectType};

/// What an entry applies to; none: any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Selector {
    /// 场景
    pub scene: Option<Scene>,
    /// 主体类型
    pub subject_type: Option<SubjectType>,
    /// 协议类型, by code
    pub agreement_type: Option<String>,
}

/// What is asked: all three dimensions, fixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// 场景
    pub scene: Scene,
    /// 主体类型
    pub subject_type: SubjectType,
    /// 协议类型, by code
    pub agreement_type: String,
}

impl Selector {
    /// Whether this applies to the question.
    pub fn matches(&self, question: &Question) -> bool {
        self.scene.is_none_or(|scene| scene == question.scene)
            && self.subject_type.is_none_or(|kind| kind == question.subject_type)
            && self.agreement_type.as_ref().is_none_or(|code| *code == question.agreement_type)
    }

    /// How specific it is; higher wins.
    pub fn rank(&self) -> u8 {
        let (agreement, scene, subject) = (
            u8::from(self.agreement_type.is_some()),
            u8::from(self.scene.is_some()),
            u8::from(self.subject_type.is_some()),
        );
        (agreement + scene + subject) * 8 + agreement * 4 + scene * 2 + subject
    }

    /// The three dimensions in one text, `*` for any: what the database holds unique.
    pub fn key(&self) -> String {
        format!(
            "{}|{}|{}",
            self.scene.map_or("*", Scene::as_str),
            self.subject_type.map_or("*", SubjectType::as_str),
            self.agreement_type.as_deref().unwrap_or("*")
        )
    }
}

/// Entries to choose from, each under its selector.
pub struct Choices<T>(Vec<(Selector, Arc<T>)>);

impl<T> Choices<T> {
    /// These entries, in whatever order.
    pub fn new(entries: impl IntoIterator<Item = T>, selector: impl Fn(&T) -> Selector) -> Self {
        Self(entries.into_iter().map(|entry| (selector(&entry), Arc::new(entry))).collect())
    }

    /// All that match, best first.
    pub fn best_first(&self, question: &Question) -> Vec<Arc<T>> {
        let mut matching: Vec<_> = self.0.iter().filter(|(selector, _)| selector.matches(question)).collect();
        matching.sort_by_key(|(selector, _)| std::cmp::Reverse(selector.rank()));
        matching.into_iter().map(|(_, entry)| Arc::clone(entry)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all_selectors(code: &str) -> Vec<Selector> {
        (0..8)
            .map(|bits| Selector {
                scene: (bits & 2 > 0).then_some(Scene::Collection),
                subject_type: (bits & 1 > 0).then_some(SubjectType::Corporate),
                agreement_type: (bits & 4 > 0).then(|| code.to_owned()),
            })
            .collect()
    }

    fn best_first(selectors: Vec<Selector>) -> Vec<Arc<Selector>> {
        Choices::new(selectors, Clone::clone).best_first(&question())
    }

    fn question() -> Question {
        Question { scene: Scene::Collection, subject_type: SubjectType::Corporate, agreement_type: "A".into() }
    }

    #[test]
    fn more_fixed_dimensions_win_then_agreement_over_scene_over_subject() {
        let order: Vec<String> = best_first(all_selectors("A")).iter().map(|selector| selector.key()).collect();
        assert_eq!(
            order,
            [
                "COLLECTION|CORPORATE|A",
                "COLLECTION|*|A",
                "*|CORPORATE|A",
                "COLLECTION|CORPORATE|*",
                "*|*|A",
                "COLLECTION|*|*",
                "*|CORPORATE|*",
                "*|*|*",
            ]
        );
    }

    proptest! {
        #[test]
        fn the_winner_does_not_depend_on_the_order(order in Just(all_selectors("A")).prop_shuffle(), take in 1_usize..=8) {
            let mut subset = order[..take].to_vec();
            let winner = best_first(subset.clone()).remove(0);
            subset.reverse();
            prop_assert_eq!(best_first(subset).remove(0), winner);
        }

        #[test]
        fn a_fixed_dimension_matches_only_itself(selectors in Just(all_selectors("B"))) {
            for selector in selectors {
                prop_assert_eq!(selector.matches(&question()), selector.agreement_type.is_none());
            }
        }
    }
}
