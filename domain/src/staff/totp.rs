//! The TOTP of an account: setting it up, its recovery codes, taking it away.
//!
//! A secret becomes the account's only when a code of it was right: until then it belongs to the session in which it is
//! being set up, so that nobody else's is ever confirmed.

use esign_config::Secret;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::{
    Staff, guess, one_time, qr, recovery,
    session::{self, Session, Stage},
    sign_in::{Signed, locked, next_stage, refuse, wrong_code},
};
use crate::{
    app::App,
    audit::{self, Act},
    caller::Operation,
    error::{Error, Result},
    ids::{StaffId, StaffSessionId},
};

/// What an authenticator app is told.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The secret as it is typed.
    pub secret: Secret,
    /// All of it as an address.
    pub uri: String,
    /// The address as a QR code.
    pub qr_svg: String,
}

fn place(id: StaffId) -> String {
    format!("staff.totp_secret:{id}")
}

fn pending_place(id: StaffSessionId) -> String {
    format!("staff_session.pending_totp:{id}")
}

/// Whether an account of this role can't do without.
pub fn is_required(app: &App, staff: &Staff) -> bool {
    app.settings.staff.totp_required.contains(&staff.role)
}

pub(super) fn secret_of(app: &App, staff: &Staff) -> Result<Option<Vec<u8>>> {
    let sealed = staff.totp_secret.as_ref().filter(|_| staff.has_totp());
    sealed.map(|sealed| app.vault.open(&place(staff.id), sealed)).transpose()
}

/// Begins to set a TOTP up; asked again in the same session, gives the same secret again. An account that has one must
/// lose it first: `STATE_CONFLICT`.
pub async fn begin(app: &App, token: &Secret) -> Result<Enrolment> {
    let session = may_set_up(app, token).await?;
    let secret = if let Some(secret) = pending(app, &session)? {
        secret
    } else {
        let secret = app.random.bytes::<{ one_time::SECRET_BYTES }>().to_vec();
        let sealed = app.vault.seal(&app.random, &pending_place(session.id), &secret);
        session::keep_pending_totp(app, session.id, sealed).await?;
        secret
    };
    let uri = one_time::uri_of(&secret, &session.staff.name);
    Ok(Enrolment { secret: Secret::new(one_time::text_of(&secret)), qr_svg: qr::svg(&uri)?, uri })
}

/// Ends setting it up with a code of it. Gives the session under a new token and ten recovery codes,
/// shown this once. One's other sessions end.
pub async fn confirm(app: &App, token: &Secret, code: &str) -> Result<(Signed, Vec<Secret>)> {
    let session = may_set_up(app, token).await?;
    let secret = pending(app, &session)?.ok_or(Error::StateConflict { status: "TOTP_NOT_BEGUN".into() })?;
    let counted = guess::count(app, &session.staff.name).await?;
    let now = app.now();
    let step = one_time::step_of(&secret, code.trim(), now);
    let tx = app.write_tx().await?;
    let staff = locked(&tx, session.staff.id).await?.filter(|staff| staff.enabled).ok_or(Error::Unauthenticated)?;
    let Some(step) = step else {
        refuse(app, tx, (session.ip, Some(staff.id)), ("WRONG_CODE", &counted)).await?;
        return Err(wrong_code());
    };
    refuse_second(&staff)?;
    counted.forget(&tx).await?;
    let sealed = app.vault.seal(&app.random, &place(staff.id), &secret);
    let staff = set(app, &tx, staff, Some((sealed, step))).await?;
    let codes = recovery::renew(app, &tx, staff.id).await?;
    session::end_all(app, &tx, staff.id, Some(session.id)).await?;
    let stage = next_stage(app, &staff);
    let (token, session) = session::go_on(app, &tx, (Session { staff, ..session }, stage), token).await?;
    record(app, &tx, (&session, Operation::SetUpTotp), json!({"session": session.id})).await?;
    app.commit(tx).await?;
    Ok((Signed { token, session, recovery_left: None }, codes))
}

/// Puts ten new recovery codes in the place of the old ones; shown this once.
pub async fn renew_recovery_codes(app: &App, token: &Secret) -> Result<Vec<Secret>> {
    let session = with_totp(app, token).await?;
    let tx = app.write_tx().await?;
    let codes = recovery::renew(app, &tx, session.staff.id).await?;
    record(app, &tx, (&session, Operation::RenewRecoveryCodes), json!({"codes": codes.len()})).await?;
    app.commit(tx).await?;
    Ok(codes)
}

/// Takes one's own TOTP away, and its recovery codes. Refused where the role can't do without.
pub async fn remove(app: &App, token: &Secret) -> Result<()> {
    let session = with_totp(app, token).await?;
    if is_required(app, &session.staff) {
        return Err(Error::StateConflict { status: "TOTP_REQUIRED".into() });
    }
    let tx = app.write_tx().await?;
    let staff = locked(&tx, session.staff.id).await?.ok_or(Error::Unauthenticated)?;
    let ended = take_away(app, &tx, staff, Some(session.id)).await?;
    record(app, &tx, (&session, Operation::RemoveTotp), json!({"sessionsEnded": ended})).await?;
    app.commit(tx).await
}

/// Takes the TOTP of an account away; ends its sessions, but for one.
pub(super) async fn take_away(
    app: &App,
    tx: &impl ConnectionTrait,
    staff: Staff,
    but: Option<StaffSessionId>,
) -> Result<u64> {
    let id = staff.id;
    set(app, tx, staff, None).await?;
    recovery::remove(tx, id).await?;
    session::end_all(app, tx, id, but).await
}

async fn set(app: &App, tx: &impl ConnectionTrait, staff: Staff, totp: Option<(Vec<u8>, i64)>) -> Result<Staff> {
    let (now, version) = (app.now(), staff.version);
    let mut row = staff.into_active_model();
    let (sealed, step) = totp.unzip();
    row.totp_confirmed_at = Set(sealed.as_ref().map(|_| now));
    row.totp_secret = Set(sealed);
    row.totp_step = Set(step);
    row.updated_at = Set(now);
    row.version = Set(version + 1);
    Ok(row.update(tx).await?)
}

fn pending(app: &App, session: &Session) -> Result<Option<Vec<u8>>> {
    session.pending_totp.as_ref().map(|sealed| app.vault.open(&pending_place(session.id), sealed)).transpose()
}

/// Whoever was let in only to set one up, or has just shown who they are.
async fn may_set_up(app: &App, token: &Secret) -> Result<Session> {
    let session = session::at_stage(app, token, &[Stage::Enrol, Stage::Full]).await?;
    if session.stage == Stage::Full {
        session.require_fresh(app.now())?;
    }
    refuse_second(&session.staff)?;
    Ok(session)
}

async fn with_totp(app: &App, token: &Secret) -> Result<Session> {
    let session = session::at_stage(app, token, &[Stage::Full]).await?;
    session.require_fresh(app.now())?;
    if session.staff.has_totp() { Ok(session) } else { Err(Error::StateConflict { status: "TOTP_OFF".into() }) }
}

fn refuse_second(staff: &Staff) -> Result<()> {
    if staff.has_totp() { Err(Error::StateConflict { status: "TOTP_ON".into() }) } else { Ok(()) }
}

async fn record(
    app: &App,
    tx: &impl ConnectionTrait,
    (session, operation): (&Session, Operation),
    after: Value,
) -> Result<()> {
    let act = Act { operation, target: session.staff.id.to_string(), before: None, after: Some(&after) };
    audit::record(app, tx, &session.member()?, act).await
}
