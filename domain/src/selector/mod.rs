//! The one way to choose an SMS template or an auth rule: the most specific selector that matches wins.
//!
//! A selector has three optional dimensions, each may be 'any'. Among those that match, the one with more fixed
//! dimensions wins; at equal count agreement type counts over scene over subject type. Two that match the same question
//! with the same fixed dimensions are the same selector, and two enabled entries with one selector cannot exist: so
//! there is always exactly one winner, whatever the order the entries come in.
//!
//! A question has eight selectors that match it, one a **shape** ([`Shape::ALL`], best first), so to choose is to look
//! under eight names ([`Choices`]), however many entries there are.

mod choices;

#[cfg(test)]
mod tests;

use std::hash::Hash;

use serde::{Deserialize, Serialize};

pub use choices::{Choices, calm_order};

use crate::terms::{Scene, SubjectType};

/// What an entry applies to; none: any.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// 场景
    pub scene: Scene,
    /// 主体类型
    pub subject_type: SubjectType,
    /// 协议类型, by code
    pub agreement_type: String,
}

/// What can be chosen by a selector: an auth rule, an SMS template.
pub trait Entry {
    /// What tells it from others of its kind.
    type Id: Copy + Eq + Hash;

    /// Its id.
    fn id(&self) -> Self::Id;

    /// What it applies to.
    fn selector(&self) -> Selector;

    /// Whether it takes part.
    fn in_force(&self) -> bool;
}

/// Which dimensions of a selector are fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// 协议类型
    pub agreement_type: bool,
    /// 场景
    pub scene: bool,
    /// 主体类型
    pub subject_type: bool,
}

impl Shape {
    /// All of them, the one that wins first: more fixed dimensions, then agreement type over scene over subject type.
    pub const ALL: [Self; 8] = [
        Self::of(true, true, true),
        Self::of(true, true, false),
        Self::of(true, false, true),
        Self::of(false, true, true),
        Self::of(true, false, false),
        Self::of(false, true, false),
        Self::of(false, false, true),
        Self::of(false, false, false),
    ];

    const fn of(agreement_type: bool, scene: bool, subject_type: bool) -> Self {
        Self { agreement_type, scene, subject_type }
    }

    /// How many dimensions are fixed.
    pub fn fixed(self) -> u8 {
        u8::from(self.agreement_type) + u8::from(self.scene) + u8::from(self.subject_type)
    }

    /// The shape of a selector that was written down by [`Selector::key`]; none: it was written otherwise.
    pub fn of_key(key: &str) -> Option<Self> {
        let mut parts = key.splitn(3, '|').map(|part| part != "*");
        let (scene, subject_type, agreement_type) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { agreement_type, scene, subject_type })
    }
}

impl Selector {
    /// Whether this applies to the question.
    pub fn matches(&self, question: &Question) -> bool {
        self.scene.is_none_or(|scene| scene == question.scene)
            && self.subject_type.is_none_or(|kind| kind == question.subject_type)
            && self.agreement_type.as_ref().is_none_or(|code| *code == question.agreement_type)
    }

    /// Which dimensions are fixed.
    pub fn shape(&self) -> Shape {
        Shape::of(self.agreement_type.is_some(), self.scene.is_some(), self.subject_type.is_some())
    }

    /// How specific it is; higher wins.
    pub fn rank(&self) -> u8 {
        let shape = self.shape();
        let (agreement, scene, subject) =
            (u8::from(shape.agreement_type), u8::from(shape.scene), u8::from(shape.subject_type));
        shape.fixed() * 8 + agreement * 4 + scene * 2 + subject
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
