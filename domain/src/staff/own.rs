//! One's own account: showing again who one is, and another password.

use esign_config::Secret;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{
    Staff,
    entity::staff::{Column, Entity},
    guess::{self, Try},
    password,
    session::{self, Session, Stage},
    sign_in::{locked, refuse, take_code, wrong_code},
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
    let (counted, tx, staff) = with_password(app, &session, "oldPassword", old).await?;
    counted.take_back(&tx).await?;
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash.0))
        .col_expr(Column::UpdatedAt, Expr::value(app.now()))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(staff.id))
        .exec(&tx)
        .await?;
    let ended = session::end_all(app, &tx, staff.id, Some(session.id)).await?;
    let after = json!({"sessionsEnded": ended});
    let act =
        Act { operation: Operation::ChangePassword, target: staff.id.to_string(), before: None, after: Some(&after) };
    audit::record(app, &tx, &session.member()?, act).await?;
    app.commit(tx).await
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
