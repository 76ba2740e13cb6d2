//! What a change would alter, before it is saved.

use esign_domain::{
    Error, Result,
    auth::{entity::auth_rule, rule::RuleInput},
    decision::{self, impact::Change, today::flows_decided_otherwise},
    ids::AuthRuleId,
    reference::Reference,
};
use serde::Serialize;

use super::{
    matrix::{Doors, Matrix},
    view::{Names, RuleName},
};
use crate::{problem::Problems, visit::Visit};

/// What a change would alter.
#[derive(Debug, Clone, Serialize)]
pub struct Preview {
    /// The matrix as it would be.
    matrix: Matrix,
    /// So many of today's flows would have been decided otherwise.
    today: u64,
    /// Another rule that has the selector already.
    taken: Option<RuleName>,
    /// What else is wrong.
    pub(super) problems: Problems,
}

impl Preview {
    /// What comes of these changes.
    pub fn of(matrix: Matrix, today: u64) -> Self {
        Self { matrix, today, taken: None, problems: Problems::default() }
    }

    /// The same, when another rule has the selector already.
    pub fn taken(self, by: RuleName) -> Self {
        Self { taken: Some(by), ..self }
    }

    /// The same with what is wrong.
    pub fn wrong(self, problems: Problems) -> Self {
        Self { problems, ..self }
    }

    /// Whether it could be saved, as far as anybody knows now.
    pub fn can_be_saved(&self) -> bool {
        self.taken.is_none() && self.problems.is_empty()
    }

    /// Asks what changes when this rule is made, becomes so, or is deleted.
    pub async fn ask(
        visit: &Visit,
        reference: &Reference,
        names: &Names,
        (id, plan): (Option<AuthRuleId>, Result<Option<RuleInput>>),
    ) -> Result<Self> {
        let of = |changes: &[Change<auth_rule::Model>]| {
            Matrix::of(&reference.overview().cells, reference.agreements(), names, changes, Doors::Shut)
        };
        let asked = match plan {
            Ok(plan) => decision::auth_rule_impact(visit.app(), visit.caller(), id, plan).await,
            Err(error) => Err(error),
        };
        match asked {
            Ok(changes) => {
                let today = flows_decided_otherwise(visit.app(), visit.caller(), &changes).await?;
                Ok(Self::of(of(&changes), today))
            }
            Err(Error::AlreadyExists { conflicts_with }) => Ok(match conflicts_with.parse() {
                Ok(other) => Self::of(of(&[]), 0).taken(names.name(other)),
                Err(_) => Self::of(of(&[]), 0).wrong(Problems::whole(conflicts_with)),
            }),
            Err(error) => Ok(Self::of(of(&[]), 0).wrong(Problems::of(visit, error)?)),
        }
    }
}
