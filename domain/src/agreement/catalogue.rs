//! Finding types and texts.

use serde_json::Value;

use super::{
    entity::{agreement_template, agreement_type},
    sample::Audience,
};
use crate::{
    error::{Error, Result},
    reference::{Agreement, Reference},
    selector::Question,
};

impl agreement_type::Model {
    /// Whether a new flow may use it for this scene and subject type.
    pub fn allows(&self, question: &Question) -> bool {
        let holds =
            |list: &Value, name: &str| list.as_array().is_some_and(|items| items.iter().any(|item| item == name));
        self.enabled
            && holds(&self.scenes, question.scene.as_str())
            && holds(&self.subject_types, question.subject_type.as_str())
    }

    /// Whom it is for.
    pub fn audience(&self) -> Result<Audience> {
        let scenes = serde_json::from_value(self.scenes.clone())?;
        Ok(Audience { subject_types: serde_json::from_value(self.subject_types.clone())?, scenes })
    }
}

impl agreement_template::Model {
    /// Names of the values a flow must give.
    pub fn variable_names(&self) -> Vec<String> {
        let names = self.variables.as_array().into_iter().flatten();
        names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
    }
}

/// The type a flow asks for and the current texts of its documents, in order.
pub fn for_flow<'a>(reference: &'a Reference, question: &Question) -> Result<&'a Agreement> {
    let allows = |agreement: &&Agreement| agreement.kind.allows(question);
    let asked = reference.agreements().iter().filter(allows).find(|a| a.kind.code == question.agreement_type);
    asked.filter(|agreement| !agreement.texts.is_empty()).ok_or_else(|| {
        let allowed = reference.agreements().iter().filter(allows).map(|agreement| agreement.kind.code.clone());
        Error::AgreementTypeNotSupported { allowed: allowed.collect() }
    })
}
