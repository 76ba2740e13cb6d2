//! `GET /admin/staff`: all accounts.

use axum::response::Response;
use esign_domain::staff::{Staff, register};
use serde::Serialize;

use crate::{
    drawing::Drawing,
    moment::Moment,
    nav::Place,
    page::Page,
    visit::{Refusal, Visit},
};

/// The list. It has no pages: a platform has tens of members of staff.
#[derive(Debug, Clone, Serialize)]
pub struct IndexPage {
    staff: Vec<Line>,
    /// How many are open that sign in without a code.
    without_totp: usize,
}

/// A line of the list.
#[derive(Debug, Clone, Serialize)]
struct Line {
    id: String,
    name: String,
    role: String,
    enabled: bool,
    totp: bool,
    made: Moment,
}

impl Page for IndexPage {
    const TEMPLATE: &'static str = "staff/index.html";
    const TITLE: &'static str = "staff-title";
    const PLACE: Place = Place::Staff;
}

/// `GET /admin/staff`.
pub async fn show(visit: Visit) -> Result<Response, Refusal> {
    let now = visit.app().now();
    let line = |member: Staff| Line {
        id: member.id.to_string(),
        enabled: member.enabled,
        totp: member.has_totp(),
        made: Moment::of(visit.language(), member.created_at, now),
        name: member.name,
        role: member.role,
    };
    visit.page(&page(register::list(visit.app(), visit.caller()).await?.into_iter().map(line).collect()))
}

fn page(staff: Vec<Line>) -> IndexPage {
    IndexPage { without_totp: staff.iter().filter(|line| line.enabled && !line.totp).count(), staff }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let line = |name: &str, role: &str, enabled, totp| Line {
        id: format!("staff_{name}"),
        name: name.into(),
        role: role.into(),
        enabled,
        totp,
        made: Moment { short: "11-18 14:20".into(), full: "2026-11-18T14:20:00+08:00".into() },
    };
    let staff = vec![
        line("chen.jing", "auditor", true, false),
        line("lan", "admin", true, true),
        line("li.wei", "operator", true, true),
        line("wang.fang", "operator", false, false),
    ];
    vec![Drawing::new("staff", page(staff))]
}
