//! Clients, and whoever is asking.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::TimeDelta;
use esign_domain::{
    Caller,
    client::{self, WebhookAddress, query, register, secret, webhook_secret},
};

use super::{
    access::{app, caller, id},
    error::ApiResult,
    mutation::named,
    scalar::Moment,
};

/// An upstream system (上游系统).
#[derive(Clone)]
pub struct Client(pub Arc<client::Client>);

impl From<client::Client> for Client {
    fn from(client: client::Client) -> Self {
        Self(Arc::new(client))
    }
}

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

/// What a client is to have otherwise than configured. Null: the configured default.
#[derive(Clone, Debug, InputObject)]
pub struct ClientSettingsInput {
    /// How long a session lasts.
    session_seconds: Option<i32>,
    /// How often a message may be sent again: 0-100.
    resend_max: Option<i32>,
    /// The least time between two messages: 1-86400.
    resend_gap_seconds: Option<i32>,
    /// Attempts to authenticate: 1-20.
    auth_attempts: Option<i32>,
    /// Whether a typed name may stand for handwriting.
    allow_typed_name: Option<bool>,
    /// Whether a new flow may follow one that the signer declined.
    restart_after_decline: Option<bool>,
}

impl From<ClientSettingsInput> for client::ClientSettings {
    fn from(input: ClientSettingsInput) -> Self {
        Self {
            session_seconds: input.session_seconds.map(i64::from),
            resend_max: input.resend_max,
            resend_gap_seconds: input.resend_gap_seconds.map(i64::from),
            auth_attempts: input.auth_attempts,
            allow_typed_name: input.allow_typed_name,
            restart_after_decline: input.restart_after_decline,
        }
    }
}

/// What a client is to be. Of a change, what is left out stays as it was.
#[derive(Clone, Debug, InputObject)]
pub struct ClientInput {
    /// 2-32 of a-z 0-9 -, unique; of a known client its own, which never changes.
    code: String,
    /// 1-100 characters; signers read it in messages and on pages.
    name: String,
    /// What it may do. Nobody gives a scope that they don't hold.
    scopes: Vec<String>,
    /// Where results are sent: https. Null: nowhere.
    webhook_url: MaybeUndefined<String>,
    /// Which events are sent there; of a new client the four that end a flow.
    webhook_events: Option<Vec<String>>,
    /// Origins its users may be sent back to, https://host[:port].
    return_url_origins: Option<Vec<String>>,
    /// What it has otherwise than configured, whole.
    settings: Option<ClientSettingsInput>,
    /// Whether it may come in at all.
    enabled: Option<bool>,
}

impl From<ClientInput> for client::ClientInput {
    fn from(input: ClientInput) -> Self {
        Self {
            code: input.code,
            name: input.name,
            scopes: input.scopes,
            webhook: match input.webhook_url {
                MaybeUndefined::Undefined => WebhookAddress::AsItWas,
                MaybeUndefined::Null => WebhookAddress::Nowhere,
                MaybeUndefined::Value(url) => WebhookAddress::At(url),
            },
            webhook_events: input.webhook_events,
            return_url_origins: input.return_url_origins,
            settings: input.settings.map(Into::into),
            enabled: input.enabled,
        }
    }
}

/// The client that was changed.
#[derive(SimpleObject)]
pub struct ClientPayload {
    /// The client.
    client: Client,
}

/// A client and a secret of it. The secret is shown once.
#[derive(SimpleObject)]
pub struct ClientSecretPayload {
    /// The client.
    client: Client,
    /// The secret: to be kept now, it is shown this once.
    secret: String,
}

/// What may be asked about clients.
#[derive(Default)]
pub struct ClientQuery;

/// What may be asked about clients.
#[Object]
impl ClientQuery {
    /// All clients, by code. Scope: clients:read.
    async fn clients(&self, ctx: &Context<'_>) -> ApiResult<Vec<Client>> {
        Ok(query::list(app(ctx), caller(ctx)?).await?.into_iter().map(Client::from).collect())
    }
}

/// What may be done to clients.
#[derive(Default)]
pub struct ClientMutation;

/// What may be done to clients.
#[Object]
impl ClientMutation {
    /// Makes a client and its first secret, which is shown this once. ALREADY_EXISTS when the code is taken. Scope:
    /// clients:write.
    async fn create_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: ClientInput,
    ) -> ApiResult<ClientSecretPayload> {
        let made = register::register(app(ctx), caller(ctx)?, input.into()).await?;
        Ok(ClientSecretPayload { client: made.client.into(), secret: made.secret.expose().to_owned() })
    }

    /// Changes a client; STATE_CONFLICT when it was changed since. What is left out stays as it was. Scope: clients:write.
    async fn update_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The client.")] id: ID,
        #[graphql(desc = "The version that the change is based on.")] expected_version: i32,
        #[graphql(desc = "What it is to be.")] input: ClientInput,
    ) -> ApiResult<ClientPayload> {
        let client = register::change(app(ctx), caller(ctx)?, named(&id), expected_version, input.into()).await?;
        Ok(ClientPayload { client: client.into() })
    }

    /// Makes a new secret for the token door. The old ones stay good for the overlap. Scope: clients:write.
    async fn rotate_client_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The client.")] id: ID,
        #[graphql(desc = "How long the old ones stay good: 0 (a secret has leaked) to 30 days; a day when left out.")]
        overlap_seconds: Option<i32>,
    ) -> ApiResult<ClientSecretPayload> {
        let (client, made) = secret::rotate(app(ctx), caller(ctx)?, named(&id), overlap(overlap_seconds)).await?;
        Ok(ClientSecretPayload { client: client.into(), secret: made.expose().to_owned() })
    }

    /// Makes a new secret that webhooks are signed with, the first one too (Standard Webhooks, whsec_…). The old ones go
    /// on signing besides for the overlap. Scope: clients:write.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The client.")] id: ID,
        #[graphql(desc = "How long the old ones go on signing: 0 to 30 days; a day when left out.")]
        overlap_seconds: Option<i32>,
    ) -> ApiResult<ClientSecretPayload> {
        let overlap = overlap(overlap_seconds);
        let (client, made) = webhook_secret::rotate(app(ctx), caller(ctx)?, named(&id), overlap).await?;
        Ok(ClientSecretPayload { client: client.into(), secret: made.expose().to_owned() })
    }
}

fn overlap(seconds: Option<i32>) -> TimeDelta {
    seconds.map_or(secret::OVERLAP, |seconds| TimeDelta::seconds(seconds.into()))
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
