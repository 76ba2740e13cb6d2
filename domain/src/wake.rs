//! Wake-ups: hints that something was committed, here or on another process. Nothing depends on them but speed; whoever
//! waits for one looks by a slow timer all the same.
//!
//! Within a process they are notifications in memory. Between processes on one PostgreSQL they are its NOTIFY, by one
//! **herald** a process: sent after commits and never inside them (a transaction that notifies queues for a lock of the
//! whole database when it commits), and once for all commits of some milliseconds.

use std::{sync::Arc, time::Duration};

use sea_orm::{ConnectionTrait, DatabaseBackend, Statement, sqlx};
use sqlx::postgres::PgListener;
use tokio::{sync::Notify, sync::watch, time::sleep};

use crate::{App, db::answered, error::Result};

/// The channel of PostgreSQL's NOTIFY.
const CHANNEL: &str = "esign";
/// Between two notifications.
const GAP: Duration = Duration::from_millis(10);
/// Before PostgreSQL is tried again.
const PATIENCE: Duration = Duration::from_secs(1);

/// Who waits for commits.
#[derive(Debug, Default)]
pub struct Wake {
    /// Jobs may be due.
    pub jobs: Notify,
    /// Events may be new.
    pub events: Notify,
    /// Other processes want to know.
    others: Notify,
}

impl Wake {
    /// Something was committed by this process.
    pub fn all(&self) {
        self.here();
        self.others.notify_one();
    }

    fn here(&self) {
        self.jobs.notify_one();
        self.events.notify_one();
    }
}

/// Tells other processes of our commits and hears of theirs, until `stop` turns true.
pub async fn run_herald(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    if app.db.backend() != DatabaseBackend::Postgres {
        drop(stop.wait_for(|stop| *stop).await);
        return;
    }
    // By it a process knows its own notifications, which tell it nothing.
    let origin = hex::encode(app.random.bytes::<8>());
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => {}
        () = tell(&app, &origin) => {}
        () = hear(&app, &origin) => {}
    }
}

async fn tell(app: &App, origin: &str) {
    loop {
        app.wake.others.notified().await;
        let backend = app.db.backend();
        let notify =
            Statement::from_sql_and_values(backend, "select pg_notify($1, $2)", [CHANNEL.into(), origin.into()]);
        let told = async { Ok(app.db.write().execute_raw(notify).await?) };
        if let Err(error) = answered(told).await {
            tracing::debug!(%error, "other processes can't be told");
            sleep(PATIENCE).await;
        }
        sleep(GAP).await;
    }
}

async fn hear(app: &App, origin: &str) {
    loop {
        if let Err(error) = listen(app, origin).await {
            tracing::warn!(%error, "other processes can't be heard; what they commit is found by looking");
        }
        sleep(PATIENCE).await;
    }
}

async fn listen(app: &App, origin: &str) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(app.db.write().get_postgres_connection_pool()).await?;
    listener.listen(CHANNEL).await?;
    loop {
        // A connection that was lost is made anew by the listener; what was said meanwhile may have been for us.
        let heard = listener.try_recv().await?;
        if heard.is_none_or(|notification| notification.payload() != origin) {
            app.wake.here();
        }
    }
}
