//! `GET /admin/staff/{id}`: one account.

use axum::{extract::Path, response::Response};
use esign_domain::{
    Error,
    ids::StaffId,
    staff::{Staff, recovery, register, session},
};
use serde::Serialize;

use super::session::SessionRow;
use crate::{
    drawing::Drawing,
    moment::Moment,
    nav::Place,
    page::Page,
    visit::{Refusal, Visit},
};

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct MemberPage {
    id: String,
    name: String,
    role: String,
    enabled: bool,
    /// Since when a code is asked for.
    totp: Option<Moment>,
    recovery_left: u64,
    made: Moment,
    changed: Moment,
    sessions: Vec<SessionRow>,
    /// Where a session's own address begins.
    sessions_at: String,
    /// Whether it is the reader's own account.
    own: bool,
}

impl Page for MemberPage {
    const TEMPLATE: &'static str = "staff/member.html";
    const TITLE: &'static str = "staff-member-title";
    const PLACE: Place = Place::Staff;
}

/// The account that an address names.
pub(super) async fn account(visit: &Visit, id: &str) -> Result<Staff, Refusal> {
    let id: StaffId = id.parse().map_err(|_| Error::NotFound)?;
    Ok(register::by_id(visit.app(), visit.caller(), id).await?.ok_or(Error::NotFound)?)
}

/// `GET /admin/staff/{id}`.
pub async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Refusal> {
    let member = account(&visit, &id).await?;
    let (app, caller) = (visit.app(), visit.caller());
    let sessions = session::list_of(app, caller, member.id).await?;
    let recovery_left = recovery::left(app, caller, member.id).await?;
    let moment = |at| Moment::of(visit.language(), at, app.now());
    visit.page(&MemberPage {
        id: member.id.to_string(),
        enabled: member.enabled,
        totp: member.totp_confirmed_at.map(moment),
        recovery_left,
        made: moment(member.created_at),
        changed: moment(member.updated_at),
        sessions: sessions.into_iter().map(|row| SessionRow::of(&visit, row)).collect(),
        sessions_at: format!("/admin/staff/{}/sessions", member.id),
        own: member.id == visit.session().staff.id,
        name: member.name,
        role: member.role,
    })
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let moment = || Moment { short: "11-18 14:20".into(), full: "2026-11-18T14:20:00+08:00".into() };
    let page = || MemberPage {
        id: "staff_1".into(),
        name: "li.wei".into(),
        role: "operator".into(),
        enabled: true,
        totp: Some(moment()),
        recovery_left: 8,
        made: moment(),
        changed: moment(),
        sessions: vec![SessionRow::sample("Chrome · Windows", false), SessionRow::sample("Safari · iPhone", false)],
        sessions_at: "/admin/staff/staff_1/sessions".into(),
        own: false,
    };
    let closed = MemberPage { enabled: false, totp: None, sessions: Vec::new(), ..page() };
    let own = MemberPage { own: true, role: "admin".into(), ..page() };
    vec![
        Drawing::new("staff-member", page()),
        Drawing::new("staff-member-closed", closed),
        Drawing::new("staff-member-own", own),
    ]
}
