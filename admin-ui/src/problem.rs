//! What a verb found wrong with a form, by the field it stands beside.

use std::collections::BTreeMap;

use esign_domain::{Error, Result};
use serde::Serialize;

use crate::visit::Visit;

/// What is wrong, by the path of the field, in the reader's language. The empty path is the form as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Problems(BTreeMap<String, String>);

impl Problems {
    /// What a form can be shown again for; an error of any other kind stays one, and gets a page of its own.
    pub fn of(visit: &Visit, error: Error) -> Result<Self> {
        let lang = visit.lang();
        match error {
            Error::InvalidArgument(problems) => {
                Ok(Self(problems.into_iter().map(|found| (found.path, lang.problem(&found.problem))).collect()))
            }
            Error::AlreadyExists { .. } | Error::LostUpdate { .. } | Error::StateConflict { .. } => {
                Ok(Self::whole(error.message(lang)))
            }
            other => Err(other),
        }
    }

    /// Something wrong with the form as a whole.
    pub fn whole(problem: String) -> Self {
        Self(BTreeMap::from([(String::new(), problem)]))
    }

    /// The same with one more.
    #[must_use]
    pub fn and(mut self, path: &str, problem: String) -> Self {
        self.0.insert(path.to_owned(), problem);
        self
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
