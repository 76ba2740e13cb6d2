//! One's own account: showing again who one is, and another password.

use esign_config::Secret;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr,
};
use serde_json::json;

use super::{
    Staff,
    entity::{
        PasswordHash,
        staff::{Column, Entity},
    },
    guess::{self, Try},
    password,
    session::{self, Session, Stage},
    sign_in::{Signed, locked, next_stage, refuse, take_code, welcome, wrong_code},
};
use crate::{
    app::App,
    audit::{self, Act},
    caller::Operation,
    error::{Error, Result},
};

/// Shows again who one is, before something that asks for it: the password, and a code where the account has a TOTP.
/// What is wrong is an `INVALID_ARGUMENT` of `password` or `code`, and counts like a wrong sign-in.
pub async fn prove_again(app: &App, token: &Secret, password: &Secret, code: Option<&str>) -> Result<()> {
    let session = session::at_stage(app, token, &[Stage::Full]).await?;
    let (counted, tx, staff) = with_password(app, &session, "password", password).await?;
    if staff.has_totp() && take_code(app, &tx, &staff, code.unwrap_or_default()).await?.is_none() {
        refuse(app, tx, (session.ip, Some(staff.id)), ("WRONG_CODE", &counted)).await?;
        return Err(wrong_code());
    }
    counted.forget(&tx).await?;
    session::proven(&tx, session.id, app.now()).await?;
    let shown = json!({"session": session.id});
    let act = Act { operation: Operation::ProveAgain, target: staff.id.to_string(), before: None, after: Some(&shown) };
    audit::record(app, &tx, &session.member()?, act).await?;
    app.commit(tx).await
}

/// Gives one's own account another password. One's other sessions end.
pub async fn change_password(app: &App, token: &Secret, old: &Secret, new: &Secret) -> Result<()> {
    let session = session::at_stage(app, token, &[Stage::Full]).await?;
    password::check(new)?;
    let hash = password::hash(&app.random, new).await?;
    let (counted, tx, _) = with_password(app, &session, "oldPassword", old).await?;
    counted.take_back(&tx).await?;
    set_password(app, &tx, &session, hash).await?;
    app.commit(tx).await
}

/// The step of signing in at which a password that somebody else knows gives way to one of their own. Gives the session
/// under a new token. The old one again is an `INVALID_ARGUMENT` of `password`.
pub async fn choose_password(app: &App, token: &Secret, new: &Secret) -> Result<Signed> {
    let session = session::at_stage(app, token, &[Stage::Password]).await?;
    password::check(new)?;
    if password::matches(new, &session.staff.password_hash).await? {
        return Err(Error::field("password", "is the one that somebody else knows"));
    }
    let hash = password::hash(&app.random, new).await?;
    let tx = app.write_tx().await?;
    let staff = locked(&tx, session.staff.id).await?.filter(|staff| staff.enabled && staff.password_given);
    let staff = Staff { password_given: false, ..staff.ok_or(Error::Unauthenticated)? };
    set_password(app, &tx, &session, hash).await?;
    let stage = next_stage(app, &staff);
    let (token, session) = session::go_on(app, &tx, (Session { staff, ..session }, stage), token).await?;
    if stage == Stage::Full && !session.has_totp() {
        welcome(app, &tx, &session, "PASSWORD").await?;
    }
    app.commit(tx).await?;
    Ok(Signed { token, session, recovery_left: None })
}

/// Sets the password of who sits at a session, and ends their other sessions.
async fn set_password(app: &App, tx: &impl ConnectionTrait, session: &Session, hash: PasswordHash) -> Result<()> {
    let id = session.staff.id;
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash.0))
        .col_expr(Column::PasswordGiven, Expr::value(false))
        .col_expr(Column::UpdatedAt, Expr::value(app.now()))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    let ended = session::end_all(app, tx, id, Some(session.id)).await?;
    let after = json!({"sessionsEnded": ended});
    let act = Act { operation: Operation::ChangePassword, target: id.to_string(), before: None, after: Some(&after) };
    audit::record(app, tx, &session.member()?, act).await
}

/// Judges the password of whoever sits at a session; gives the account, held, and the try to be settled.
async fn with_password(
    app: &App,
    session: &Session,
    field: &str,
    shown: &Secret,
) -> Result<(Try, DatabaseTransaction, Staff)> {
    let counted = guess::count(app, &session.staff.name).await?;
    let right = password::matches(shown, &session.staff.password_hash).await?;
    let tx = app.write_tx().await?;
    let staff = locked(&tx, session.staff.id).await?.ok_or(Error::Unauthenticated)?;
    if !right || staff.password_hash != session.staff.password_hash {
        refuse(app, tx, (session.ip, Some(staff.id)), ("WRONG_PASSWORD", &counted)).await?;
        return Err(Error::field(field, "is not the password of this account"));
    }
    Ok((counted, tx, staff))
}
