//! Pages of lists: opaque cursors, and a key instead of an offset, so that what is new at the top moves nothing.

use async_graphql::{OutputType, SimpleObject};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use esign_domain::{
    error::{Error, FieldProblem, Result},
    flow::query::{FlowKey, Slice},
    ids::{Id, Kind},
};

use super::{audit::AuditEntry, event::SignFlowEvent, flow::SignFlow, sms_template::SmsTemplate};

/// How many are given when nobody says how many.
const USUAL: u64 = 20;
/// How many are given at most.
const MOST: i32 = 100;

/// Where a page stands in its list.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there is more after this page.
    pub has_next_page: bool,
    /// Whether there is more before this page.
    pub has_previous_page: bool,
    /// The cursor of the first entry.
    pub start_cursor: Option<String>,
    /// The cursor of the last entry.
    pub end_cursor: Option<String>,
}

/// An entry of a list, with its place.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(concrete(name = "SignFlowEdge", params(SignFlow)))]
#[graphql(concrete(name = "SignFlowEventEdge", params(SignFlowEvent)))]
#[graphql(concrete(name = "AuditEntryEdge", params(AuditEntry)))]
#[graphql(concrete(name = "SmsTemplateEdge", params(SmsTemplate)))]
pub struct Edge<T: OutputType> {
    /// The entry's place: opaque, to be handed back as `after` or `before`.
    pub cursor: String,
    /// The entry.
    pub node: T,
}

/// A page of a list.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(concrete(name = "SignFlowConnection", params(SignFlow)))]
#[graphql(concrete(name = "SignFlowEventConnection", params(SignFlowEvent)))]
#[graphql(concrete(name = "AuditEntryConnection", params(AuditEntry)))]
#[graphql(concrete(name = "SmsTemplateConnection", params(SmsTemplate)))]
pub struct Connection<T: OutputType>
where
    Edge<T>: OutputType,
{
    /// The entries with their places.
    pub edges: Vec<Edge<T>>,
    /// The entries alone.
    pub nodes: Vec<T>,
    /// Where the page stands in its list.
    pub page_info: PageInfo,
}

impl<T: OutputType + Clone> Connection<T>
where
    Edge<T>: OutputType,
{
    /// A page of these entries; whether there is more after and before it.
    pub fn of(entries: impl IntoIterator<Item = (String, T)>, more: (bool, bool)) -> Self {
        let edges: Vec<Edge<T>> = entries.into_iter().map(|(cursor, node)| Edge { cursor, node }).collect();
        let page_info = PageInfo {
            has_next_page: more.0,
            has_previous_page: more.1,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Self { nodes: edges.iter().map(|edge| edge.node.clone()).collect(), edges, page_info }
    }
}

/// The number of entries asked for.
///
/// # Errors
/// [`Error::InvalidArgument`] for a number below 0 or above 100.
pub fn length(name: &str, asked: Option<i32>) -> Result<u64> {
    match asked {
        None => Ok(USUAL),
        Some(n @ 0..=MOST) => Ok(n.unsigned_abs().into()),
        Some(_) => Err(Error::field(name, format!("must be from 0 to {MOST}"))),
    }
}

/// The four arguments of a list that can be walked both ways.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// So many from the start, or after `after`.
    pub first: Option<i32>,
    /// Only what comes after this cursor.
    pub after: Option<String>,
    /// So many from the end, or before `before`.
    pub last: Option<i32>,
    /// Only what comes before this cursor.
    pub before: Option<String>,
}

impl Window {
    /// The part of the list of flows that is meant.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] with everything that is wrong with the four.
    pub fn slice(&self) -> Result<Slice> {
        let mut problems = Vec::new();
        if self.first.is_some() && self.last.is_some() {
            problems.push(FieldProblem { path: "last".into(), problem: "can't be given together with first".into() });
        }
        let (name, asked) = if self.last.is_some() { ("last", self.last) } else { ("first", self.first) };
        let limit = gather(length(name, asked), &mut problems);
        let after = gather(key("after", self.after.as_deref()), &mut problems);
        let before = gather(key("before", self.before.as_deref()), &mut problems);
        match (limit, after, before) {
            (Some(limit), Some(after), Some(before)) if problems.is_empty() => {
                Ok(Slice { after, before, backwards: self.last.is_some(), limit, ..Slice::default() })
            }
            _ => Err(Error::InvalidArgument(problems)),
        }
    }
}

/// Both, or the problems of both.
///
/// # Errors
/// [`Error::InvalidArgument`] with everything that is wrong with either.
pub fn both<A, B>(one: Result<A>, other: Result<B>) -> Result<(A, B)> {
    let mut problems = Vec::new();
    match (gather(one, &mut problems), gather(other, &mut problems)) {
        (Some(one), Some(other)) => Ok((one, other)),
        _ => Err(Error::InvalidArgument(problems)),
    }
}

fn gather<T>(result: Result<T>, problems: &mut Vec<FieldProblem>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(Error::InvalidArgument(more)) => {
            problems.extend(more);
            None
        }
        Err(_) => None,
    }
}

/// The cursor of an entry in a list that is ordered by id.
pub fn id_cursor<K: Kind>(id: Id<K>) -> String {
    URL_SAFE_NO_PAD.encode(format!("i1:{id}"))
}

/// The id that such a cursor stands for.
///
/// # Errors
/// [`Error::InvalidArgument`] for what is no cursor of this list.
pub fn id_key<K: Kind>(name: &str, cursor: Option<&str>) -> Result<Option<Id<K>>> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        text.strip_prefix("i1:")?.parse().ok()
    };
    read().map(Some).ok_or_else(|| Error::field(name, "not a cursor of this list"))
}

/// The cursor of a flow in the list of flows.
pub fn cursor(key: FlowKey) -> String {
    place_cursor("f1", key.at, key.id)
}

fn key(name: &str, cursor: Option<&str>) -> Result<Option<FlowKey>> {
    Ok(place("f1", name, cursor)?.map(|(at, id)| FlowKey { at, id }))
}

/// The cursor of an entry of a list that is ordered by when its entries were made, then by id. `list` keeps the cursors
/// of one list from being taken for another's.
pub fn place_cursor<K: Kind>(list: &str, at: DateTime<Utc>, id: Id<K>) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list}:{}:{id}", at.timestamp_micros()))
}

/// The place that a cursor of such a list tells; `name`: of the argument it came in.
///
/// # Errors
/// [`Error::InvalidArgument`] for what is no cursor of this list.
pub fn place<K: Kind>(list: &str, name: &str, cursor: Option<&str>) -> Result<Option<(DateTime<Utc>, Id<K>)>> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (micros, id) = text.strip_prefix(list)?.strip_prefix(':')?.split_once(':')?;
        Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, id.parse().ok()?))
    };
    read().map(Some).ok_or_else(|| Error::field(name, "not a cursor of this list"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(window: &Window) -> Vec<String> {
        match window.slice() {
            Err(Error::InvalidArgument(problems)) => problems.into_iter().map(|problem| problem.path).collect(),
            _ => vec![],
        }
    }

    #[test]
    fn a_cursor_reads_back() {
        let key = FlowKey {
            at: DateTime::from_timestamp_micros(1_795_000_000_123_456).unwrap(),
            id: esign_domain::ids::FlowId::new(uuid::Uuid::from_u128(7)),
        };
        let window = Window { after: Some(cursor(key)), ..Window::default() };
        assert_eq!(window.slice().unwrap().after, Some(key));
    }

    #[test]
    fn every_wrong_argument_is_told() {
        let wrong = Window { first: Some(101), after: Some("x".into()), last: None, before: Some(String::new()) };
        assert_eq!(paths(&wrong), ["first", "after", "before"]);
        assert_eq!(paths(&Window { first: Some(-1), ..Window::default() }), ["first"]);
        assert_eq!(paths(&Window { first: Some(1), last: Some(1), ..Window::default() }), ["last"]);
        assert_eq!(paths(&Window { last: Some(1_000), ..Window::default() }), ["last"]);
        assert_eq!(paths(&Window { first: Some(100), ..Window::default() }), [""; 0]);
    }
}
