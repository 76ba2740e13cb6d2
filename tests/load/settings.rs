//! How long, how often, with what.

use std::{env, path::PathBuf, time::Duration};

use esign_tests::environment::{executable, number};

use crate::Failure;

/// The size of a run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server's executable.
    pub executable: PathBuf,
    /// A measured window.
    pub window: Duration,
    /// Before each window, until everything that is cached is cached.
    pub warm_up: Duration,
    /// Windows of each side.
    pub rounds: usize,
    /// Connections at once.
    pub connections: usize,
    /// Flows that are there before.
    pub flows: u64,
    /// A PostgreSQL server that is there already; none: one is started.
    pub database: Option<String>,
    /// Where the figures go as JSON.
    pub json: Option<PathBuf>,
}

impl Settings {
    /// As the environment says.
    pub fn from_environment() -> Result<Self, Failure> {
        Ok(Self {
            executable: executable()?,
            window: Duration::from_secs(number("ESIGN_LOAD_SECONDS", 8)?),
            warm_up: Duration::from_secs(2),
            rounds: number("ESIGN_LOAD_ROUNDS", 3)?,
            connections: number("ESIGN_LOAD_CONNECTIONS", 32)?,
            flows: number("ESIGN_LOAD_FLOWS", 20_000)?,
            database: env::var("ESIGN_LOAD_DATABASE").ok().filter(|url| !url.is_empty()),
            json: env::var_os("ESIGN_LOAD_JSON").map(PathBuf::from),
        })
    }
}
