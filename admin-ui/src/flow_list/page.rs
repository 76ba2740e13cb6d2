//! The list as a page.

use esign_domain::{
    agreement,
    caller::Operation,
    client,
    flow::query::{self, Count, FlowKey, PersonalKind, View},
    terms::{AuthType, FlowStatus, Scene},
};
use serde::Serialize;

use super::{
    asked::{Asked, FOUND, PATH},
    row::{Row, rows},
};
use crate::{
    nav::Place,
    page::{Drawing, Page},
    problem::Problems,
    visit::{Refusal, Visit},
};

/// The codes that a flow can have ended for.
const FAILURES: [&str; 7] = [
    "SIGN_DECLINED",
    "SIGN_FAILED",
    "AUTH_INIT_FAILED",
    "AUTH_FAILED",
    "AUTH_TIMEOUT",
    "SESSION_EXPIRED",
    "SMS_TEMPLATE_NOT_FOUND",
];

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct ListPage {
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    chips: Vec<Chip>,
    heads: [Head; 2],
    /// What the search box shows; what was personal is not shown again.
    typed: String,
    /// What was looked for, by its kind.
    found: Option<&'static str>,
    /// The address without what was looked for.
    unsearched: String,
    state: String,
    problems: Problems,
    narrowed: bool,
    clear: String,
    export: String,
    first: u64,
    last: u64,
    total: String,
    earlier: String,
    later: String,
}

/// A view with how many flows it holds.
#[derive(Debug, Clone, Serialize)]
struct Tab {
    view: &'static str,
    href: String,
    count: String,
    current: bool,
}

/// Something the list can be narrowed by.
#[derive(Debug, Clone, Serialize)]
struct Chip {
    name: &'static str,
    /// What it is set to, in words; empty: to nothing.
    set: Vec<Value>,
    /// Everything it could be set to.
    choices: Vec<Choice>,
    several: bool,
    /// The days it is set to.
    days: Option<(String, String)>,
    kept: Vec<(String, String)>,
    without: String,
}

/// A value, by the key of its word or as it is.
#[derive(Debug, Clone, Serialize)]
struct Value {
    key: Option<String>,
    text: String,
}

/// A value that can be chosen.
#[derive(Debug, Clone, Serialize)]
struct Choice {
    value: String,
    said: Value,
    chosen: bool,
}

/// The head of a column by which the list can be ordered.
#[derive(Debug, Clone, Serialize)]
struct Head {
    name: &'static str,
    href: String,
    /// As in `aria-sort`; none: the list is ordered otherwise.
    order: Option<&'static str>,
}

impl Page for ListPage {
    fn template(&self) -> &'static str {
        "flow-list/index.html"
    }

    fn title(&self) -> &'static str {
        "flow-title"
    }

    fn place(&self) -> Place {
        Place::Flows
    }
}

impl ListPage {
    /// Asks for what the address says.
    pub async fn of(visit: &Visit, asked: &Asked) -> Result<Self, Refusal> {
        let app = visit.app();
        let (flows, more) = query::list(app, visit.caller(), &asked.filter, asked.slice).await?;
        let counts = query::counts(app, visit.caller(), &asked.filter).await?;
        let order = asked.slice.order;
        let shown = flows.len() as u64;
        let (before, after) = if asked.slice.backwards { (more, true) } else { (asked.slice.after.is_some(), more) };
        let start = if asked.slice.backwards && !more { 0 } else { asked.before };
        let to = |wanted: bool, name: &str, key: Option<FlowKey>, start: u64| {
            key.filter(|_| wanted).map(|key| asked.at(name, key, start)).unwrap_or_default()
        };
        let (first, last) = (flows.first(), flows.last());
        let total = counts.iter().find(|(view, _)| *view == asked.filter.view).map(|(_, count)| said(*count));
        Ok(Self {
            tabs: counts.iter().map(|(view, count)| tab(asked, *view, *count)).collect(),
            rows: rows(app, (visit.language(), visit.lang()), &flows).await?,
            chips: chips(visit, asked).await?,
            heads: heads(asked),
            typed: ["number", "record", "flow"]
                .iter()
                .find_map(|name| asked.list.given(name))
                .unwrap_or_default()
                .into(),
            found: found(asked),
            unsearched: asked.without(&FOUND),
            state: asked.list.without(&FOUND).link(""),
            problems: Problems::default(),
            narrowed: asked.is_narrowed() || asked.filter.view != View::All,
            clear: clear(asked),
            export: asked.list.link("/admin/flows/export.csv"),
            first: start + 1,
            last: start + shown,
            total: total.unwrap_or_default(),
            earlier: to(
                before,
                "before",
                first.map(|flow| FlowKey::of(flow, order)),
                start.saturating_sub(asked.slice.limit),
            ),
            later: to(after, "after", last.map(|flow| FlowKey::of(flow, order)), start + shown),
        })
    }

    /// The same with what was typed and could not be looked for.
    #[must_use]
    pub fn refused(self, typed: &str, problems: Problems) -> Self {
        Self { typed: typed.to_owned(), problems, ..self }
    }
}

/// What is left when nothing narrows the list but its view; from a view that holds nothing the way leads to all.
fn clear(asked: &Asked) -> String {
    let view = asked.list.text("view");
    if view.is_empty() || !asked.is_narrowed() { PATH.to_owned() } else { format!("{PATH}?view={view}") }
}

fn found(asked: &Asked) -> Option<&'static str> {
    asked.filter.personal.as_ref().map(|key| match key.kind {
        PersonalKind::Name => "flows-found-name",
        PersonalKind::Mobile => "flows-found-mobile",
        PersonalKind::IdNumber => "flows-found-id-number",
    })
}

fn tab(asked: &Asked, view: View, count: Count) -> Tab {
    let value = if view == View::All { "" } else { view.as_str() };
    Tab { view: view.as_str(), href: asked.with("view", value), count: said(count), current: view == asked.filter.view }
}

/// `1,284`, or `10,000+`.
fn said(count: Count) -> String {
    match count {
        Count::Exactly(count) => thousands(count),
        Count::AtLeast(count) => format!("{}+", thousands(count)),
    }
}

/// A number with its thousands set apart.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn heads(asked: &Asked) -> [Head; 2] {
    let now = asked.list.text("sort");
    let head = |name: &'static str, newest: &'static str, oldest: &'static str| {
        let (order, next) = match now {
            now if now == newest || (now.is_empty() && newest == "started") => (Some("descending"), oldest),
            now if now == oldest => (Some("ascending"), newest),
            _ => (None, newest),
        };
        Head { name, href: asked.with("sort", if next == "started" { "" } else { next }), order }
    };
    [head("flows-changed", "changed", "changed-first"), head("flows-started", "started", "started-first")]
}

fn keyed(prefix: &str, name: &str) -> Value {
    Value { key: Some(format!("{prefix}-{name}")), text: String::new() }
}

fn plain(text: &str) -> Value {
    Value { key: None, text: text.to_owned() }
}

fn chip(asked: &Asked, name: &'static str, several: bool, all: impl IntoIterator<Item = (String, Value)>) -> Chip {
    let chosen: Vec<&str> = asked.list.all(name).collect();
    let choices: Vec<Choice> =
        all.into_iter().map(|(value, said)| Choice { chosen: chosen.contains(&value.as_str()), value, said }).collect();
    let set = choices.iter().filter(|choice| choice.chosen).map(|choice| choice.said.clone()).collect();
    Chip { name, set, choices, several, days: None, kept: asked.kept(&[name]), without: asked.without(&[name]) }
}

async fn chips(visit: &Visit, asked: &Asked) -> Result<Vec<Chip>, Refusal> {
    let words = |prefix: &'static str, names: Vec<&'static str>| {
        names.into_iter().map(move |name| (name.to_owned(), keyed(prefix, name)))
    };
    let mut chips = vec![
        days(asked),
        chip(asked, "scene", true, words("scene", Scene::ALL.iter().map(|one| one.as_str()).collect())),
        chip(asked, "status", true, words("status", FlowStatus::ALL.iter().map(|one| one.as_str()).collect())),
    ];
    if visit.may(Operation::Clients) {
        let clients = client::query::list(visit.app(), visit.caller()).await?;
        let clients = clients.into_iter().map(|client| (client.id.to_string(), plain(&client.name)));
        chips.push(chip(asked, "client", false, clients));
    }
    chips.push(chip(asked, "auth", false, words("auth-type", AuthType::ALL.iter().map(|one| one.as_str()).collect())));
    if visit.may(Operation::AgreementTypes) {
        let types = agreement::query::list(visit.app(), visit.caller()).await?;
        let types = types.into_iter().map(|kind| (kind.code.clone(), plain(&kind.name)));
        chips.push(chip(asked, "agreement", false, types));
    }
    let lang = visit.lang();
    let failures = FAILURES.iter().map(|code| ((*code).to_owned(), plain(lang.say(code))));
    chips.push(chip(asked, "failure", false, failures));
    Ok(chips)
}

fn days(asked: &Asked) -> Chip {
    let (from, to) = (asked.list.text("from").to_owned(), asked.list.text("to").to_owned());
    let set = match (from.is_empty(), to.is_empty()) {
        (true, true) => vec![],
        _ if from == to => vec![plain(&from)],
        _ => vec![plain(&format!("{from} – {to}"))],
    };
    let names = ["from", "to"];
    let (kept, without) = (asked.kept(&names), asked.without(&names));
    Chip { name: "days", set, choices: vec![], several: false, days: Some((from, to)), kept, without }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let page = |query: &str, rows: Vec<Row>| {
        let asked = Asked::read(&crate::fields::Fields::read(query.as_bytes()));
        let words = |prefix: &'static str, names: Vec<&'static str>| {
            names.into_iter().map(move |name| (name.to_owned(), keyed(prefix, name)))
        };
        ListPage {
            tabs: View::ALL
                .into_iter()
                .zip([18_406, 412, 6, 10_001, 88])
                .map(|(view, count)| {
                    let count = if count > 10_000 { Count::AtLeast(10_000) } else { Count::Exactly(count) };
                    tab(&asked, view, count)
                })
                .collect(),
            chips: vec![
                days(&asked),
                chip(&asked, "scene", true, words("scene", Scene::ALL.iter().map(|one| one.as_str()).collect())),
                chip(&asked, "client", false, [("a".to_owned(), plain("云帆商户通"))]),
            ],
            heads: heads(&asked),
            typed: asked.list.text("number").to_owned(),
            found: found(&asked),
            unsearched: asked.without(&FOUND),
            state: asked.list.link(""),
            problems: Problems::default(),
            narrowed: asked.is_narrowed(),
            clear: clear(&asked),
            export: "/admin/flows/export.csv".into(),
            first: 1,
            last: rows.len() as u64,
            total: "2,608".into(),
            earlier: String::new(),
            later: if rows.is_empty() { String::new() } else { "/admin/flows?after=x".into() },
            rows,
        }
    };
    let all: Vec<Row> = (1..).zip(FlowStatus::ALL).map(|(number, status)| Row::sample(number, *status)).collect();
    let wrong = Problems::default().and("search", "编号至少输入 3 个字符".into());
    let nobody = format!("who=mobile-{}", "00".repeat(32));
    vec![
        Drawing::new("flows", page("scene=COLLECTION&scene=BATCH_PAYMENT&from=2026-11-21&to=2026-11-22", all)),
        Drawing::new("flows-none", page("", vec![])),
        Drawing::new("flows-nothing-found", page(&nobody, vec![])),
        Drawing::new("flows-search-wrong", page("", vec![]).refused("MS", wrong)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(thousands(number), text);
        }
    }
}
