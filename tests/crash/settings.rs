//! What is told, and how large.

use std::{
    collections::hash_map::RandomState,
    env, fmt,
    hash::{BuildHasher, Hasher},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use crate::Failure;

/// The size of the story.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many flows.
    pub flows: usize,
    /// How many kills.
    pub kills: usize,
    /// How many faults of the stand-ins.
    pub faults: usize,
    /// How many times a server is frozen, longer than its leases last.
    pub freezes: usize,
    /// How many times every connection to the database is cut.
    pub cuts: usize,
    /// Signers at the same time.
    pub at_once: usize,
    /// Where every lot comes from.
    pub seed: u64,
    /// Servers on one database.
    pub servers: usize,
    /// A PostgreSQL server; none: SQLite.
    pub database: Option<String>,
    /// The longest it may take, until the judgement.
    pub longest: Duration,
    /// The server's executable.
    pub executable: PathBuf,
}

impl Settings {
    /// As the environment says.
    pub fn from_environment() -> Result<Self, Failure> {
        let flows = number("ESIGN_CRASH_FLOWS", 12)?;
        let settings = Self {
            flows,
            kills: number("ESIGN_CRASH_KILLS", flows.div_ceil(3))?,
            faults: number("ESIGN_CRASH_FAULTS", flows.div_ceil(2))?,
            freezes: number("ESIGN_CRASH_FREEZES", 0)?,
            cuts: number("ESIGN_CRASH_CUTS", 0)?,
            at_once: number("ESIGN_CRASH_AT_ONCE", 6)?,
            seed: number("ESIGN_CRASH_SEED", RandomState::new().build_hasher().finish() % 1_000_000)?,
            servers: number("ESIGN_CRASH_SERVERS", 1)?,
            database: env::var("ESIGN_CRASH_DATABASE").ok().filter(|url| !url.is_empty()),
            longest: Duration::from_secs(number("ESIGN_CRASH_SECONDS", 120 + 4 * flows as u64)?),
            executable: executable()?,
        };
        if (settings.servers > 1 || settings.cuts > 0) && settings.database.is_none() {
            return Err("several servers and cuts need a PostgreSQL server: ESIGN_CRASH_DATABASE".into());
        }
        Ok(settings)
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = if self.database.is_some() { "PostgreSQL" } else { "SQLite" };
        let Self { flows, kills, faults, servers, seed, .. } = self;
        write!(
            formatter,
            "  {flows} flows, {kills} kills, {faults} faults, {servers} servers on {database}, seed {seed}"
        )
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
