//! What is done to an account: asked about on a page of its own, which is a dialog where scripts run, and then done.
//!
//! `GET|POST /admin/staff/{id}/{role|suspension|reinstatement|password|authenticator|session-end}`, and
//! `/admin/staff/{id}/sessions/{session}` for one session. What touches how somebody gets in asks for the password again.

use axum::extract::Path;
use esign_domain::{
    Error,
    caller::{Operation, Role},
    ids::StaffSessionId,
    staff::{Staff, register, session},
};
use serde::Serialize;

use super::{
    create::{PasswordPage, ROLES},
    member::account,
};
use crate::{
    drawing::Drawing,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Answer, Posted, Refusal, Visit},
};

/// An act, by the noun in its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Act {
    Role,
    Suspension,
    Reinstatement,
    Password,
    Authenticator,
    SessionEnd,
    OneSession,
}

impl Act {
    fn of(noun: &str) -> Result<Self, Error> {
        Ok(match noun {
            "role" => Self::Role,
            "suspension" => Self::Suspension,
            "reinstatement" => Self::Reinstatement,
            "password" => Self::Password,
            "authenticator" => Self::Authenticator,
            "session-end" => Self::SessionEnd,
            _ => return Err(Error::NotFound),
        })
    }

    fn operation(self) -> Operation {
        match self {
            Self::Role => Operation::SetStaffRole,
            Self::Suspension | Self::Reinstatement => Operation::SetStaffEnabled,
            Self::Password => Operation::ResetStaffPassword,
            Self::Authenticator => Operation::ResetStaffTotp,
            Self::SessionEnd | Self::OneSession => Operation::EndStaffSessions,
        }
    }

    /// Ending sessions takes nothing away that its owner can't have back: it asks for no proof.
    fn needs_proof(self) -> bool {
        !matches!(self, Self::SessionEnd | Self::OneSession)
    }

    fn done(self) -> &'static str {
        match self {
            Self::Role => "done-staff-role",
            Self::Suspension => "done-staff-suspension",
            Self::Reinstatement => "done-staff-reinstatement",
            Self::Password => "done-staff-password",
            Self::Authenticator => "done-staff-authenticator",
            Self::SessionEnd => "done-staff-session-end",
            Self::OneSession => "done-staff-one-session",
        }
    }
}

/// The question.
#[derive(Debug, Clone, Serialize)]
pub struct ActPage {
    id: String,
    name: String,
    act: Act,
    /// Where the form goes.
    to: String,
    role: String,
    roles: [&'static str; 3],
    version: i32,
    problems: Problems,
}

impl Page for ActPage {
    const TEMPLATE: &'static str = "staff/act.html";
    const TITLE: &'static str = "staff-act-title";
    const PLACE: Place = Place::Staff;
}

/// `GET /admin/staff/{id}/{act}`.
pub async fn ask(visit: Visit, Path((id, noun)): Path<(String, String)>) -> Answer {
    let act = Act::of(&noun)?;
    let member = open(&visit, &id, act).await?;
    visit.page(&page(&visit, &member, act, Problems::default()))
}

/// `POST /admin/staff/{id}/{act}`.
pub async fn perform(visit: Visit, Path((id, noun)): Path<(String, String)>, Posted(form): Posted) -> Answer {
    let act = Act::of(&noun)?;
    let member = open(&visit, &id, act).await?;
    let (app, caller) = (visit.app(), visit.caller());
    // What was seen is what is changed: a form without a version is of no version there is.
    let version = form.parsed("version").unwrap_or_default();
    let done = match act {
        Act::Role => match form.text("role").parse::<Role>() {
            Ok(role) => register::set_role(app, caller, member.id, version, role).await.map(drop),
            Err(error) => Err(error),
        },
        Act::Suspension => register::set_enabled(app, caller, member.id, version, false).await.map(drop),
        Act::Reinstatement => register::set_enabled(app, caller, member.id, version, true).await.map(drop),
        Act::Password => {
            let made = register::reset_password(app, caller, &member.name, None).await?;
            return visit.page(&PasswordPage::of(&made, false));
        }
        Act::Authenticator => register::reset_totp(app, caller, &member.name).await.map(drop),
        Act::SessionEnd | Act::OneSession => session::end_all_of(app, caller, member.id).await.map(drop),
    };
    match done {
        Ok(()) => visit.onward(&format!("/admin/staff/{}", member.id), Some(act.done())),
        Err(error) => {
            let problems = Problems::of(&visit, error)?.joined();
            visit.again(&page(&visit, &member, act, problems))
        }
    }
}

/// `GET /admin/staff/{id}/sessions/{session}`.
pub async fn ask_session(visit: Visit, Path((id, _)): Path<(String, String)>) -> Answer {
    let member = open(&visit, &id, Act::OneSession).await?;
    visit.page(&page(&visit, &member, Act::OneSession, Problems::default()))
}

/// `POST /admin/staff/{id}/sessions/{session}`.
pub async fn end_session(visit: Visit, Path((id, one)): Path<(String, String)>, Posted(_): Posted) -> Answer {
    let member = open(&visit, &id, Act::OneSession).await?;
    let one: StaffSessionId = one.parse().map_err(|_| Error::NotFound)?;
    session::end_one(visit.app(), visit.caller(), one).await?;
    visit.onward(&format!("/admin/staff/{}", member.id), Some(Act::OneSession.done()))
}

async fn open(visit: &Visit, id: &str, act: Act) -> Result<Staff, Refusal> {
    visit.caller().require(act.operation())?;
    if act.needs_proof() {
        visit.require_fresh(&format!("/admin/staff/{id}"))?;
    }
    account(visit, id).await
}

fn page(visit: &Visit, member: &Staff, act: Act, problems: Problems) -> ActPage {
    ActPage {
        id: member.id.to_string(),
        name: member.name.clone(),
        act,
        to: visit.path().to_owned(),
        role: member.role.clone(),
        roles: ROLES,
        version: member.version,
        problems,
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let page = |act| ActPage {
        id: "staff_1".into(),
        name: "li.wei".into(),
        act,
        to: "/admin/staff/staff_1/role".into(),
        role: "operator".into(),
        roles: ROLES,
        version: 3,
        problems: Problems::default(),
    };
    let last = ActPage { problems: Problems::whole("这是最后一个管理员".into()), ..page(Act::Suspension) };
    vec![
        Drawing::new("staff-role", page(Act::Role)),
        Drawing::new("staff-suspension", page(Act::Suspension)),
        Drawing::new("staff-suspension-last", last),
        Drawing::new("staff-reinstatement", page(Act::Reinstatement)),
        Drawing::new("staff-reset", page(Act::Password)),
        Drawing::new("staff-authenticator", page(Act::Authenticator)),
        Drawing::new("staff-session-end", page(Act::SessionEnd)),
        Drawing::new("staff-one-session", page(Act::OneSession)),
    ]
}
