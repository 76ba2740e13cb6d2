//! What is told, and how large.

use std::{
    collections::hash_map::RandomState,
    env, fmt,
    hash::{BuildHasher, Hasher},
    path::PathBuf,
    time::Duration,
};

use esign_tests::environment::{executable, number};

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
    /// How many times the database itself is killed.
    pub database_kills: usize,
    /// Signers at the same time.
    pub at_once: usize,
    /// Where every lot comes from.
    pub seed: u64,
    /// Servers on one database.
    pub servers: usize,
    /// Which database.
    pub database: Which,
    /// The longest it may take, until the judgement.
    pub longest: Duration,
    /// The server's executable.
    pub executable: PathBuf,
    /// Only tell what would be told.
    pub only_draw: bool,
}

/// Which database the servers work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// A file in the data folder.
    Sqlite,
    /// A PostgreSQL server of this program's own, which may be killed.
    Own,
    /// A PostgreSQL server that is there already.
    At(String),
}

impl Settings {
    /// As the environment says.
    pub fn from_environment() -> Result<Self, Failure> {
        let flows = number("ESIGN_CRASH_FLOWS", 12)?;
        let (servers, cuts) = (number("ESIGN_CRASH_SERVERS", 1)?, number("ESIGN_CRASH_CUTS", 0)?);
        let database_kills = number("ESIGN_CRASH_DATABASE_KILLS", 0)?;
        let needs_server = servers > 1 || cuts > 0 || database_kills > 0;
        let settings = Self {
            flows,
            kills: number("ESIGN_CRASH_KILLS", flows.div_ceil(3))?,
            faults: number("ESIGN_CRASH_FAULTS", flows.div_ceil(2))?,
            freezes: number("ESIGN_CRASH_FREEZES", 0)?,
            cuts,
            database_kills,
            at_once: number("ESIGN_CRASH_AT_ONCE", 6)?,
            seed: number("ESIGN_CRASH_SEED", RandomState::new().build_hasher().finish() % 1_000_000)?,
            servers,
            database: which(needs_server),
            longest: Duration::from_secs(number("ESIGN_CRASH_SECONDS", 120 + 4 * flows as u64)?),
            executable: executable()?,
            only_draw: number("ESIGN_CRASH_ONLY_DRAW", 0)? > 0,
        };
        if needs_server && settings.database == Which::Sqlite {
            return Err("several servers, cuts and kills of the database need PostgreSQL: ESIGN_CRASH_DATABASE".into());
        }
        if database_kills > 0 && settings.database != Which::Own {
            return Err("only a database of this program's own is killed: leave ESIGN_CRASH_DATABASE out".into());
        }
        Ok(settings)
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = if self.database == Which::Sqlite { "SQLite" } else { "PostgreSQL" };
        let Self { flows, kills, faults, freezes, cuts, database_kills, servers, seed, .. } = self;
        write!(
            formatter,
            "  {flows} flows, {kills} kills, {faults} faults, {freezes} freezes, {cuts} cuts, {database_kills} kills of the \
             database, {servers} servers on {database}, seed {seed}"
        )
    }
}

fn which(needs_server: bool) -> Which {
    match env::var("ESIGN_CRASH_DATABASE").unwrap_or_default().as_str() {
        "" if needs_server => Which::Own,
        "" | "sqlite" => Which::Sqlite,
        "own" => Which::Own,
        url => Which::At(url.to_owned()),
    }
}
