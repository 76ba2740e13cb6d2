//! The state all stand-ins share: their records, the faults armed against them, and the tasks in the background.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use standardwebhooks::Webhook;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::Challenge;
use crate::config::{OpenError, SandboxConfig};
use crate::fault::Fault;
use crate::sms::Message;
use crate::store::{Record, Store};
use crate::webhook::Receipt;

/// How long one callback or receipt may take, connection included.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Everything the handlers and tasks of one sandbox share.
pub(crate) struct World {
    pub config: SandboxConfig,
    pub challenges: Shelf<Challenge>,
    pub messages: Shelf<Message>,
    pub receipts: Shelf<Receipt>,
    pub faults: Shelf<Fault>,
    /// Signs the auth system's callbacks.
    pub callback_signer: Webhook,
    pub http: reqwest::Client,
    pub tasks: TaskTracker,
    pub stop: CancellationToken,
}

impl World {
    /// Reads every journal below the data folder.
    pub fn open(config: SandboxConfig) -> Result<Self, OpenError> {
        let callback_signer = Webhook::new(&config.callback_secret).map_err(|_| OpenError::CallbackSecret)?;
        // Callbacks go to the platform beside us: a proxy from the environment has no place between the two.
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(CALL_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(OpenError::Client)?;
        Ok(Self {
            challenges: Shelf::open(&config, "auth-system.jsonl")?,
            messages: Shelf::open(&config, "sms-gateway.jsonl")?,
            receipts: Shelf::open(&config, "webhooks.jsonl")?,
            faults: Shelf::open(&config, "faults.jsonl")?,
            callback_signer,
            http,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            config,
        })
    }

    /// The time by the configured clock.
    pub fn now(&self) -> DateTime<Utc> {
        (self.config.clock)()
    }

    /// Waits, and says whether the time was waited out; false when the sandbox is being stopped.
    pub async fn wait(&self, time: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            () = self.stop.cancelled() => false,
        }
    }
}

/// A store behind a lock. The lock is never held across an await.
pub(crate) struct Shelf<T>(Mutex<Store<T>>);

impl<T: Record> Shelf<T> {
    fn open(config: &SandboxConfig, file: &str) -> Result<Self, OpenError> {
        let path = config.data_dir.join("sandbox").join(file);
        let store = Store::open(&path).map_err(|source| OpenError::Journal { path, source })?;
        Ok(Self(Mutex::new(store)))
    }

    /// The store, locked. A panic of another holder leaves whole records behind, so its poison is ignored.
    pub fn lock(&self) -> MutexGuard<'_, Store<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
