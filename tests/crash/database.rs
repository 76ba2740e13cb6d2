//! The servers' database, as this program sees it from behind: it can be cut, killed, and looked into.

use std::path::{Path, PathBuf};

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use url::Url;

use crate::{Failure, postgres::Postgres, settings::Which};

/// The database of one run.
pub enum Database {
    /// A file.
    Sqlite {
        /// Where it is.
        file: PathBuf,
    },
    /// A database on a PostgreSQL server.
    Postgres {
        /// The server, where databases may be created.
        server: String,
        /// The database's name.
        name: String,
        /// The server, if it is ours.
        own: Option<Box<Postgres>>,
    },
}

impl Database {
    /// A fresh one.
    pub async fn create(which: &Which, folder: &Path) -> Result<Self, Failure> {
        let (server, own) = match which {
            Which::Sqlite => return Ok(Self::Sqlite { file: folder.join("data/esign.sqlite") }),
            Which::At(server) => (server.clone(), None),
            Which::Own => {
                let own = Postgres::start(folder.join("postgres.log")).await?;
                (own.url(), Some(Box::new(own)))
            }
        };
        let name = format!("esign_crash_{}", std::process::id());
        on(&server, &format!("create database {name}")).await?;
        Ok(Self::Postgres { server, name, own })
    }

    /// What a server is configured with, so that the database knows by whom a connection is; none: its own default.
    pub fn url_for(&self, server: &str) -> Option<String> {
        let mut url = self.url()?;
        url.query_pairs_mut().append_pair("application_name", server);
        Some(url.into())
    }

    fn url(&self) -> Option<Url> {
        let Self::Postgres { server, name, .. } = self else { return None };
        let mut url = Url::parse(server).ok()?;
        url.set_path(name);
        Some(url)
    }

    /// A connection of our own.
    pub async fn look(&self) -> Result<DatabaseConnection, Failure> {
        let url = match (self, self.url()) {
            (_, Some(url)) => url.to_string(),
            (Self::Sqlite { file }, _) => format!("sqlite://{}?mode=ro", file.display()),
            _ => return Err("the database has no address".into()),
        };
        sea_orm::Database::connect(url).await.map_err(|error| error.to_string())
    }

    /// Cuts every connection, as a network does.
    pub async fn cut(&self) -> Result<(), Failure> {
        let Self::Postgres { server, name, .. } = self else { return Ok(()) };
        on(server, &format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")).await
    }

    /// Kills it, as a power cut does.
    pub async fn kill(&mut self) -> Result<(), Failure> {
        match self {
            Self::Postgres { own: Some(own), .. } => own.kill().await,
            _ => Err("it is not ours to kill".into()),
        }
    }

    /// Starts it again, and waits until it takes connections.
    pub async fn start_again(&mut self) -> Result<(), Failure> {
        match self {
            Self::Postgres { own: Some(own), .. } => own.start_again().await,
            _ => Err("it is not ours to start".into()),
        }
    }

    /// Takes it away, unless it is to be kept; then says where it is.
    pub async fn end(self, keep: bool) -> Option<PathBuf> {
        match self {
            Self::Postgres { own: Some(own), .. } => own.end(keep).await,
            Self::Postgres { server, name, own: None } if !keep => {
                // A database that stays behind is untidy, and nothing else.
                drop(on(&server, &format!("drop database if exists {name} with (force)")).await);
                None
            }
            _ => None,
        }
    }
}

async fn on(server: &str, sql: &str) -> Result<(), Failure> {
    let connection = sea_orm::Database::connect(server).await.map_err(|error| error.to_string())?;
    connection.execute_unprepared(sql).await.map_err(|error| error.to_string())?;
    connection.close().await.map_err(|error| error.to_string())
}

/// Rows of one text each.
pub async fn texts(connection: &DatabaseConnection, sql: &str) -> Result<Vec<String>, Failure> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.map_err(|error| error.to_string())?;
    rows.iter().map(|row| row.try_get_by_index(0).map_err(|error| error.to_string())).collect()
}
