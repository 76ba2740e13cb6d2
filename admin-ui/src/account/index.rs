//! `GET /admin/account`: all of it.

use esign_domain::staff::{recovery, session, totp};
use serde::Serialize;

use crate::{
    drawing::Drawing,
    moment::Moment,
    nav::Place,
    page::Page,
    staff::session::SessionRow,
    visit::{Answer, Visit},
};

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct AccountPage {
    name: String,
    role: String,
    /// Since when a code is asked for.
    totp: Option<Moment>,
    /// Whether the role can't do without one.
    totp_required: bool,
    recovery_left: u64,
    /// Whether a recovery code was used to come here.
    recovered: bool,
    sessions: Vec<SessionRow>,
    sessions_at: &'static str,
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "account/index.html";
    const TITLE: &'static str = "nav-account";
    const PLACE: Place = Place::Aside;
}

/// `GET /admin/account`.
pub async fn show(visit: Visit) -> Answer {
    let (app, caller, staff) = (visit.app(), visit.caller(), &visit.session().staff);
    let sessions = session::list_of(app, caller, staff.id).await?;
    visit.page(&AccountPage {
        name: staff.name.clone(),
        role: staff.role.clone(),
        totp: staff.totp_confirmed_at.map(|at| Moment::of(visit.language(), at, app.now())),
        totp_required: totp::is_required(app, staff),
        recovery_left: recovery::left(app, caller, staff.id).await?,
        recovered: visit.query().text("note") == "recovery",
        sessions: sessions.into_iter().map(|row| SessionRow::of(&visit, row)).collect(),
        sessions_at: "/admin/account/sessions",
    })
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let page = || AccountPage {
        name: "lan".into(),
        role: "admin".into(),
        totp: Some(Moment { short: "11-18 14:20".into(), full: "2026-11-18T14:20:00+08:00".into() }),
        totp_required: true,
        recovery_left: 10,
        recovered: false,
        sessions: vec![SessionRow::sample("Chrome · Windows", true), SessionRow::sample("Safari · iPhone", false)],
        sessions_at: "/admin/account/sessions",
    };
    vec![
        Drawing::new("account", page()),
        Drawing::new("account-plain", AccountPage { totp: None, totp_required: false, ..page() }),
        Drawing::new("account-recovered", AccountPage { recovered: true, recovery_left: 2, ..page() }),
    ]
}
