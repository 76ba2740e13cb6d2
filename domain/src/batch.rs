//! Rows that are written together or not at all.
//!
//! PostgreSQL takes them as one statement, which is a transaction by itself: one round trip instead of one a row and two
//! around them, and most of what a small transaction costs there is round trips. It looks at foreign keys when the
//! statement is over. SQLite has no such statement and no network either: it takes one row after the other.

use sea_orm::{
    ConnectionTrait, DatabaseBackend, QueryTrait,
    sea_query::{Alias, CommonTableExpression, InsertStatement, WithClause},
};

use crate::{App, error::Result};

/// Rows to be written, each after those it refers to.
#[derive(Default)]
pub struct Batch(Vec<InsertStatement>);

impl Batch {
    /// Puts in a row, or several of one table.
    pub fn add(&mut self, rows: impl QueryTrait<QueryStatement = InsertStatement>) {
        self.0.push(rows.into_query());
    }

    /// Writes everything and commits; then wakes whoever waits for it, as [`App::commit`] does.
    pub async fn commit(mut self, app: &App) -> Result<()> {
        let Some(last) = self.0.pop() else { return Ok(()) };
        if app.db.backend() == DatabaseBackend::Postgres {
            let mut before = WithClause::new();
            for (number, rows) in self.0.into_iter().enumerate() {
                let name = Alias::new(format!("rows{number}"));
                before.cte(CommonTableExpression::new().table_name(name).query(rows).to_owned());
            }
            app.db.write().execute(&before.query(last)).await?;
            app.wake.all();
            return Ok(());
        }
        let tx = app.write_tx().await?;
        for rows in self.0.iter().chain([&last]) {
            tx.execute(rows).await?;
        }
        app.commit(tx).await
    }
}
