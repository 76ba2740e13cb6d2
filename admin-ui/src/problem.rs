//! What a verb found wrong with a form, by the field it stands beside.

use std::collections::BTreeMap;

use esign_domain::{Error, Result, words::Lang};
use serde::Serialize;

use crate::visit::Visit;

/// What is wrong, by the path of the field, in the reader's language. The empty path is the form as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Problems(BTreeMap<String, String>);

impl Problems {
    /// What a form can be shown again for; an error of any other kind stays one, and gets a page of its own.
    pub fn of(visit: &Visit, error: Error) -> Result<Self> {
        Self::in_words(visit.lang(), error)
    }

    /// The same for somebody who is not in yet.
    pub fn in_words(lang: Lang, error: Error) -> Result<Self> {
        match error {
            Error::InvalidArgument(problems) => {
                let mut all: BTreeMap<String, String> = BTreeMap::new();
                for found in problems {
                    let told = lang.problem(&found.problem);
                    all.entry(found.path).and_modify(|known| *known = format!("{known} · {told}")).or_insert(told);
                }
                Ok(Self(all))
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

    /// Each with its path.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }

    /// What is wrong with one field.
    pub fn get(&self, path: &str) -> Option<&String> {
        self.0.get(path)
    }

    /// The same with some of them beside the fields that a form calls otherwise than the verb.
    #[must_use]
    pub fn renamed(mut self, names: &[(&str, &str)]) -> Self {
        for (from, to) in names {
            if let Some(problem) = self.0.remove(*from) {
                self.0.insert((*to).to_owned(), problem);
            }
        }
        self
    }

    /// All of it said of the form as a whole: for a form without fields to say it beside.
    #[must_use]
    pub fn joined(self) -> Self {
        if self.is_empty() { self } else { Self::whole(self.0.into_values().collect::<Vec<_>>().join(" · ")) }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
