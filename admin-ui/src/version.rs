//! Two versions of one thing, side by side.

use chrono::{DateTime, Utc};
use esign_domain::{Error, Result};
use serde::Serialize;

use crate::{author::author, moment::Moment, visit::Visit};

/// A version as it is told of.
#[derive(Debug, Clone, Serialize)]
pub struct Version {
    /// Its number, from 1.
    pub number: i32,
    /// Who made it.
    pub by: Option<String>,
    /// When it was made.
    pub at: Moment,
}

/// The two that are compared, and those that could be.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    /// The numbers of all, the newest first.
    pub versions: Vec<i32>,
    /// The older side.
    pub from: Version,
    /// The newer side.
    pub to: Version,
}

impl Version {
    /// A version, as this visitor reads it.
    pub fn of(visit: &Visit, number: i32, by: Option<&str>, at: DateTime<Utc>) -> Self {
        Self { number, by: author(visit.language(), by), at: Moment::of(visit.language(), at, visit.app().now()) }
    }
}

impl Pair {
    /// The two that the address asks for with `from` and `to`: left out, the newest and the one before it.
    ///
    /// # Errors
    /// `NOT_FOUND`: there is no version, or not these.
    pub fn asked(visit: &Visit, mut versions: Vec<Version>) -> Result<Self> {
        versions.sort_by_key(|version| std::cmp::Reverse(version.number));
        let newest = versions.first().ok_or(Error::NotFound)?.number;
        let to = visit.query().parsed("to").unwrap_or(newest);
        let from = visit.query().parsed("from").unwrap_or((to - 1).max(1));
        let find = |number| versions.iter().find(|version| version.number == number).cloned().ok_or(Error::NotFound);
        Ok(Self { from: find(from)?, to: find(to)?, versions: versions.iter().map(|version| version.number).collect() })
    }

    /// Two of some for the gallery.
    pub fn sample(newest: i32, at: &Moment) -> Self {
        let version = |number| Version { number, by: Some("lan".into()), at: at.clone() };
        Self { versions: (1..=newest).rev().collect(), from: version(newest - 1), to: version(newest) }
    }
}
