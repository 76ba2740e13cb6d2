//! Making accounts, resetting passwords, listing.

use esign_config::Secret;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    SqlErr,
};

use super::{
    Staff,
    entity::staff::{ActiveModel, Column, Entity},
    password,
};
use crate::{
    app::App,
    caller::{Caller, Role},
    error::{Error, Result},
};

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// 2-64 of `a-z 0-9 . _ -`.
    pub name: String,
    /// What the member may do.
    pub role: Role,
    /// None: a random one is made.
    pub password: Option<Secret>,
}

/// An account and its password, which is shown this once.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub staff: Staff,
    /// The password, chosen or made; prints itself masked.
    pub password: Secret,
}

/// Makes an account. Admins and the command line only; `ALREADY_EXISTS` when the name is taken.
pub async fn add(app: &App, caller: &Caller, new: NewStaff) -> Result<Credentials> {
    require_admin(caller)?;
    if !is_name(&new.name) {
        return Err(Error::field("name", "must be 2-64 of a-z 0-9 . _ -"));
    }
    let password = chosen_or_random(app, new.password)?;
    let now = app.now();
    let row = ActiveModel {
        id: Set(app.id()),
        name: Set(new.name.clone()),
        password_hash: Set(password::hash(&app.random, &password).await?),
        role: Set(new.role.as_str().to_owned()),
        enabled: Set(true),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let tx = app.write_tx().await?;
    let staff = row.insert(&tx).await.map_err(|error| taken(error, new.name))?;
    app.commit(tx).await?;
    Ok(Credentials { staff, password })
}

/// Gives an account another password. Admins and the command line only; `NOT_FOUND` for an unknown name.
pub async fn reset_password(app: &App, caller: &Caller, name: &str, chosen: Option<Secret>) -> Result<Credentials> {
    require_admin(caller)?;
    let password = chosen_or_random(app, chosen)?;
    let hash = password::hash(&app.random, &password).await?;
    let tx = app.write_tx().await?;
    let staff = Entity::find().filter(Column::Name.eq(name)).one(&tx).await?.ok_or(Error::NotFound)?;
    let mut row = staff.into_active_model();
    row.password_hash = Set(hash);
    row.updated_at = Set(app.now());
    let staff = row.update(&tx).await?;
    app.commit(tx).await?;
    Ok(Credentials { staff, password })
}

/// All accounts by name. Admins and the command line only.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Staff>> {
    require_admin(caller)?;
    Ok(Entity::find().order_by_asc(Column::Name).all(app.db.read()).await?)
}

/// No scope covers accounts: a client's token never reaches them.
fn require_admin(caller: &Caller) -> Result<()> {
    match caller {
        Caller::System | Caller::Staff { role: Role::Admin, .. } => Ok(()),
        _ => Err(Error::Forbidden),
    }
}

fn chosen_or_random(app: &App, chosen: Option<Secret>) -> Result<Secret> {
    match chosen {
        Some(chosen) => password::check(&chosen).map(|()| chosen),
        None => Ok(password::generate(&app.random)),
    }
}

fn is_name(text: &str) -> bool {
    let allowed = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    (2..=64).contains(&text.len()) && text.bytes().all(allowed)
}

/// The name is the only thing two accounts can't share.
fn taken(error: DbErr, name: String) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::AlreadyExists { conflicts_with: name },
        _ => error.into(),
    }
}
