//! Making a client, and changing one.

use esign_config::Secret;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, SqlErr,
    sea_query::Expr,
};
use serde_json::{Value, json};

use super::{
    Client, ClientInput,
    entity::{
        ScopeList, TextList,
        client::{ActiveModel, Column, Entity},
    },
    input::Checked,
    query, secret,
};
use crate::{
    app::App,
    audit::{self, Act},
    caller::{Caller, Operation},
    error::{Error, Result},
    ids::ClientId,
};

/// A client and its first secret, which is shown this once.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The client.
    pub client: Client,
    /// `esk_…`; prints itself masked.
    pub secret: Secret,
}

/// Makes a client. Needs `clients:write`; `ALREADY_EXISTS` when the code is taken.
pub async fn register(app: &App, caller: &Caller, input: ClientInput) -> Result<Registered> {
    caller.require(Operation::CreateClient)?;
    let code = input.code.clone();
    let checked = input.checked(caller, None, &app.settings)?;
    let tx = app.write_tx().await?;
    let client = row(app, code.clone(), checked).insert(&tx).await.map_err(|error| taken(error, code))?;
    let secret = secret::add(app, &tx, client.id).await?;
    let act = Act {
        operation: Operation::CreateClient,
        target: client.id.to_string(),
        before: None,
        after: Some(&shown(&client)),
    };
    audit::record(app, &tx, caller, act).await?;
    app.commit(tx).await?;
    Ok(Registered { client, secret })
}

/// Changes a client. Needs `clients:write`; `STATE_CONFLICT` with the version it has when that isn't the expected one.
pub async fn change(app: &App, caller: &Caller, id: ClientId, expected: i32, input: ClientInput) -> Result<Client> {
    caller.require(Operation::UpdateClient)?;
    let tx = app.write_tx().await?;
    let before = query::find(&tx, id).await?.ok_or(Error::NotFound)?;
    let checked = input.checked(caller, Some(&before), &app.settings)?;
    let change = ActiveModel { updated_at: Set(app.now()), ..filled(checked) };
    let written = Entity::update_many()
        .set(change)
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(id))
        .filter(Column::Version.eq(expected))
        .exec(&tx)
        .await?;
    let after = query::find(&tx, id).await?.ok_or(Error::NotFound)?;
    if written.rows_affected == 0 {
        return Err(Error::LostUpdate { version: after.version });
    }
    let act = Act {
        operation: Operation::UpdateClient,
        target: id.to_string(),
        before: Some(&shown(&before)),
        after: Some(&shown(&after)),
    };
    audit::record(app, &tx, caller, act).await?;
    app.commit(tx).await?;
    Ok(after)
}

fn row(app: &App, code: String, checked: Checked) -> ActiveModel {
    let now = app.now();
    ActiveModel {
        id: Set(app.id()),
        code: Set(code),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..filled(checked)
    }
}

fn filled(checked: Checked) -> ActiveModel {
    ActiveModel {
        name: Set(checked.name),
        scopes: Set(ScopeList(checked.scopes)),
        webhook_url: Set(checked.webhook_url),
        webhook_events: Set(TextList(checked.webhook_events)),
        return_url_origins: Set(TextList(checked.return_url_origins)),
        settings: Set(checked.settings),
        enabled: Set(checked.enabled),
        ..Default::default()
    }
}

/// A client as the audit log shows it.
pub(super) fn shown(client: &Client) -> Value {
    json!({
        "code": client.code,
        "name": client.name,
        "scopes": client.scopes,
        "webhookUrl": client.webhook_url,
        "webhookEvents": client.webhook_events,
        "returnUrlOrigins": client.return_url_origins,
        "settings": client.settings,
        "enabled": client.enabled,
        "version": client.version,
    })
}

/// The code is the only thing two clients can't share.
fn taken(error: DbErr, code: String) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::AlreadyExists { conflicts_with: code },
        _ => error.into(),
    }
}
