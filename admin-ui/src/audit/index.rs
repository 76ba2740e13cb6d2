//! `GET /admin/audit`: the log, newest first. The filter and the place in it stand in the address.

use esign_domain::{
    audit::{self, REFUSED, entity::Model},
    caller::Operation,
    ids::AuditId,
};
use esign_web::language::Language;
use serde::Serialize;

use super::{action_word, difference, filter, target_link};
use crate::{
    drawing::Drawing,
    fields::Fields,
    kit::KIT,
    moment::Moment,
    nav::Place,
    page::Page,
    visit::{Answer, Visit},
};

/// So many entries a page.
const PAGE: u64 = 50;
/// So many changed fields are named in a line.
const NAMED: usize = 4;

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct IndexPage {
    entries: Vec<Line>,
    typed: Fields,
    actions: Vec<Choice>,
    /// The page before this one.
    earlier: Option<String>,
    /// The page after this one.
    later: Option<String>,
    /// The newest entries, when this page isn't theirs.
    newest: Option<String>,
    export: String,
    filtered: bool,
}

/// A choice of the filter.
#[derive(Debug, Clone, Serialize)]
struct Choice {
    value: String,
    word: String,
    chosen: bool,
}

/// A line of the list.
#[derive(Debug, Clone, Serialize)]
struct Line {
    id: String,
    at: Moment,
    actor: String,
    action: String,
    refused: bool,
    /// What the target is called, if the entry says so.
    name: Option<String>,
    target: String,
    link: Option<String>,
    changed: Vec<String>,
    /// How many more changed.
    more: usize,
    ip: Option<String>,
}

impl Page for IndexPage {
    const TEMPLATE: &'static str = "audit/index.html";
    const TITLE: &'static str = "audit-title";
    const PLACE: Place = Place::Audit;
}

/// `GET /admin/audit`.
pub async fn show(visit: Visit) -> Answer {
    let query = visit.query();
    let (app, caller, which) = (visit.app(), visit.caller(), filter::of(query));
    let (after, before) = (query.parsed::<AuditId>("after"), query.parsed::<AuditId>("before"));
    let (entries, newer, older) = if let Some(before) = before {
        let (entries, more) = audit::list_newer(app, caller, which, before, PAGE).await?;
        (entries, more, true)
    } else {
        let (entries, more) = audit::list(app, caller, which, after, PAGE).await?;
        (entries, after.is_some(), more)
    };
    let own: Fields = filter::NAMES.iter().fold(Fields::default(), |own, name| own.with(name, query.text(name)));
    let to = |wanted: bool, name: &str, entry: Option<&Model>| {
        entry.filter(|_| wanted).map(|entry| own.with(name, &entry.id.to_string()).link("/admin/audit"))
    };
    visit.page(&IndexPage {
        earlier: to(newer, "before", entries.first()),
        later: to(older, "after", entries.last()),
        newest: (after.is_some() || before.is_some()).then(|| own.link("/admin/audit")),
        export: own.link("/admin/audit.csv"),
        actions: actions(visit.language(), own.text("action")),
        filtered: own != Fields::default(),
        entries: entries.into_iter().map(|entry| line(&visit, entry)).collect(),
        typed: own,
    })
}

fn line(visit: &Visit, entry: Model) -> Line {
    let named = |side: &Option<serde_json::Value>| {
        let side = side.as_ref()?;
        ["name", "code"].iter().find_map(|key| side[*key].as_str()).map(ToOwned::to_owned)
    };
    let mut changed = difference::changed(visit.language(), entry.before.as_ref(), entry.after.as_ref());
    let more = changed.len().saturating_sub(NAMED);
    changed.truncate(NAMED);
    Line {
        id: entry.id.to_string(),
        at: Moment::of(visit.language(), entry.at, visit.app().now()),
        action: action_word(visit.language(), &entry.action),
        refused: is_refusal(&entry),
        name: named(&entry.after).or_else(|| named(&entry.before)),
        link: target_link(&entry.target, visit.may(Operation::Staff)),
        actor: entry.actor,
        target: entry.target,
        changed,
        more,
        ip: entry.ip,
    }
}

/// Whether somebody tried in vain.
pub(super) fn is_refusal(entry: &Model) -> bool {
    entry.action == REFUSED || entry.after.as_ref().is_some_and(|after| after["outcome"] == "REFUSED")
}

/// The actions that have a word: those that are ever written down.
fn actions(language: Language, chosen: &str) -> Vec<Choice> {
    let names = Operation::ALL.iter().map(|operation| operation.name()).chain([REFUSED.to_owned()]);
    let choice = |value: String| {
        let word = KIT.words.plain(language, &format!("act-{value}"))?;
        Some(Choice { chosen: value == chosen, word, value })
    };
    names.filter_map(choice).collect()
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let line = |at: &str, actor: &str, action: &str, name: Option<&str>, target: &str, changed: &[&str]| Line {
        id: "audit_018f0000-0000-7000-8000-000000000000".into(),
        at: Moment { short: at.into(), full: "2026-11-22T14:20:31+08:00".into() },
        actor: actor.into(),
        action: action.into(),
        refused: action.contains("拒"),
        name: name.map(Into::into),
        target: target.into(),
        link: target_link(target, true),
        changed: changed.iter().map(ToString::to_string).collect(),
        more: 0,
        ip: Some("10.20.3.14".into()),
    };
    let page = || IndexPage {
        entries: vec![
            line("14:20:31", "staff:lan", "改员工角色", Some("li.wei"), "staff_018f00", &["角色"]),
            line("14:18:02", "staff:lan", "登录", None, "staff_018f01", &["by", "outcome", "session"]),
            line("13:58:10", "staff:li.wei", "被拒绝的操作", None, "POST /admin/clients", &[]),
            line("昨天 18:03", "client:demo", "撤销流程", None, "flow_018f02", &["status"]),
        ],
        typed: Fields::default(),
        actions: actions(Language::Chinese, ""),
        later: Some("/admin/audit?after=1".into()),
        earlier: None,
        newest: None,
        export: "/admin/audit.csv".into(),
        filtered: false,
    };
    let typed = Fields::read(b"actor=lan&from=2026-11-22T08:00");
    let none = IndexPage { entries: Vec::new(), later: None, filtered: true, typed, ..page() };
    vec![Drawing::new("audit", page()), Drawing::new("audit-none", none)]
}
