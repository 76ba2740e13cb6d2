//! Making accounts, changing them, listing. Whatever changes an account ends its sessions, and is in the audit log.

use esign_config::Secret;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, SqlErr,
};
use serde_json::{Value, json};

use super::{
    Staff,
    entity::staff::{ActiveModel, Column, Entity},
    password, session, totp,
};
use crate::{
    app::App,
    audit::{self, Act},
    caller::{Caller, Operation, Role},
    error::{Error, Result},
    ids::StaffId,
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

/// Makes an account. Admins and the command line only; `ALREADY_EXISTS` when the name is taken. A password that an admin
/// knows is good for one sign-in, which asks for another.
pub async fn add(app: &App, caller: &Caller, new: NewStaff) -> Result<Credentials> {
    caller.require(Operation::CreateStaff)?;
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
        totp_secret: Set(None),
        totp_confirmed_at: Set(None),
        totp_step: Set(None),
        version: Set(1),
        password_given: Set(matches!(caller, Caller::Staff { .. })),
    };
    let tx = app.write_tx().await?;
    let staff = row.insert(&tx).await.map_err(|error| taken(error, new.name))?;
    record(app, &tx, (caller, Operation::CreateStaff), None, &staff).await?;
    app.commit(tx).await?;
    Ok(Credentials { staff, password })
}

/// Gives an account another password and ends its sessions. Admins and the command line only; `NOT_FOUND` for an unknown
/// name. Of a password that an admin knows holds what [`add`] says.
pub async fn reset_password(app: &App, caller: &Caller, name: &str, chosen: Option<Secret>) -> Result<Credentials> {
    caller.require(Operation::ResetStaffPassword)?;
    let password = chosen_or_random(app, chosen)?;
    let hash = password::hash(&app.random, &password).await?;
    let tx = app.write_tx().await?;
    let before = by_name(&tx, name).await?;
    let mut row = touched(app, &before);
    row.password_hash = Set(hash);
    row.password_given = Set(matches!(caller, Caller::Staff { id, .. } if *id != before.id));
    let staff = row.update(&tx).await?;
    session::end_all(app, &tx, staff.id, None).await?;
    record(app, &tx, (caller, Operation::ResetStaffPassword), Some(&before), &staff).await?;
    app.commit(tx).await?;
    Ok(Credentials { staff, password })
}

/// Takes the TOTP of an account away, for who lost the device, and ends its sessions. Admins and the command line only.
pub async fn reset_totp(app: &App, caller: &Caller, name: &str) -> Result<Staff> {
    caller.require(Operation::ResetStaffTotp)?;
    let tx = app.write_tx().await?;
    let before = by_name(&tx, name).await?;
    totp::take_away(app, &tx, before.clone(), None).await?;
    let staff = by_name(&tx, name).await?;
    record(app, &tx, (caller, Operation::ResetStaffTotp), Some(&before), &staff).await?;
    app.commit(tx).await?;
    Ok(staff)
}

/// Gives an account another role and ends its sessions. Admins and the command line only; the last admin stays one.
pub async fn set_role(app: &App, caller: &Caller, id: StaffId, expected: i32, role: Role) -> Result<Staff> {
    caller.require(Operation::SetStaffRole)?;
    let change = |row: &mut ActiveModel| row.role = Set(role.as_str().to_owned());
    changed(app, (caller, Operation::SetStaffRole), (id, expected), ("role", change)).await
}

/// Opens or closes an account; closing it ends its sessions. Admins and the command line only; the last admin stays.
pub async fn set_enabled(app: &App, caller: &Caller, id: StaffId, expected: i32, enabled: bool) -> Result<Staff> {
    caller.require(Operation::SetStaffEnabled)?;
    let change = |row: &mut ActiveModel| row.enabled = Set(enabled);
    changed(app, (caller, Operation::SetStaffEnabled), (id, expected), ("enabled", change)).await
}

async fn changed(
    app: &App,
    by: (&Caller, Operation),
    (id, expected): (StaffId, i32),
    (field, change): (&str, impl FnOnce(&mut ActiveModel)),
) -> Result<Staff> {
    let tx = app.write_tx().await?;
    // Two admins who close each other's accounts at once: one of them waits here, and finds that it is the last.
    let of_admins = Column::Role.eq(Role::Admin.as_str()).and(Column::Enabled.eq(true));
    let admins = Entity::find().filter(of_admins).order_by_asc(Column::Id).lock_exclusive().all(&tx).await?;
    let before = Entity::find_by_id(id).lock_exclusive().one(&tx).await?.ok_or(Error::NotFound)?;
    if before.version != expected {
        return Err(Error::LostUpdate { version: before.version });
    }
    let mut row = touched(app, &before);
    change(&mut row);
    let staff = row.update(&tx).await?;
    let is_admin = |staff: &Staff| staff.enabled && staff.role == Role::Admin.as_str();
    if is_admin(&before) && !is_admin(&staff) && !admins.iter().any(|admin| admin.id != id) {
        return Err(Error::field(field, "this is the last admin"));
    }
    session::end_all(app, &tx, id, None).await?;
    record(app, &tx, by, Some(&before), &staff).await?;
    app.commit(tx).await?;
    Ok(staff)
}

/// All accounts by name. Admins and the command line only.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Staff>> {
    caller.require(Operation::Staff)?;
    Ok(Entity::find().order_by_asc(Column::Name).all(app.db.read()).await?)
}

/// One account. Admins and the command line only.
pub async fn by_id(app: &App, caller: &Caller, id: StaffId) -> Result<Option<Staff>> {
    caller.require(Operation::Staff)?;
    Ok(Entity::find_by_id(id).one(app.db.read()).await?)
}

async fn by_name(tx: &impl ConnectionTrait, name: &str) -> Result<Staff> {
    Entity::find().filter(Column::Name.eq(name)).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)
}

fn touched(app: &App, staff: &Staff) -> ActiveModel {
    let mut row = staff.clone().into_active_model();
    row.updated_at = Set(app.now());
    row.version = Set(staff.version + 1);
    row
}

async fn record(
    app: &App,
    tx: &impl ConnectionTrait,
    (caller, operation): (&Caller, Operation),
    before: Option<&Staff>,
    after: &Staff,
) -> Result<()> {
    let (before, after) = (before.map(shown), shown(after));
    let target = after["id"].as_str().unwrap_or_default().to_owned();
    audit::record(app, tx, caller, Act { operation, target, before: before.as_ref(), after: Some(&after) }).await
}

/// An account as the audit log shows it.
fn shown(staff: &Staff) -> Value {
    json!({
        "id": staff.id,
        "name": staff.name,
        "role": staff.role,
        "enabled": staff.enabled,
        "totp": staff.has_totp(),
        "version": staff.version,
    })
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
