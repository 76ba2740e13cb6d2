//! What is told, and how large.

use std::{
    collections::hash_map::RandomState,
    env,
    hash::{BuildHasher, Hasher},
    path::PathBuf,
};

use esign_tests::environment::{executable, number};

use crate::Failure;

/// The size of the siege.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Malformed documents.
    pub documents: usize,
    /// Slow connections.
    pub slow: usize,
    /// Subscribers.
    pub subscribers: usize,
    /// Where every lot comes from.
    pub seed: u64,
    /// Which stories.
    pub stories: Vec<String>,
    /// The server's executable.
    pub executable: PathBuf,
}

impl Settings {
    /// As the environment says.
    pub fn from_environment() -> Result<Self, Failure> {
        let stories = env::var("ESIGN_SIEGE_STORIES").unwrap_or_else(|_| "bombs malformed wire slow crowd".into());
        Ok(Self {
            documents: number("ESIGN_SIEGE_DOCUMENTS", 2_000)?,
            slow: number("ESIGN_SIEGE_SLOW", 300)?,
            subscribers: number("ESIGN_SIEGE_SUBSCRIBERS", 500)?,
            seed: number("ESIGN_SIEGE_SEED", RandomState::new().build_hasher().finish() % 1_000_000)?,
            stories: stories.split_whitespace().map(str::to_owned).collect(),
            executable: executable()?,
        })
    }
}
