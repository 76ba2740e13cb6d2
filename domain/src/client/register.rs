//! Making a client.

use esign_config::{Secret, Settings};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr, SqlErr};

use super::{
    Client, ClientSettings,
    entity::{ScopeList, TextList, client::ActiveModel},
    origin, secret,
};
use crate::{
    app::App,
    caller::{Caller, Scope, Scopes},
    error::{Error, FieldProblem, Result},
};

/// A client to be made. Without scopes it can't do anything; [`client_default`](crate::caller::client_default) is what
/// an upstream system needs.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// 2-32 of `a-z 0-9 -`.
    pub code: String,
    /// 1-100 characters; stands in messages to signers.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// Where its users may be sent back to: `https://host[:port]` each.
    pub return_url_origins: Vec<String>,
    /// What differs from the configured defaults.
    pub settings: ClientSettings,
}

/// A client and its first secret, which is shown this once.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The client.
    pub client: Client,
    /// `esk_…`; prints itself masked.
    pub secret: Secret,
}

/// Makes a client. Needs `clients:write`; `ALREADY_EXISTS` when the code is taken.
pub async fn register(app: &App, caller: &Caller, new: NewClient) -> Result<Registered> {
    if !caller.has(Scope::ClientsWrite) {
        return Err(Error::Forbidden);
    }
    let new = checked(new, &app.settings)?;
    let code = new.code.clone();
    let tx = app.write_tx().await?;
    let client = row(app, new).insert(&tx).await.map_err(|error| taken(error, code))?;
    let secret = secret::add(app, &tx, client.id).await?;
    app.commit(tx).await?;
    Ok(Registered { client, secret })
}

/// The client with its texts in their one written form, or everything that is wrong with it at once.
fn checked(mut new: NewClient, configured: &Settings) -> Result<NewClient> {
    let mut problems = new.settings.problems(configured);
    let mut refuse = |path: String, problem: &str| problems.push(FieldProblem { path, problem: problem.into() });
    if !is_code(&new.code) {
        refuse("code".into(), "must be 2-32 of a-z 0-9 -");
    }
    new.name = new.name.trim().into();
    if !(1..=100).contains(&new.name.chars().count()) || new.name.chars().any(char::is_control) {
        refuse("name".into(), "must be 1-100 printable characters");
    }
    for (index, text) in new.return_url_origins.iter_mut().enumerate() {
        match origin::parse(text, configured.profile) {
            Some(origin) => *text = origin,
            None => refuse(format!("returnUrlOrigins.{index}"), "must be https://host or https://host:port"),
        }
    }
    if problems.is_empty() { Ok(new) } else { Err(Error::InvalidArgument(problems)) }
}

fn is_code(text: &str) -> bool {
    (2..=32).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn row(app: &App, new: NewClient) -> ActiveModel {
    let now = app.now();
    ActiveModel {
        id: Set(app.id()),
        code: Set(new.code),
        name: Set(new.name),
        scopes: Set(ScopeList(new.scopes)),
        webhook_url: Set(None),
        webhook_events: Set(TextList::default()),
        return_url_origins: Set(TextList(new.return_url_origins)),
        settings: Set(new.settings),
        enabled: Set(true),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    }
}

/// The code is the only thing two clients can't share.
fn taken(error: DbErr, code: String) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::AlreadyExists { conflicts_with: code },
        _ => error.into(),
    }
}
