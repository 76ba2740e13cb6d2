//! Clients, and whoever is asking.

use std::sync::Arc;

use async_graphql::{ID, Object, SimpleObject};
use esign_domain::{Caller, client};

use super::{access::id, scalar::Moment};

/// An upstream system (上游系统).
#[derive(Clone)]
pub struct Client(pub Arc<client::Client>);

impl From<Arc<client::Client>> for Client {
    fn from(client: Arc<client::Client>) -> Self {
        Self(client)
    }
}

/// An upstream system (上游系统) that starts flows.
#[Object]
impl Client {
    /// The client's id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Its code: 2-32 of a-z 0-9 -.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it may do.
    async fn scopes(&self) -> Vec<&'static str> {
        self.0.scopes.0.iter().map(|scope| scope.as_str()).collect()
    }

    /// Where results are sent.
    async fn webhook_url(&self) -> Option<&str> {
        self.0.webhook_url.as_deref()
    }

    /// Which events are sent there.
    async fn webhook_events(&self) -> &[String] {
        &self.0.webhook_events.0
    }

    /// Origins its users may be sent back to.
    async fn return_url_origins(&self) -> &[String] {
        &self.0.return_url_origins.0
    }

    /// What it has otherwise than configured.
    async fn settings(&self) -> ClientSettings {
        self.0.settings.clone().into()
    }

    /// Whether it may come in at all.
    async fn enabled(&self) -> bool {
        self.0.enabled
    }

    /// Counts changes.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was made.
    async fn created_at(&self) -> Moment {
        self.0.created_at.into()
    }
}

/// What a client has otherwise than configured. Null: the configured default.
#[derive(Clone, Debug, SimpleObject)]
pub struct ClientSettings {
    /// How long a session lasts.
    pub session_seconds: Option<i32>,
    /// How often a message may be sent again.
    pub resend_max: Option<i32>,
    /// The least time between two messages.
    pub resend_gap_seconds: Option<i32>,
    /// Attempts to authenticate.
    pub auth_attempts: Option<i32>,
    /// Whether a typed name may stand for handwriting.
    pub allow_typed_name: Option<bool>,
    /// Whether a new flow may follow one that the signer declined.
    pub restart_after_decline: Option<bool>,
}

impl From<client::ClientSettings> for ClientSettings {
    fn from(settings: client::ClientSettings) -> Self {
        let seconds = |seconds: i64| seconds.try_into().unwrap_or(i32::MAX);
        Self {
            session_seconds: settings.session_seconds.map(seconds),
            resend_max: settings.resend_max,
            resend_gap_seconds: settings.resend_gap_seconds.map(seconds),
            auth_attempts: settings.auth_attempts,
            allow_typed_name: settings.allow_typed_name,
            restart_after_decline: settings.restart_after_decline,
        }
    }
}

/// Whoever is asking.
#[derive(Clone, Debug, SimpleObject)]
pub struct Viewer {
    /// What the caller is: client or staff.
    pub kind: String,
    /// The client's code, or the staff member's name.
    pub name: String,
    /// What the token allows.
    pub scopes: Vec<String>,
}

impl From<&Caller> for Viewer {
    fn from(caller: &Caller) -> Self {
        let label = caller.label();
        let (kind, name) = label.split_once(':').unwrap_or((&label, &label));
        let scopes = esign_domain::caller::Scope::ALL.iter().filter(|scope| caller.has(**scope));
        Self { kind: kind.into(), name: name.into(), scopes: scopes.map(|scope| scope.as_str().to_owned()).collect() }
    }
}
