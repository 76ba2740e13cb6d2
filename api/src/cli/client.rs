//! `esign client …`: upstream systems.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use esign_config::Secret;
use esign_domain::{
    App, Caller,
    caller::{Scope, Scopes, client_default, scope_names},
    client::{Client, ClientInput, WebhookAddress, query, register, secret},
};

use super::say;
use crate::first_start::explained;

/// What can be done with clients.
#[derive(Subcommand)]
pub enum Command {
    /// Make a client and print its secret, once.
    Add(Add),
    /// Give a client a new secret and print it, once; the old one stays good for the overlap.
    Rotate {
        /// The client's code or id.
        client: String,
        /// How long the old secret stays good, in hours; 0 ends it now.
        #[arg(long, default_value_t = 24, value_name = "HOURS")]
        overlap: u16,
    },
    /// List the clients.
    List,
}

/// A client to be made.
#[derive(Args)]
pub struct Add {
    /// 2-32 of a-z 0-9 -; stands in tokens and in keys handed to the auth system.
    code: String,
    /// The name people read in messages.
    #[arg(long)]
    name: String,
    /// A scope the client holds; may be repeated. Without any: flows:read flows:write deliveries:read.
    #[arg(long = "scope", value_name = "SCOPE", value_parser = scope)]
    scopes: Vec<Scope>,
    /// Where signers may be sent back to, https://host[:port]; may be repeated.
    #[arg(long = "return-origin", value_name = "ORIGIN")]
    return_origins: Vec<String>,
    /// Where results are to be told, https://…
    #[arg(long, value_name = "ADDRESS")]
    webhook_url: Option<String>,
}

fn scope(text: &str) -> Result<Scope, String> {
    let known = || Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    text.parse().map_err(|_| format!("the scopes are: {}", known()))
}

/// Does it, as the system: whoever may run this command may do anything.
pub async fn run(app: &App, command: Command) -> Result<()> {
    match command {
        Command::Add(add) => {
            let scopes: Scopes =
                if add.scopes.is_empty() { client_default() } else { add.scopes.into_iter().collect() };
            let new = ClientInput {
                code: add.code,
                name: add.name,
                scopes: scope_names(&scopes),
                webhook: add.webhook_url.map_or(WebhookAddress::Nowhere, WebhookAddress::At),
                return_url_origins: Some(add.return_origins),
                ..ClientInput::default()
            };
            let made = register::register(app, &Caller::System, new).await.map_err(explained)?;
            show(&made.client, &made.secret)
        }
        Command::Rotate { client, overlap } => {
            let known = query::find_by_name(app.db.read(), &client).await.map_err(explained)?;
            let known = known.with_context(|| format!("no client is called {client}: see `esign client list`"))?;
            let overlap = TimeDelta::hours(overlap.into());
            let (client, secret) = secret::rotate(app, &Caller::System, known.id, overlap).await.map_err(explained)?;
            show(&client, &secret)
        }
        Command::List => {
            for client in query::list(app, &Caller::System).await.map_err(explained)? {
                let state = if client.enabled { "enabled" } else { "disabled" };
                say(&format!("{}\t{}\t{state}\t{}\t{}", client.code, client.id, client.name, names(&client.scopes.0)))?;
            }
            Ok(())
        }
    }
}

fn show(client: &Client, secret: &Secret) -> Result<()> {
    say(&format!("code    {}\nid      {}\nscopes  {}", client.code, client.id, names(&client.scopes.0)))?;
    say(&format!("secret  {}\n\nThe secret is shown this once and kept nowhere.", secret.expose()))
}

fn names(scopes: &Scopes) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}
