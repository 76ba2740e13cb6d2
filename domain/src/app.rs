//! What every verb is handed: the database, the time, the keys, the outside world behind its ports.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use esign_config::Settings;
use object_store::ObjectStore;
use sea_orm::DatabaseTransaction;

use crate::{
    alert::Alerts,
    auth::port::AuthSystem,
    client::keyset::Keyset,
    clock::{Clock, Random},
    db::Db,
    error::Result,
    event::Tail,
    flow::stats,
    ids::Id,
    reference,
    seal::port::Sealer,
    sms::{breaker::Breakers, port::SmsGateway},
    vault::Vault,
    wake::Wake,
};

/// The system, composed. Doors hold it in an `Arc` and hand it to verbs.
pub struct App {
    /// Settings of this process.
    pub settings: Settings,
    /// The database.
    pub db: Db,
    /// The only clock.
    pub clock: Arc<dyn Clock>,
    /// The only randomness.
    pub random: Random,
    /// Keys of personal data.
    pub vault: Vault,
    /// Keys of tokens.
    pub keyset: Keyset,
    /// Gateways in the order they are tried.
    pub gateways: Vec<Arc<dyn SmsGateway>>,
    /// Which of them are left out for a while.
    pub breakers: Breakers,
    /// The auth system.
    pub auth_system: Arc<dyn AuthSystem>,
    /// Layout, sealing, verification.
    pub sealer: Arc<dyn Sealer>,
    /// Where documents are kept.
    pub blobs: Arc<dyn ObjectStore>,
    /// What is known of the reference data.
    pub reference: reference::Keeper,
    /// Figures of many flows.
    pub overviews: stats::Kept,
    /// Committed events, handed to subscribers.
    pub tail: Tail,
    /// Wakes the job worker and the tail after commits.
    pub wake: Wake,
    /// What somebody should look at.
    pub alerts: Alerts,
}

impl App {
    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A fresh id.
    pub fn id<K>(&self) -> Id<K> {
        self.random.id(self.now())
    }

    /// Opens a transaction that may write: the only way to. Whoever holds one reads through it: a second connection, asked
    /// for meanwhile, is not to be had when as many calls as there are connections do the same.
    pub async fn write_tx(&self) -> Result<DatabaseTransaction> {
        Ok(self.db.begin().await?)
    }

    /// Commits, then wakes whoever waits for what was written. A wake-up that is lost costs a poll, never the work.
    pub async fn commit(&self, tx: DatabaseTransaction) -> Result<()> {
        tx.commit().await?;
        self.wake.all();
        Ok(())
    }

    /// The address of a path, as the world sees it.
    pub fn public(&self, path: &str) -> String {
        format!("{}{path}", self.settings.server.public_url)
    }
}
