//! What a list of flows is asked for: its address, read. What can't be read there is left out, so that an old or broken
//! address still shows a list.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};
use esign_domain::{
    flow::query::{FlowFilter, FlowKey, Order, PersonalKey, Search, Slice, Sort, View},
    terms::{AuthType, FlowStatus, Scene},
};

use crate::fields::Fields;

/// Where the list stands.
pub const PATH: &str = "/admin/flows";
/// So many rows a page has.
pub const ROWS: u64 = 20;
/// What the search box leaves in an address: one of these.
pub const FOUND: [&str; 4] = ["number", "record", "flow", "who"];
/// Where in the list a page begins; another list begins at its beginning.
const PLACE: [&str; 3] = ["after", "before", "n"];
/// Everything that says which flows and in which order.
const NAMES: [&str; 14] = [
    "view",
    "status",
    "scene",
    "client",
    "agreement",
    "auth",
    "failure",
    "from",
    "to",
    "number",
    "record",
    "flow",
    "who",
    "sort",
];
const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours");

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which flows.
    pub filter: FlowFilter,
    /// Which part, in which order.
    pub slice: Slice,
    /// How many flows come before the first row, as far as the way here tells.
    pub before: u64,
    /// The address of the list without the place in it.
    pub list: Fields,
}

impl Asked {
    /// Reads an address.
    pub fn read(query: &Fields) -> Self {
        let list = query.without(&PLACE).without(&["lang", "theme"]);
        let order = order(query.text("sort"));
        let (after, before) = (query.parsed::<FlowKey>("after"), query.parsed::<FlowKey>("before"));
        let slice = Slice { order, after, before, backwards: before.is_some(), limit: ROWS };
        Self { filter: filter(query), slice, before: query.parsed("n").unwrap_or_default(), list }
    }

    /// The address of the list with one thing changed; the empty value takes it away.
    pub fn with(&self, name: &str, value: &str) -> String {
        self.list.with(name, value).link(PATH)
    }

    /// The address without some things.
    pub fn without(&self, names: &[&str]) -> String {
        self.list.without(names).link(PATH)
    }

    /// What a form that changes only these names must carry along.
    pub fn kept(&self, changed: &[&str]) -> Vec<(String, String)> {
        let others = NAMES.iter().filter(|name| !changed.contains(name));
        others.flat_map(|name| self.list.all(name).map(|value| ((*name).to_owned(), value.to_owned()))).collect()
    }

    /// Whether anything narrows the list but the view.
    pub fn is_narrowed(&self) -> bool {
        NAMES.iter().any(|name| !matches!(*name, "view" | "sort") && self.list.has(name))
    }

    /// The address that shows the page at a place.
    pub fn at(&self, name: &str, key: FlowKey, before: u64) -> String {
        self.list.with(name, &key.to_string()).with("n", &before.to_string()).link(PATH)
    }
}

/// The address of what was found, in a list that stays otherwise as it is.
pub fn found(list: &Fields, search: Option<Search>) -> String {
    let list = list.without(&FOUND);
    let list = match search {
        None => list,
        Some(Search::Flow(id)) => list.with("flow", &id.to_string()),
        Some(Search::Record(id)) => list.with("record", &id.to_string()),
        Some(Search::Number(number)) => list.with("number", &number),
        Some(Search::Personal(key)) => list.with("who", &key.to_string()),
    };
    list.link(PATH)
}

fn order(text: &str) -> Order {
    let (sort, oldest_first) = match text {
        "started-first" => (Sort::Started, true),
        "changed" => (Sort::Changed, false),
        "changed-first" => (Sort::Changed, true),
        _ => (Sort::Started, false),
    };
    Order { sort, oldest_first }
}

fn filter(query: &Fields) -> FlowFilter {
    let statuses: Vec<FlowStatus> =
        query.all("status").filter_map(|text| named(FlowStatus::ALL, FlowStatus::as_str, text)).collect();
    let scenes: Vec<Scene> = query.all("scene").filter_map(|text| named(Scene::ALL, Scene::as_str, text)).collect();
    let text = |name: &str| query.given(name).map(ToOwned::to_owned);
    FlowFilter {
        view: named(&View::ALL, View::as_str, query.text("view")).unwrap_or_default(),
        statuses: Some(statuses).filter(|list| !list.is_empty()),
        scenes: Some(scenes).filter(|list| !list.is_empty()),
        client_id: query.parsed("client"),
        agreement_type: text("agreement"),
        auth_type: named(AuthType::ALL, AuthType::as_str, query.text("auth")),
        failure_code: text("failure"),
        created_from: day(query.text("from")),
        created_to: day(query.text("to")).map(|day| day + TimeDelta::days(1)),
        number: text("number"),
        record_id: query.parsed("record"),
        id: query.parsed("flow"),
        personal: query.parsed::<PersonalKey>("who"),
        ..FlowFilter::default()
    }
}

/// One of a closed list, by its name.
pub fn named<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str, text: &str) -> Option<T> {
    all.iter().copied().find(|one| name(*one) == text)
}

/// When a day begins in China.
fn day(text: &str) -> Option<DateTime<Utc>> {
    let date: NaiveDate = text.parse().ok()?;
    Some(date.and_time(NaiveTime::MIN).and_local_timezone(CHINA).single()?.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Asked {
        Asked::read(&Fields::read(query.as_bytes()))
    }

    #[test]
    fn an_address_is_read_and_what_it_does_not_say_is_everything() {
        let asked =
            read("view=open&status=CREATED&status=x&scene=COLLECTION&from=2026-11-24&to=2026-11-24&sort=changed-first");
        assert_eq!(asked.filter.view, View::Open);
        assert_eq!(asked.filter.statuses, Some(vec![FlowStatus::Created]));
        assert_eq!(asked.filter.created_from, Some("2026-11-23T16:00:00Z".parse().expect("a time")));
        assert_eq!(asked.filter.created_to, Some("2026-11-24T16:00:00Z".parse().expect("a time")));
        assert_eq!(asked.slice.order, Order { sort: Sort::Changed, oldest_first: true });
        let all = read("view=x&status=&who=nobody&after=1&client=none");
        assert_eq!((all.filter.view, all.filter.statuses, all.filter.personal), (View::All, None, None));
        assert!(all.slice.after.is_none());
    }

    #[test]
    fn a_link_keeps_what_it_does_not_change_and_begins_at_the_beginning() {
        let asked = read("view=open&scene=COLLECTION&scene=BATCH_PAYMENT&after=1.flow_x&n=20&lang=en");
        assert_eq!(asked.with("view", "all"), "/admin/flows?scene=COLLECTION&scene=BATCH_PAYMENT&view=all");
        assert_eq!(asked.without(&["scene"]), "/admin/flows?view=open");
        let kept: Vec<_> = asked.kept(&["view"]).into_iter().map(|(_, value)| value).collect();
        assert_eq!(kept, ["COLLECTION", "BATCH_PAYMENT"]);
        assert!(asked.is_narrowed() && !read("view=open&sort=changed").is_narrowed());
    }
}
