//! A database for one story: a SQLite file, or a database of its own on the PostgreSQL server that
//! `ESIGN_TEST_POSTGRES` names (`postgres://user@host/postgres`; the user may create databases).

use std::{
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use esign_domain::Db;
use sea_orm::{ConnectionTrait, Database, DatabaseBackend, Statement};
use url::Url;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Where a story's data are.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    /// What the platform is configured with.
    pub url: String,
    server: Option<(String, String)>,
}

impl TestDatabase {
    /// A fresh one, empty.
    pub async fn create(folder: &Path) -> Self {
        let Ok(server) = std::env::var("ESIGN_TEST_POSTGRES") else {
            let url = format!("sqlite://{}", folder.join("esign.sqlite").display());
            return Self { url, server: None };
        };
        let name = format!("esign_story_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut url = Url::parse(&server).expect("ESIGN_TEST_POSTGRES is a postgres:// address");
        url.set_path(&name);
        let made = Self { url: url.into(), server: Some((server, name)) };
        made.drop().await;
        made.on_server("create database").await;
        made
    }

    /// Takes it away again; a SQLite file goes with its folder.
    pub async fn drop(&self) {
        if let Some((server, name)) = &self.server {
            let connection = Database::connect(server).await.expect("the PostgreSQL server answers");
            let sql = format!("drop database if exists {name} with (force)");
            connection.execute_unprepared(&sql).await.expect("a story's database can be dropped");
        }
    }

    /// Every row of every table as text, bytes as hexadecimal, with the name of its table.
    pub async fn dump(db: &Db) -> Vec<(String, String)> {
        let postgres = db.backend() == DatabaseBackend::Postgres;
        let tables = if postgres {
            "select table_name::text as it from information_schema.tables where table_schema = 'public'"
        } else {
            "select name as it from sqlite_master where type = 'table'"
        };
        let mut dump = Vec::new();
        for table in column(db, tables.to_owned()).await {
            let columns = format!("select 'quote(\"' || name || '\")' as it from pragma_table_info('{table}')");
            let row = if postgres { "t::text".to_owned() } else { column(db, columns).await.join(" || '|' || ") };
            let rows = column(db, format!("select {row} as it from {table} t")).await;
            dump.extend(rows.into_iter().map(|row| (table.clone(), row)));
        }
        dump
    }

    async fn on_server(&self, verb: &str) {
        let (server, name) = self.server.as_ref().expect("only PostgreSQL has a server");
        let connection = Database::connect(server).await.expect("the PostgreSQL server answers");
        connection.execute_unprepared(&format!("{verb} {name}")).await.expect("a story may create databases");
    }
}

/// The one column of a query.
async fn column(db: &Db, sql: String) -> Vec<String> {
    let rows = db.read().query_all_raw(Statement::from_string(db.backend(), sql)).await.expect("it can be read");
    rows.iter().map(|row| row.try_get("", "it").expect("text")).collect()
}
