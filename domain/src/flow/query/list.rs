//! The list of flows: a part of it in either direction, and how many there are.
//!
//! A part begins at a key, never at an offset: what is new moves nothing, and the ten-thousandth page costs what the first
//! does. Counting stops at [`COUNTED`], because nobody reads a larger number and every row counted is a row read.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    prelude::*,
    sea_query::{ExprTrait, Func, Query, SimpleExpr},
};

use super::{super::entity::sign_flow, FlowFilter, View};
use crate::{
    App, Caller,
    caller::Operation,
    error::{Error, Result},
    ids::FlowId,
    terms::FlowStatus,
};

/// So many are counted one by one; beyond there are "more".
pub const COUNTED: u64 = 1_000;

/// By which time a list is ordered; ids break ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// When they were started.
    #[default]
    Started,
    /// When they last moved.
    Changed,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    /// By which time.
    pub sort: Sort,
    /// The oldest first; else the newest.
    pub oldest_first: bool,
}

/// A place in the list of flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowKey {
    /// The time by which the list is ordered.
    pub at: DateTime<Utc>,
    /// Breaks ties.
    pub id: FlowId,
}

impl FlowKey {
    /// The place of a flow in a list of this order.
    pub fn of(flow: &sign_flow::Model, order: Order) -> Self {
        let at = match order.sort {
            Sort::Started => flow.created_at,
            Sort::Changed => flow.updated_at,
        };
        Self { at, id: flow.id }
    }
}

/// As it stands in addresses.
impl fmt::Display for FlowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.timestamp_micros(), self.id)
    }
}

impl FromStr for FlowKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let read = || {
            let (micros, id) = text.split_once('.')?;
            Some(Self { at: DateTime::from_timestamp_micros(micros.parse().ok()?)?, id: id.parse().ok()? })
        };
        read().ok_or_else(|| Error::field("after", "not a cursor of this list"))
    }
}

/// Which part of the list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Slice {
    /// How the list is ordered.
    pub order: Order,
    /// Only what comes after this place.
    pub after: Option<FlowKey>,
    /// Only what comes before it.
    pub before: Option<FlowKey>,
    /// Take from the end of the list.
    pub backwards: bool,
    /// How many at most.
    pub limit: u64,
}

/// Flows in their order, the newest first unless it says otherwise; the verb behind `signFlows`. Gives what was asked for
/// and whether there is more beyond it.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: &FlowFilter,
    slice: Slice,
) -> Result<(Vec<sign_flow::Model>, bool)> {
    caller.require(Operation::SignFlows)?;
    let at = match slice.order.sort {
        Sort::Started => sign_flow::Column::CreatedAt,
        Sort::Changed => sign_flow::Column::UpdatedAt,
    };
    let (forwards, oldest_first) = (!slice.backwards, slice.order.oldest_first);
    let mut places = sign_flow::Entity::find()
        .select_only()
        .column(sign_flow::Column::Id)
        .filter(filter.condition(app, caller))
        .filter(
            Condition::all()
                .add_option(slice.after.map(|key| beyond(at, key, oldest_first)))
                .add_option(slice.before.map(|key| beyond(at, key, !oldest_first))),
        )
        .limit(slice.limit + 1);
    let order = if forwards == oldest_first { sea_orm::Order::Asc } else { sea_orm::Order::Desc };
    places = places.order_by(at, order.clone()).order_by(sign_flow::Column::Id, order.clone());
    // The places are found in an index that holds all that is asked about; only the rows that are shown are read.
    let found = sign_flow::Entity::find().filter(sign_flow::Column::Id.in_subquery(places.into_query()));
    let mut flows = found.order_by(at, order.clone()).order_by(sign_flow::Column::Id, order).all(app.db.read()).await?;
    let limit = usize::try_from(slice.limit).unwrap_or(usize::MAX);
    let more = flows.len() > limit;
    flows.truncate(limit);
    if slice.backwards {
        flows.reverse();
    }
    Ok((flows, more))
}

/// Compared as one row, so that an index is entered at the place itself.
fn beyond(at: sign_flow::Column, key: FlowKey, later: bool) -> SimpleExpr {
    let column = |column: sign_flow::Column| Expr::col((sign_flow::Entity, column));
    let here = Expr::tuple([column(at), column(sign_flow::Column::Id)]);
    let place = Expr::tuple([Expr::val(key.at), Expr::val(key.id)]);
    if later { here.gt(place) } else { here.lt(place) }
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Exactly so many.
    Exactly(u64),
    /// At least so many: there was no counting to the end.
    AtLeast(u64),
}

/// How many flows each view of a list holds, in the order of [`View::ALL`], whichever of them is looked at.
///
/// One walk through the newest [`COUNTED`] flows of the list sorts them into their views; a longer list is known to hold at
/// least as many. Those that have not ended are counted by themselves: they are few, and the number to act on.
pub async fn counts(app: &App, caller: &Caller, filter: &FlowFilter) -> Result<Vec<(View, Count)>> {
    caller.require(Operation::SignFlows)?;
    let walked = walked(app, filter.seen(View::All).condition(app, caller)).await?;
    let all: u64 = walked.iter().map(|(_, count)| count).sum();
    let mut counts = Vec::new();
    for view in View::ALL {
        let seen: u64 = walked.iter().filter(|(status, _)| view.holds(*status)).map(|(_, count)| count).sum();
        counts.push(match view {
            View::Attention => (view, counted(app, filter.seen(view).condition(app, caller)).await?),
            View::Open if all > COUNTED => (view, counted(app, filter.seen(view).condition(app, caller)).await?),
            _ if all > COUNTED => (view, Count::AtLeast(Ord::min(seen, COUNTED))),
            _ => (view, Count::Exactly(seen)),
        });
    }
    Ok(counts)
}

/// How many of the newest flows stand in which status.
async fn walked(app: &App, condition: Condition) -> Result<Vec<(FlowStatus, u64)>> {
    let newest = sign_flow::Entity::find()
        .select_only()
        .column(sign_flow::Column::Status)
        .filter(condition)
        .order_by_desc(sign_flow::Column::CreatedAt)
        .limit(COUNTED + 1);
    let mut grouped = Query::select();
    grouped.column("status").expr(Func::count(Expr::val(1))).from_subquery(newest.into_query(), "newest");
    grouped.group_by_col("status");
    let rows = app.db.read().query_all(&grouped).await?;
    let read = |row: &sea_orm::QueryResult| {
        let count: i64 = row.try_get_by_index(1)?;
        Ok((row.try_get_by_index(0)?, u64::try_from(count).map_err(Error::internal)?))
    };
    rows.iter().map(read).collect()
}

async fn counted(app: &App, condition: Condition) -> Result<Count> {
    let some = sign_flow::Entity::find().select_only().column(sign_flow::Column::Id).filter(condition);
    let mut count = Query::select();
    count.expr(Func::count(Expr::val(1))).from_subquery(some.limit(COUNTED + 1).into_query(), "some");
    let row = app.db.read().query_one(&count).await?.ok_or_else(|| Error::internal("no count"))?;
    let count = u64::try_from(row.try_get_by_index::<i64>(0)?).map_err(Error::internal)?;
    Ok(if count > COUNTED { Count::AtLeast(COUNTED) } else { Count::Exactly(count) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_anything_else_is_none() {
        let at = DateTime::from_timestamp_micros(1_795_000_000_123_456).unwrap();
        let key = FlowKey { at, id: FlowId::new(uuid::Uuid::from_u128(7)) };
        assert_eq!(key.to_string().parse::<FlowKey>().unwrap(), key);
        for text in ["", ".", "1", "1.2", "x.flow_00000000-0000-0000-0000-000000000007"] {
            assert!(text.parse::<FlowKey>().is_err(), "{text}");
        }
    }
}
