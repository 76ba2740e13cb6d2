//! Sessions as rows of a table: on a member's page, and on one's own.

use esign_domain::{ids::StaffSessionId, staff::session::Row};
use serde::Serialize;

use crate::{device::device, moment::Moment, visit::Visit};

/// A line of the table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SessionRow {
    id: String,
    device: String,
    agent: String,
    ip: Option<String>,
    begun: Moment,
    seen: Moment,
    /// Whether it is the one the page is read in.
    here: bool,
}

impl SessionRow {
    pub(crate) fn of(visit: &Visit, row: Row) -> Self {
        let now = visit.app().now();
        let moment = |at| Moment::of(visit.language(), at, now);
        Self {
            id: row.id.to_string(),
            device: device(&row.agent),
            ip: row.ip,
            begun: moment(row.created_at),
            seen: moment(row.last_seen_at),
            here: row.id == visit.session().id,
            agent: row.agent,
        }
    }

    /// One for the gallery.
    pub(crate) fn sample(device: &str, here: bool) -> Self {
        let id: StaffSessionId = "staffsession_018f0000-0000-7000-8000-000000000000".parse().expect("an id");
        Self {
            id: id.to_string(),
            device: device.into(),
            agent: format!("Mozilla/5.0 ({device})"),
            ip: Some("10.20.3.14".into()),
            begun: Moment { short: "09:12:40".into(), full: "2026-11-22T09:12:40+08:00".into() },
            seen: Moment { short: "14:20:31".into(), full: "2026-11-22T14:20:31+08:00".into() },
            here,
        }
    }
}
