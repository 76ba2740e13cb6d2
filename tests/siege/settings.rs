//! What is told, and how large.

use std::{
    collections::hash_map::RandomState,
    env,
    hash::{BuildHasher, Hasher},
    path::PathBuf,
    str::FromStr,
};

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

fn number<T: FromStr>(name: &str, otherwise: T) -> Result<T, Failure> {
    match env::var(name) {
        Ok(text) if !text.is_empty() => text.parse().map_err(|_| format!("{name} is not a number")),
        _ => Ok(otherwise),
    }
}

/// The executable that was built beside this example.
fn executable() -> Result<PathBuf, Failure> {
    if let Some(named) = env::var_os("ESIGN_EXECUTABLE") {
        return Ok(named.into());
    }
    let own = env::current_exe().map_err(|error| error.to_string())?;
    let beside = own.ancestors().nth(2).ok_or("this program lies in no target folder")?.join("esign");
    if beside.exists() { Ok(beside) } else { Err(format!("{} is missing: cargo build", beside.display())) }
}
