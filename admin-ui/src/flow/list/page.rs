//! The list as a page.

use esign_domain::flow::query::{self, Count, FlowKey, PersonalKind, View};
use serde::Serialize;

use super::{
    asked::{Asked, FOUND, PATH},
    chip::{Chip, chips},
    row::{Row, rows},
};
use crate::{
    nav::Place,
    number::thousands,
    page::Page,
    problem::Problems,
    visit::{Refusal, Visit},
};

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct ListPage {
    pub tabs: Vec<Tab>,
    pub rows: Vec<Row>,
    pub chips: Vec<Chip>,
    pub heads: [Head; 2],
    /// What the search box shows; what was personal is not shown again.
    pub typed: String,
    /// What was looked for, by its kind.
    pub found: Option<&'static str>,
    /// The address without what was looked for.
    pub unsearched: String,
    pub state: String,
    pub problems: Problems,
    pub narrowed: bool,
    pub clear: String,
    pub export: String,
    pub first: u64,
    pub last: u64,
    pub total: String,
    pub earlier: String,
    pub later: String,
}

/// A view with how many flows it holds.
#[derive(Debug, Clone, Serialize)]
pub struct Tab {
    view: &'static str,
    href: String,
    count: String,
    current: bool,
}

/// The head of a column by which the list can be ordered.
#[derive(Debug, Clone, Serialize)]
pub struct Head {
    name: &'static str,
    href: String,
    /// As in `aria-sort`; none: the list is ordered otherwise.
    order: Option<&'static str>,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "flow/index.html";
    const TITLE: &'static str = "flows-title";
    const PLACE: Place = Place::Flows;
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
        let total = counts.iter().find(|(view, _)| *view == asked.filter.view).map(|(_, count)| match *count {
            // Whoever has come further than was counted has seen as many.
            Count::AtLeast(count) if count < start + shown => format!("{}+", thousands(start + shown)),
            count => said(count),
        });
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
pub fn clear(asked: &Asked) -> String {
    let view = asked.list.text("view");
    if view.is_empty() || !asked.is_narrowed() { PATH.to_owned() } else { format!("{PATH}?view={view}") }
}

pub fn found(asked: &Asked) -> Option<&'static str> {
    asked.filter.personal.as_ref().map(|key| match key.kind {
        PersonalKind::Name => "flows-found-name",
        PersonalKind::Mobile => "flows-found-mobile",
        PersonalKind::IdNumber => "flows-found-id-number",
    })
}

pub fn tab(asked: &Asked, view: View, count: Count) -> Tab {
    let value = if view == View::All { "" } else { view.as_str() };
    Tab { view: view.as_str(), href: asked.with("view", value), count: said(count), current: view == asked.filter.view }
}

/// `284`, or `700+`: of what wasn't counted to the end nobody needs more than the first digit.
fn said(count: Count) -> String {
    match count {
        Count::Exactly(count) => thousands(count),
        Count::AtLeast(count) => {
            let place = 10_u64.pow(count.checked_ilog10().unwrap_or_default());
            format!("{}+", thousands(count / place * place))
        }
    }
}

pub fn heads(asked: &Asked) -> [Head; 2] {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_counted_to_the_end_is_said_by_its_first_digit() {
        for (count, text) in [
            (Count::Exactly(0), "0"),
            (Count::Exactly(1_284), "1,284"),
            (Count::AtLeast(0), "0+"),
            (Count::AtLeast(7), "7+"),
            (Count::AtLeast(724), "700+"),
            (Count::AtLeast(1_000), "1,000+"),
            (Count::AtLeast(1_040), "1,000+"),
        ] {
            assert_eq!(said(count), text);
        }
    }
}
