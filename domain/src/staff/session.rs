//! Sessions: what a browser's token is worth now.
//!
//! A token is 256 random bits; the database has its hash alone. Whatever an account is now decides, not what it was when
//! somebody signed in: who was disabled is out with the next request, and a role that changed is the new one.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use esign_config::Secret;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use serde_json::json;

use super::{
    Staff,
    entity::{
        TokenHash, staff,
        staff_session::{ActiveModel, Column, Entity},
    },
};
pub use super::{
    entity::{EndReason, Stage, staff_session::Model as Row},
    own::prove_again,
};
use crate::{
    app::App,
    audit::{self, Act},
    caller::{Caller, Operation},
    error::{Error, Result},
    ids::{StaffId, StaffSessionId},
    vault,
};

/// For so long after they showed who they are, somebody may do what asks for it.
pub const FRESH: TimeDelta = TimeDelta::minutes(5);
/// The last request is noted this often.
const TOUCHED_EVERY: TimeDelta = TimeDelta::minutes(1);
/// Sessions are kept so long after their end.
const KEPT: TimeDelta = TimeDelta::days(90);
/// As much of a browser's name as is kept.
const AGENT_CHARACTERS: usize = 200;

/// A member of staff at one browser.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: StaffSessionId,
    /// Whose, as the account is now.
    pub staff: Staff,
    /// How far the sign-in has come.
    pub stage: Stage,
    /// What a form must bring along besides the cookie. It comes of the token: whoever lacks one lacks the other.
    pub csrf: Secret,
    /// When the password was right.
    pub created_at: DateTime<Utc>,
    /// The last request, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// When they last showed who they are.
    pub proven_at: DateTime<Utc>,
    /// When it ends in any case.
    pub expires_at: DateTime<Utc>,
    /// The address of the sign-in, where the door knew one.
    pub ip: Option<IpAddr>,
    pub(super) pending_totp: Option<Vec<u8>>,
}

impl Session {
    /// Who acts; `UNAUTHENTICATED` until the sign-in is whole.
    pub fn caller(&self, from: Option<IpAddr>) -> Result<Caller> {
        if self.stage == Stage::Full { Ok(self.staff.caller()?.at(from)) } else { Err(Error::Unauthenticated) }
    }

    /// Whether they showed who they are a moment ago.
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        self.stage == Stage::Full && now - self.proven_at < FRESH
    }

    /// Whether a code is asked for besides the password.
    pub fn has_totp(&self) -> bool {
        self.staff.has_totp()
    }

    /// Refuses what must be theirs beyond doubt: an unlocked screen is not enough.
    pub(super) fn require_fresh(&self, now: DateTime<Utc>) -> Result<()> {
        if self.stage != Stage::Full {
            return Err(Error::Unauthenticated);
        }
        self.is_fresh(now).then_some(()).ok_or(Error::StateConflict { status: "PROOF_NEEDED".into() })
    }

    /// Who acts, at whatever stage: for the audit log.
    pub(super) fn member(&self) -> Result<Caller> {
        Ok(self.staff.caller()?.at(self.ip))
    }
}

/// The session of this token, if it is good now; notes that it was seen.
pub async fn find(app: &App, token: &Secret) -> Result<Option<Session>> {
    let now = app.now();
    let Some(session) = live(app, app.db.read(), token, now).await? else { return Ok(None) };
    if now - session.last_seen_at >= TOUCHED_EVERY {
        Entity::update_many()
            .col_expr(Column::LastSeenAt, Expr::value(now))
            .filter(Column::Id.eq(session.id))
            .exec(app.db.write())
            .await?;
    }
    Ok(Some(session))
}

/// The session of this token at a stage; `UNAUTHENTICATED` when there is none.
pub(super) async fn at_stage(app: &App, token: &Secret, stages: &[Stage]) -> Result<Session> {
    let session = live(app, app.db.read(), token, app.now()).await?;
    session.filter(|session| stages.contains(&session.stage)).ok_or(Error::Unauthenticated)
}

async fn live(app: &App, db: &impl ConnectionTrait, token: &Secret, now: DateTime<Utc>) -> Result<Option<Session>> {
    let row = Entity::find().filter(Column::TokenHash.eq(hash(token))).filter(is_live(app, now)).one(db).await?;
    let Some(row) = row else { return Ok(None) };
    let staff = staff::Entity::find_by_id(row.staff_id).one(db).await?;
    Ok(staff.filter(|staff| staff.enabled).map(|staff| of_row(row, staff, token)))
}

fn is_live(app: &App, now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(Column::EndedAt.is_null())
        .add(Column::ExpiresAt.gt(now))
        .add(Column::LastSeenAt.gt(now - TimeDelta::seconds(app.settings.staff.idle_seconds)))
}

fn of_row(row: Row, staff: Staff, token: &Secret) -> Session {
    Session {
        id: row.id,
        staff,
        stage: row.stage,
        csrf: Secret::new(vault::hmac_hex(token.expose().as_bytes(), b"csrf")),
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        proven_at: row.proven_at,
        expires_at: row.expires_at,
        ip: row.ip.and_then(|ip| ip.parse().ok()),
        pending_totp: row.pending_totp,
    }
}

fn hash(token: &Secret) -> TokenHash {
    TokenHash(vault::sha256(token.expose().as_bytes()).to_vec())
}

fn generate(app: &App) -> Secret {
    Secret::new(URL_SAFE_NO_PAD.encode(app.random.bytes::<32>()))
}

fn lasts(app: &App, stage: Stage) -> TimeDelta {
    let limits = &app.settings.staff;
    TimeDelta::seconds(if stage == Stage::Full { limits.session_seconds } else { limits.sign_in_seconds })
}

/// Opens a session; gives its token, which nobody sees again.
pub(super) async fn open(
    app: &App,
    tx: &impl ConnectionTrait,
    (staff, stage): (Staff, Stage),
    (from, agent): (Option<IpAddr>, &str),
) -> Result<(Secret, Session)> {
    let (now, token) = (app.now(), generate(app));
    Entity::delete_many().filter(Column::ExpiresAt.lt(now - KEPT)).exec(tx).await?;
    let row = ActiveModel {
        id: Set(app.id()),
        staff_id: Set(staff.id),
        token_hash: Set(hash(&token)),
        stage: Set(stage),
        pending_totp: Set(None),
        created_at: Set(now),
        last_seen_at: Set(now),
        expires_at: Set(now + lasts(app, stage)),
        proven_at: Set(now),
        ip: Set(from.map(|address| address.to_string())),
        agent: Set(agent.chars().filter(|c| !c.is_control()).take(AGENT_CHARACTERS).collect()),
        ended_at: Set(None),
        end_reason: Set(None),
    };
    let row = row.insert(tx).await?;
    let session = of_row(row, staff, &token);
    Ok((token, session))
}

/// Brings a session on to a later stage, under a new token: whoever had the old one has nothing.
pub(super) async fn go_on(
    app: &App,
    tx: &impl ConnectionTrait,
    (session, stage): (Session, Stage),
    old: &Secret,
) -> Result<(Secret, Session)> {
    let (now, token) = (app.now(), generate(app));
    let change = ActiveModel {
        token_hash: Set(hash(&token)),
        stage: Set(stage),
        pending_totp: Set(None),
        last_seen_at: Set(now),
        expires_at: Set(session.created_at + lasts(app, stage)),
        proven_at: Set(now),
        ..Default::default()
    };
    let changed = Entity::update_many()
        .set(change)
        .filter(Column::TokenHash.eq(hash(old)))
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    if changed.rows_affected == 0 {
        return Err(Error::Unauthenticated);
    }
    let row = Entity::find_by_id(session.id).one(tx).await?.ok_or(Error::Unauthenticated)?;
    let session = of_row(row, session.staff, &token);
    Ok((token, session))
}

/// Writes down that they showed who they are.
pub(super) async fn proven(tx: &impl ConnectionTrait, id: StaffSessionId, now: DateTime<Utc>) -> Result<()> {
    Entity::update_many().col_expr(Column::ProvenAt, Expr::value(now)).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Keeps the sealed secret of a TOTP that is being set up in a session.
pub(super) async fn keep_pending_totp(app: &App, id: StaffSessionId, sealed: Vec<u8>) -> Result<()> {
    let query = Entity::update_many().col_expr(Column::PendingTotp, Expr::value(sealed)).filter(Column::Id.eq(id));
    query.exec(app.db.write()).await?;
    Ok(())
}

/// Signs out: ends the session of this token, if there is one.
pub async fn end(app: &App, caller: &Caller, token: &Secret) -> Result<()> {
    let Some(session) = live(app, app.db.read(), token, app.now()).await? else { return Ok(()) };
    let tx = app.write_tx().await?;
    let this = Condition::all().add(Column::Id.eq(session.id));
    if end_where(app, &tx, this, EndReason::SignedOut).await? > 0 {
        let ended = json!({"session": session.id});
        let act = Act {
            operation: Operation::SignOut,
            target: session.staff.id.to_string(),
            before: None,
            after: Some(&ended),
        };
        audit::record(app, &tx, caller, act).await?;
    }
    app.commit(tx).await
}

/// Ends one session: one's own, or, as an admin, anybody's.
pub async fn end_one(app: &App, caller: &Caller, id: StaffSessionId) -> Result<()> {
    caller.require(Operation::EndSession)?;
    let tx = app.write_tx().await?;
    let row = Entity::find_by_id(id).one(&tx).await?;
    if !row.as_ref().is_some_and(|row| is_own(caller, row.staff_id)) {
        caller.require(Operation::EndStaffSessions)?;
    }
    let row = row.ok_or(Error::NotFound)?;
    if end_where(app, &tx, Condition::all().add(Column::Id.eq(id)), EndReason::Ended).await? == 0 {
        return Err(Error::NotFound);
    }
    let ended = json!({"session": id});
    let act =
        Act { operation: Operation::EndSession, target: row.staff_id.to_string(), before: None, after: Some(&ended) };
    audit::record(app, &tx, caller, act).await?;
    app.commit(tx).await
}

/// Ends every session of an account; gives how many there were. One's own, or, as an admin, anybody's.
pub async fn end_all_of(app: &App, caller: &Caller, id: StaffId) -> Result<u64> {
    require_own_or_admin(caller, id, Operation::EndSession)?;
    let tx = app.write_tx().await?;
    let ended = end_all(app, &tx, id, None).await?;
    let after = json!({"sessions": ended});
    let act = Act { operation: Operation::EndStaffSessions, target: id.to_string(), before: None, after: Some(&after) };
    audit::record(app, &tx, caller, act).await?;
    app.commit(tx).await?;
    Ok(ended)
}

/// The sessions of an account that are good now, the newest first. One's own, or, as an admin, anybody's.
pub async fn list_of(app: &App, caller: &Caller, id: StaffId) -> Result<Vec<Row>> {
    require_own_or_admin(caller, id, Operation::EndSession)?;
    let query = Entity::find().filter(Column::StaffId.eq(id)).filter(is_live(app, app.now()));
    let query = query.filter(Column::Stage.eq(Stage::Full)).order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
    Ok(query.all(app.db.read()).await?)
}

fn require_own_or_admin(caller: &Caller, id: StaffId, own: Operation) -> Result<()> {
    caller.require(if is_own(caller, id) { own } else { Operation::EndStaffSessions })
}

fn is_own(caller: &Caller, id: StaffId) -> bool {
    matches!(caller, Caller::Staff { id: own, .. } if *own == id)
}

/// Ends the sessions of an account, but for one, because the account is not what it was.
pub(super) async fn end_all(
    app: &App,
    tx: &impl ConnectionTrait,
    id: StaffId,
    but: Option<StaffSessionId>,
) -> Result<u64> {
    let all = Condition::all().add(Column::StaffId.eq(id)).add_option(but.map(|but| Column::Id.ne(but)));
    end_where(app, tx, all, EndReason::AccountChanged).await
}

async fn end_where(app: &App, tx: &impl ConnectionTrait, which: Condition, why: EndReason) -> Result<u64> {
    let change = ActiveModel { ended_at: Set(Some(app.now())), end_reason: Set(Some(why)), ..Default::default() };
    let ended = Entity::update_many().set(change).filter(which).filter(Column::EndedAt.is_null()).exec(tx).await?;
    Ok(ended.rows_affected)
}
