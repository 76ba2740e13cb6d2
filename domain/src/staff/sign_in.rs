//! Signing in: the password, and then, where the account has a TOTP, a code.

use std::net::IpAddr;

use esign_config::Secret;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr,
};
use serde_json::json;

use super::{
    Staff,
    entity::staff::{Column, Entity},
    guess::{self, Try},
    one_time, password, recovery,
    session::{self, Session, Stage},
    totp,
};
use crate::{
    app::App,
    audit::{self, Act},
    caller::Operation,
    error::{Error, Result},
    ids::StaffId,
};

/// Somebody's try to sign in.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The name they typed.
    pub name: &'a str,
    /// The password they typed.
    pub password: &'a Secret,
    /// From where, where the door knows it.
    pub from: Option<IpAddr>,
    /// What the browser calls itself.
    pub agent: &'a str,
}

/// A session and the token that opens it.
#[derive(Debug, Clone)]
pub struct Signed {
    /// For the browser's cookie; shown this once.
    pub token: Secret,
    /// The session.
    pub session: Session,
    /// How many recovery codes are left, where one was just used.
    pub recovery_left: Option<u64>,
}

/// The first step. `UNAUTHENTICATED` whether nobody has that name, the account is disabled or the password wrong: each
/// takes the same time, and each locks the name in the end; `RATE_LIMITED` while it is locked, whatever the password.
pub async fn with_password(app: &App, attempt: Attempt<'_>) -> Result<Signed> {
    let counted = guess::count(app, attempt.name).await?;
    let known = Entity::find().filter(Column::Name.eq(attempt.name)).one(app.db.read()).await?;
    let right = match &known {
        Some(staff) => password::matches(attempt.password, &staff.password_hash).await?,
        None => password::hash(&app.random, attempt.password).await.map(|_| false)?,
    };
    let tx = app.write_tx().await?;
    let now_known = match &known {
        Some(staff) if right => locked(&tx, staff.id).await?,
        _ => None,
    };
    // What was compared with is still what the account has.
    let still =
        |staff: &Staff| staff.enabled && known.as_ref().is_some_and(|known| known.password_hash == staff.password_hash);
    let Some(staff) = now_known.filter(still) else {
        let why = why_refused(known.as_ref(), right);
        refuse(app, tx, (attempt.from, known.map(|staff| staff.id)), (why, &counted)).await?;
        return Err(Error::Unauthenticated);
    };
    let first = if staff.has_totp() { Stage::Code } else { next_stage(app, &staff) };
    let (token, session) = session::open(app, &tx, (staff, first), (attempt.from, attempt.agent)).await?;
    if first == Stage::Full {
        counted.forget(&tx).await?;
        welcome(app, &tx, &session, "PASSWORD").await?;
    } else {
        counted.take_back(&tx).await?;
    }
    app.commit(tx).await?;
    Ok(Signed { token, session, recovery_left: None })
}

/// What stands between somebody who has shown who they are and the console.
pub(super) fn next_stage(app: &App, staff: &Staff) -> Stage {
    if staff.password_given {
        Stage::Password
    } else if totp::is_required(app, staff) && !staff.has_totp() {
        Stage::Enrol
    } else {
        Stage::Full
    }
}

/// The second step: a TOTP code or a recovery code. The session gets another token. A wrong code is an
/// `INVALID_ARGUMENT` of `code`, and counts like a wrong password.
pub async fn with_code(app: &App, token: &Secret, code: &str) -> Result<Signed> {
    let session = session::at_stage(app, token, &[Stage::Code]).await?;
    let counted = guess::count(app, &session.staff.name).await?;
    let tx = app.write_tx().await?;
    let staff = locked(&tx, session.staff.id).await?.filter(|staff| staff.enabled).ok_or(Error::Unauthenticated)?;
    let Some(means) = take_code(app, &tx, &staff, code).await? else {
        refuse(app, tx, (session.ip, Some(staff.id)), ("WRONG_CODE", &counted)).await?;
        return Err(wrong_code());
    };
    counted.forget(&tx).await?;
    let stage = next_stage(app, &staff);
    let (token, session) = session::go_on(app, &tx, (Session { staff, ..session }, stage), token).await?;
    welcome(app, &tx, &session, means.name()).await?;
    app.commit(tx).await?;
    Ok(Signed { token, session, recovery_left: means.recovery_left() })
}

/// What a code turned out to be.
pub(super) enum Means {
    Totp,
    RecoveryCode { left: u64 },
}

impl Means {
    fn name(&self) -> &'static str {
        match self {
            Self::Totp => "TOTP",
            Self::RecoveryCode { .. } => "RECOVERY_CODE",
        }
    }

    fn recovery_left(&self) -> Option<u64> {
        match self {
            Self::Totp => None,
            Self::RecoveryCode { left } => Some(*left),
        }
    }
}

/// Takes a code, so that nobody else can; none: it is wrong, or was taken before.
pub(super) async fn take_code(
    app: &App,
    tx: &impl ConnectionTrait,
    staff: &Staff,
    code: &str,
) -> Result<Option<Means>> {
    let now = app.now();
    let code = code.trim();
    if code.len() != 6 {
        let used = recovery::use_up(tx, staff.id, code, now).await?;
        return Ok(if used { Some(Means::RecoveryCode { left: recovery::count(tx, staff.id).await? }) } else { None });
    }
    let Some(secret) = totp::secret_of(app, staff)? else { return Ok(None) };
    let Some(step) = one_time::step_of(&secret, code, now) else { return Ok(None) };
    if staff.totp_step.is_some_and(|last| step <= last) {
        return Ok(None);
    }
    Entity::update_many()
        .col_expr(Column::TotpStep, Expr::value(step))
        .filter(Column::Id.eq(staff.id))
        .exec(tx)
        .await?;
    Ok(Some(Means::Totp))
}

/// The account, held until the transaction ends: what is checked of it stays so.
pub(super) async fn locked(tx: &impl ConnectionTrait, id: StaffId) -> Result<Option<Staff>> {
    Ok(Entity::find_by_id(id).lock_exclusive().one(tx).await?)
}

pub(super) fn wrong_code() -> Error {
    Error::field("code", "is wrong or was used before")
}

pub(super) async fn welcome(app: &App, tx: &impl ConnectionTrait, session: &Session, by: &str) -> Result<()> {
    let after = json!({"outcome": "SIGNED_IN", "by": by, "session": session.id});
    let act =
        Act { operation: Operation::SignIn, target: session.staff.id.to_string(), before: None, after: Some(&after) };
    audit::record(app, tx, &session.member()?, act).await
}

fn why_refused(known: Option<&Staff>, right: bool) -> &'static str {
    match known {
        None => "UNKNOWN_NAME",
        Some(staff) if right && !staff.enabled => "DISABLED",
        Some(_) => "WRONG_PASSWORD",
    }
}

/// Writes a refusal down. Never the name that was typed: somebody may have typed a password there. While a name is locked
/// nothing is written: the entry that tells of the lock stands for all of them.
pub(super) async fn refuse(
    app: &App,
    tx: DatabaseTransaction,
    (from, id): (Option<IpAddr>, Option<StaffId>),
    (why, counted): (&str, &Try),
) -> Result<()> {
    let after = json!({"outcome": "REFUSED", "why": why, "lockedUntil": counted.locks_until});
    let target = id.map_or_else(|| "nobody".to_owned(), |id| id.to_string());
    let act = Act { operation: Operation::SignIn, target, before: None, after: Some(&after) };
    audit::record_somebody(app, &tx, from, act).await?;
    app.commit(tx).await
}
