//! The side navigation: what there is, in three groups, for whom.

use esign_domain::{Caller, caller::Operation};
use serde::Serialize;

/// Where a page stands in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is the page of that name")]
pub enum Place {
    Overview,
    Flows,
    Stuck,
    Sms,
    Rules,
    Agreements,
    Clients,
    Audit,
    Staff,
    /// Nowhere: one's own account, troubles.
    Aside,
}

/// How many wait for a person, by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Badges {
    /// Stuck work.
    pub stuck: u64,
}

/// A group of the navigation.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// The key of its heading; the first group has none.
    pub title: Option<&'static str>,
    /// What is in it.
    pub items: Vec<Item>,
}

/// A line of the navigation.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// Which; its message is `nav-` and this.
    pub place: Place,
    /// Where it leads.
    pub href: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// How many wait there for a person.
    pub count: u64,
    /// Whether this page stands there.
    pub current: bool,
}

/// What this caller finds in the navigation.
pub fn groups(caller: &Caller, badges: &Badges) -> Vec<Group> {
    let item = |place, href, icon| Item { place, href, icon, count: 0, current: false };
    let may = |operation| caller.require(operation).is_ok();
    let work = vec![
        item(Place::Overview, "/admin", "layout-dashboard"),
        item(Place::Flows, "/admin/flows", "signature"),
        Item { count: badges.stuck, ..item(Place::Stuck, "/admin/stuck", "inbox") },
    ];
    let settings = [
        (may(Operation::SmsTemplates), item(Place::Sms, "/admin/sms-templates", "message-2")),
        (may(Operation::AuthRules), item(Place::Rules, "/admin/rules", "grid-dots")),
        (may(Operation::AgreementTypes), item(Place::Agreements, "/admin/agreements", "file-text")),
        (may(Operation::Clients), item(Place::Clients, "/admin/clients", "plug-connected")),
    ];
    let admin = matches!(caller, Caller::Staff { role: esign_domain::caller::Role::Admin, .. });
    let administration = [
        (may(Operation::AuditLog), item(Place::Audit, "/admin/audit", "history")),
        (admin, item(Place::Staff, "/admin/staff", "users")),
    ];
    [(None, work), (Some("nav-settings"), allowed(settings)), (Some("nav-administration"), allowed(administration))]
        .into_iter()
        .filter(|(_, items)| !items.is_empty())
        .map(|(title, items)| Group { title, items })
        .collect()
}

fn allowed<const N: usize>(items: [(bool, Item); N]) -> Vec<Item> {
    items.into_iter().filter_map(|(allowed, item)| allowed.then_some(item)).collect()
}

/// Where a form may lead back to: a page of the console, never another host.
pub fn local(path: &str) -> &str {
    let ours = path == "/admin" || path.starts_with("/admin/") || path.starts_with("/admin?");
    if ours && !path.contains("//") && !path.contains('\\') && !path.contains(char::is_control) {
        path
    } else {
        "/admin"
    }
}
