//! The database: one writer and some readers.
//!
//! SQLite has one writer connection (WAL, synchronous=FULL) and four that can only read; every transaction opens with
//! BEGIN IMMEDIATE, because one that reads first and writes then fails with SQLITE_BUSY under load. PostgreSQL has one
//! pool for both. Nothing here waits for the network inside a transaction: that is for jobs.
//!
//! PostgreSQL may go away and come back at any time. A connection that has rested is tried before it is handed out;
//! whoever gets none in time is told so, soon, and may ask again; and the pool finds the way back by itself. A host that vanishes does not
//! even close its connections, so whatever goes round and round for as long as the process lives asks by [`answered`].

use std::time::{Duration, Instant};

use esign_config::Settings;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr,
    RuntimeErr, SqliteTransactionMode, SqlxError, Statement, TransactionOptions, TransactionTrait,
};

use crate::error::Error;

/// A connection that was used within this time is handed out untried: trying it costs a round trip.
const IDLE: Duration = Duration::from_secs(1);
/// How long whoever must not wait for ever waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks for a database that is away when the process starts.
const NEXT_LOOK: Duration = Duration::from_secs(1);

/// Connections for writing and for reading.
#[derive(Debug, Clone)]
pub struct Db {
    write: DatabaseConnection,
    read: DatabaseConnection,
}

impl Db {
    /// Connects as configured. A SQLite file is made when it is missing; nothing is migrated here.
    pub async fn connect(settings: &Settings) -> Result<Self, DbErr> {
        let url = settings.database.url.expose();
        if url.starts_with("sqlite:") {
            return Self::connect_sqlite(url).await;
        }
        let connection =
            reach(postgres(settings), Duration::from_secs(settings.database.start_patience_seconds)).await?;
        Ok(Self { write: connection.clone(), read: connection })
    }

    async fn connect_sqlite(url: &str) -> Result<Self, DbErr> {
        let open = |connections: u32, read_only: bool| {
            let mut options = ConnectOptions::new(url);
            options.max_connections(connections).min_connections(1).sqlx_logging(false);
            // A connection is never given back to the system: the writer's is the lock all writers queue for.
            options
                .idle_timeout(None::<Duration>)
                .max_lifetime(None::<Duration>)
                .acquire_timeout(Duration::from_secs(30));
            options.map_sqlx_sqlite_opts(move |options| {
                options
                    .create_if_missing(true)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(15))
                    .pragma("journal_mode", "WAL")
                    .pragma("synchronous", "FULL")
                    .pragma("query_only", if read_only { "1" } else { "0" })
            });
            options
        };
        let write = Database::connect(open(1, false)).await?;
        let read = Database::connect(open(4, true)).await?;
        Ok(Self { write, read })
    }

    /// For queries outside a transaction.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For migrations and single statements that write.
    pub fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Which database it is.
    pub fn backend(&self) -> DatabaseBackend {
        self.write.get_database_backend()
    }

    /// Opens a transaction that may write. [`crate::App::write_tx`] is how everybody else does.
    #[expect(clippy::disallowed_methods, reason = "the one home of transactions")]
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let mode = SqliteTransactionMode::Immediate;
        self.write
            .begin_with_options(TransactionOptions { sqlite_transaction_mode: Some(mode), ..Default::default() })
            .await
    }
}

fn postgres(settings: &Settings) -> ConnectOptions {
    let mut options = ConnectOptions::new(settings.database.url.expose());
    options
        .max_connections(settings.database.max_connections)
        .acquire_timeout(Duration::from_secs(settings.database.acquire_timeout_seconds))
        .test_before_acquire_if_idle_for(IDLE)
        .sqlx_logging(false);
    options.map_sqlx_postgres_opts(|options| {
        options.options([
            ("idle_in_transaction_session_timeout", "30s"),
            ("lock_timeout", "20s"),
            // A statement that was prepared while its table was small would go on reading the whole of it until
            // somebody takes statistics; we have an index for whatever is asked often.
            ("enable_seqscan", "off"),
            ("jit", "off"),
        ])
    });
    options
}

/// Connects; a database that is away is waited for.
async fn reach(options: ConnectOptions, patience: Duration) -> Result<DatabaseConnection, DbErr> {
    let began = Instant::now();
    loop {
        match Database::connect(options.clone()).await {
            Err(error) if is_away(&error) && began.elapsed() < patience => {
                tracing::warn!(%error, "the database is away: waiting for it");
                tokio::time::sleep(NEXT_LOOK).await;
            }
            reached => return reached,
        }
    }
}

/// The database's answer, or an error when there is none for too long.
pub(crate) async fn answered<T>(question: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let answer = tokio::time::timeout(PATIENCE, question).await;
    answer.unwrap_or_else(|_| Err(Error::internal("the database says nothing")))
}

/// Nobody answers, or nobody can right now; a refusal is something else, and no wait would help.
fn is_away(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(RuntimeErr::SqlxError(error)) => matches!(**error, SqlxError::Io(_) | SqlxError::PoolTimedOut),
        _ => false,
    }
}

/// Holds a value until the end of the transaction: whoever counts what belongs to it (a number, an account) and writes
/// by that count does so one after the other, over all replicas. SQLite has one writer anyway.
pub(crate) async fn hold(tx: &DatabaseTransaction, value: &[u8]) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    if backend == DatabaseBackend::Postgres {
        let key = value.first_chunk().map_or(0, |bytes| i64::from_le_bytes(*bytes));
        let lock = Statement::from_sql_and_values(backend, "select pg_advisory_xact_lock($1)", [key.into()]);
        tx.execute_raw(lock).await?;
    }
    Ok(())
}
