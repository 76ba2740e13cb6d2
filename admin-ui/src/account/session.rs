//! `GET|POST /admin/account/sessions/{session}`, `POST /admin/account/session-end`: one's own sessions end.

use axum::{extract::Path, http::header};
use esign_domain::{Error, ids::StaffSessionId, staff::session};

use super::authenticator::ask_session;
use crate::{
    answer, cookie,
    drawing::Drawing,
    visit::{Answer, Posted, Visit},
};

/// `GET /admin/account/sessions/{session}`.
pub async fn ask(visit: Visit) -> Answer {
    visit.page(&ask_session(visit.path()))
}

/// `POST /admin/account/sessions/{session}`.
pub async fn end(visit: Visit, Path(id): Path<String>, Posted(_): Posted) -> Answer {
    let id: StaffSessionId = id.parse().map_err(|_| Error::NotFound)?;
    session::end_one(visit.app(), visit.caller(), id).await?;
    visit.onward("/admin/account", Some("done-staff-one-session"))
}

/// `POST /admin/account/session-end`. This one ends, too.
pub async fn end_all(visit: Visit, Posted(_): Posted) -> Answer {
    session::end_all_of(visit.app(), visit.caller(), visit.session().staff.id).await?;
    let mut response = answer::onward("/admin/sign-in?note=out", None);
    if let Some(line) = cookie::forget(&visit.app().settings) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    Ok(response)
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    vec![Drawing::new("account-session", ask_session("/admin/account/sessions/1"))]
}
