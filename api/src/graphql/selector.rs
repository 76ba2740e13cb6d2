//! What a rule or a template applies to.

use async_graphql::{InputObject, SimpleObject};
use esign_domain::selector;

use super::terms::{Scene, SubjectType};

/// What a rule or a template applies to. Null means any.
#[derive(Clone, Debug, SimpleObject)]
pub struct Selector {
    /// 场景; null: any.
    pub scene: Option<Scene>,
    /// 主体类型; null: any.
    pub subject_type: Option<SubjectType>,
    /// 协议类型, by code; null: any.
    pub agreement_type: Option<String>,
}

impl From<selector::Selector> for Selector {
    fn from(selector: selector::Selector) -> Self {
        Self {
            scene: selector.scene.map(Into::into),
            subject_type: selector.subject_type.map(Into::into),
            agreement_type: selector.agreement_type,
        }
    }
}

/// What a rule or a template is to apply to. Null means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct SelectorInput {
    /// 场景; null: any.
    pub scene: Option<Scene>,
    /// 主体类型; null: any.
    pub subject_type: Option<SubjectType>,
    /// 协议类型, by code; null: any.
    pub agreement_type: Option<String>,
}

impl From<SelectorInput> for selector::Selector {
    fn from(given: SelectorInput) -> Self {
        Self {
            scene: given.scene.map(Into::into),
            subject_type: given.subject_type.map(Into::into),
            agreement_type: given.agreement_type,
        }
    }
}

/// The three dimensions of a question.
#[derive(Clone, Debug, InputObject)]
pub struct ResolveInput {
    /// 场景
    pub scene: Scene,
    /// 主体类型
    pub subject_type: SubjectType,
    /// 协议类型, by code.
    pub agreement_type: String,
}

impl From<ResolveInput> for selector::Question {
    fn from(given: ResolveInput) -> Self {
        Self {
            scene: given.scene.into(),
            subject_type: given.subject_type.into(),
            agreement_type: given.agreement_type,
        }
    }
}
