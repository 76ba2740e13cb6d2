//! The platform in this process, on a clock that is set.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, Utc};
use esign_api::{first_start, wire};
use esign_config::{Profile, Settings, from_sources};
use esign_domain::{
    App,
    clock::{Clock, Random, SystemClock},
};

use crate::{Failure, server::DATA};

/// The platform in this process, with a clock that can be set.
pub struct Platform {
    /// The system.
    pub app: Arc<App>,
    pub(super) clock: Arc<SetClock>,
}

/// A clock that is set.
pub(super) struct SetClock(Mutex<DateTime<Utc>>);

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("no holder of the clock panics")
    }
}

impl SetClock {
    /// It is then.
    pub fn set(&self, to: DateTime<Utc>) {
        *self.0.lock().expect("no holder of the clock panics") = to;
    }
}

/// The platform on a database, with its keys in a folder, where a server that is started on it looks for them; the schema and what is shipped are put in.
pub async fn platform(folder: &Path, url: &str) -> Result<Platform, Failure> {
    let sources =
        Settings::shipped(Profile::Sandbox).merge(("data_dir", folder.join(DATA))).merge(("database.url", url));
    let settings = from_sources(sources).map_err(|error| error.to_string())?;
    let clock = Arc::new(SetClock(Mutex::new(SystemClock.now())));
    let platform = wire::compose_with(settings, clock.clone(), Random::from_system()).await;
    let app = platform.map_err(|error| format!("{error:#}"))?.app;
    first_start::prepare(&app).await.map_err(|error| format!("{error:#}"))?;
    Ok(Platform { app, clock })
}
