//! `GET /admin/audit/{id}`: one entry, what it changed field by field.

use axum::extract::Path;
use esign_domain::{Error, audit, caller::Operation, ids::AuditId};
use esign_web::language::Language;
use serde::Serialize;
use serde_json::json;

use super::{
    action_word,
    difference::{self, Field},
    index::is_refusal,
    target_link,
};
use crate::{
    drawing::Drawing,
    moment::Moment,
    nav::Place,
    page::Page,
    visit::{Answer, Visit},
};

/// The entry.
#[derive(Debug, Clone, Serialize)]
pub struct EntryPage {
    id: String,
    at: Moment,
    actor: String,
    action: String,
    action_name: String,
    refused: bool,
    target: String,
    link: Option<String>,
    ip: Option<String>,
    changed: Vec<Field>,
    same: Vec<Field>,
    /// Whether there was something before, and is something after.
    sides: (bool, bool),
}

impl Page for EntryPage {
    const TEMPLATE: &'static str = "audit/entry.html";
    const TITLE: &'static str = "audit-entry-title";
    const PLACE: Place = Place::Audit;
}

/// `GET /admin/audit/{id}`.
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let id: AuditId = id.parse().map_err(|_| Error::NotFound)?;
    let entry = audit::by_id(visit.app(), visit.caller(), id).await?.ok_or(Error::NotFound)?;
    let link = target_link(&entry.target, visit.may(Operation::Staff));
    let at = Moment::of(visit.language(), entry.at, visit.app().now());
    visit.page(&EntryPage { link, ..page(visit.language(), at, entry) })
}

fn page(language: Language, at: Moment, entry: audit::entity::Model) -> EntryPage {
    let fields = difference::fields(language, entry.before.as_ref(), entry.after.as_ref());
    let (changed, same) = fields.into_iter().partition(|field| field.changed);
    EntryPage {
        id: entry.id.to_string(),
        at,
        action: action_word(language, &entry.action),
        refused: is_refusal(&entry),
        link: target_link(&entry.target, true),
        sides: (entry.before.is_some(), entry.after.is_some()),
        actor: entry.actor,
        action_name: entry.action,
        target: entry.target,
        ip: entry.ip,
        changed,
        same,
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let entry = |action: &str, before, after| audit::entity::Model {
        seq: 1,
        id: "audit_018f0000-0000-7000-8000-000000000000".parse().expect("an id"),
        at: "2026-11-22T06:20:31Z".parse().expect("a time"),
        actor: "staff:lan".into(),
        action: action.into(),
        target: "staff_018f0000-0000-7000-8000-000000000001".into(),
        before,
        after,
        ip: Some("10.20.3.14".into()),
    };
    let draw = |name, entry| {
        let at = Moment { short: "14:20:31".into(), full: "2026-11-22T14:20:31+08:00".into() };
        Drawing::new(name, page(Language::Chinese, at, entry))
    };
    let old = json!({"name": "li.wei", "role": "operator", "enabled": true, "totp": true, "version": 1});
    let new = json!({"name": "li.wei", "role": "auditor", "enabled": true, "totp": true, "version": 2});
    vec![
        draw("audit-entry", entry("setStaffRole", Some(old), Some(new.clone()))),
        draw("audit-entry-made", entry("createStaff", None, Some(new))),
        draw("audit-entry-bare", entry("refused", None, None)),
    ]
}
