//! Finding types and texts.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, prelude::*};
use serde_json::Value;

use super::entity::{agreement_template, agreement_type};
use crate::{
    error::{Error, Result},
    ids::AgreementTypeId,
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
}

impl agreement_template::Model {
    /// Names of the values a flow must give.
    pub fn variable_names(&self) -> Vec<String> {
        let names = self.variables.as_array().into_iter().flatten();
        names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
    }
}

/// The type a flow asks for and the current texts of its documents, in order.
pub async fn for_flow(
    db: &impl ConnectionTrait,
    question: &Question,
) -> Result<(agreement_type::Model, Vec<agreement_template::Model>)> {
    let types = agreement_type::Entity::find().order_by_asc(agreement_type::Column::Code).all(db).await?;
    let asked = types.iter().find(|kind| kind.code == question.agreement_type && kind.allows(question));
    if let Some(kind) = asked {
        let texts = current_texts(db, kind.id).await?;
        if !texts.is_empty() {
            return Ok((kind.clone(), texts));
        }
    }
    let allowed = types.into_iter().filter(|kind| kind.allows(question)).map(|kind| kind.code).collect();
    Err(Error::AgreementTypeNotSupported { allowed })
}

/// The newest version of each document of a type, in order.
pub async fn current_texts(db: &impl ConnectionTrait, id: AgreementTypeId) -> Result<Vec<agreement_template::Model>> {
    let all = agreement_template::Entity::find()
        .filter(agreement_template::Column::AgreementTypeId.eq(id))
        .order_by_asc(agreement_template::Column::Version)
        .all(db)
        .await?;
    let newest: BTreeMap<String, agreement_template::Model> =
        all.into_iter().map(|text| (text.document_name.clone(), text)).collect();
    let mut texts: Vec<_> = newest.into_values().collect();
    texts.sort_by(|a, b| (a.position, &a.document_name).cmp(&(b.position, &b.document_name)));
    Ok(texts)
}
