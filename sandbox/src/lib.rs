//! The sandbox: everything outside the platform, on one machine, without an account anywhere.
//!
//! Who is who. The **auth system** ([`auth`]) opens challenges, takes what the user answers, and calls back signed. The
//! **SMS gateway** ([`sms`]) accepts messages and shows them as a phone would. The **webhook receivers** ([`webhook`])
//! are an upstream system's ear: they check each delivery's signature and say what they found. **Faults** ([`fault`])
//! make any of the three fail on demand. The **try-it page** ([`page`]) lets a newcomer see a whole flow in a minute.
//!
//! The life of it: [`router`] reads the journals back, takes up the callbacks and outcomes that a killed process left
//! open, and hands out routes under `/sandbox`. The platform mounts them beside its own and speaks to them over real
//! HTTP, through the adapters it would use in production. [`Background::stop`] ends the tasks and waits for them.
//!
//! What always holds:
//! - It stands for strangers: nothing here knows the platform's code, only the contracts between them.
//! - What was answered was journaled first, so a `kill -9` forgets no challenge, message, delivery or armed fault.
//! - Memory is bounded: each stand-in keeps its newest 10,000 records.
//! - Nothing here asks who is calling, except where the contract itself is signed. It belongs on a developer's machine,
//!   never in production.

mod auth;
mod config;
mod fault;
mod page;
mod refusal;
mod sms;
mod store;
mod token;
mod webhook;
mod world;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;

pub use config::{Clock, OpenError, SandboxConfig, WebhookSecrets};
use world::World;

/// No request to a stand-in is larger than this, in bytes.
const BODY_LIMIT: usize = 256 * 1024;

/// A running sandbox: its routes, and the handle by which its background tasks are ended.
pub struct Sandbox {
    /// Every route of the sandbox with its full path (`/sandbox` and below); to be merged into the server's router.
    pub router: Router,
    /// The tasks that settle challenges and call back.
    pub background: Background,
}

/// The sandbox's background tasks.
pub struct Background(Arc<World>);

impl Background {
    /// Ends every task and every request that a fault keeps hanging, and waits until they are gone. What was not done
    /// yet is taken up at the next start.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

/// Opens the sandbox: reads its journals, takes up what was left open, and gives its routes. Must be called inside a
/// tokio runtime, on which the background tasks run.
pub fn router(config: SandboxConfig) -> Result<Sandbox, OpenError> {
    let world = Arc::new(World::open(config)?);
    auth::resume(&world);
    let router = Router::new()
        .merge(auth::routes(&world))
        .merge(sms::routes(&world))
        .merge(webhook::routes(&world))
        .merge(fault::routes())
        .merge(page::routes())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Arc::clone(&world));
    Ok(Sandbox { router, background: Background(world) })
}
