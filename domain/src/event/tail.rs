//! The tail: committed events of all flows, in commit order, to whoever subscribes.
//!
//! One tailer per process reads what was committed since it last looked and hands it to the subscribers whose filter
//! matches; whoever wrote the event, here or in another process, it comes out here once. PostgreSQL numbers rows before
//! they are committed, so there the order is (transaction id, position) and only transactions below the oldest one
//! still running are read: no late commit is ever skipped. SQLite commits in the order of position.
//!
//! A subscriber that names a cursor first gets everything since, then what is new, nothing twice and nothing missed:
//! it is registered at a known position of the tail first, and reads the log up to exactly there.

use std::{sync::Arc, time::Duration};

use futures_util::{Stream, stream};
use sea_orm::{
    Condition, DatabaseBackend, FromQueryResult, QueryOrder, QuerySelect, prelude::*, sea_query::SimpleExpr,
};
use tokio::{sync::watch, time::Instant};

use super::{entity::flow_event, hub::Place};
use crate::{
    App, Caller,
    caller::Operation,
    db::answered,
    error::{Error, Result},
    ids::{ClientId, FlowId},
    terms::{FlowStatus, Scene},
};

/// Between two looks at the log.
const GAP: Duration = Duration::from_millis(10);
/// Events read at once.
const PAGE: u64 = 500;

/// A place in the log; ordered as events were committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    xid: i64,
    position: i64,
}

impl Position {
    /// The cursor of this place: opaque to callers.
    pub fn cursor(self) -> String {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        URL_SAFE_NO_PAD.encode(format!("e1:{}:{}", self.xid, self.position))
    }

    /// Reads a cursor back.
    pub fn from_cursor(cursor: &str) -> Result<Self> {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let read = || {
            let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
            let (xid, position) = text.strip_prefix("e1:")?.split_once(':')?;
            Some(Self { xid: xid.parse().ok()?, position: position.parse().ok()? })
        };
        read().ok_or_else(|| Error::field("after", "not a cursor of this list"))
    }
}

/// An event with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Tailed {
    /// The event.
    pub event: flow_event::Model,
    /// Its place.
    pub at: Position,
}

/// Which events; all given conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of these flows.
    pub flow_ids: Option<Vec<FlowId>>,
    /// Only of these scenes.
    pub scenes: Option<Vec<Scene>>,
    /// Only those that lead here.
    pub to_statuses: Option<Vec<FlowStatus>>,
    /// Only those that end a flow.
    pub terminal_only: bool,
    /// Only of this client's flows; set from the caller, never by it.
    pub(super) tenant: Option<ClientId>,
}

impl Filter {
    fn of(mut self, caller: &Caller) -> Self {
        self.tenant = caller.tenant();
        self
    }

    pub(super) fn matches(&self, event: &flow_event::Model) -> bool {
        self.tenant.is_none_or(|client| client == event.client_id)
            && self.flow_ids.as_ref().is_none_or(|ids| ids.contains(&event.flow_id))
            && self.scenes.as_ref().is_none_or(|scenes| scenes.contains(&event.scene))
            && self.to_statuses.as_ref().is_none_or(|statuses| statuses.contains(&event.to_status))
            && (!self.terminal_only || ends_flow(event))
    }

    fn condition(&self) -> Condition {
        use flow_event::Column as C;
        let terminal: Vec<_> = FlowStatus::ALL.iter().copied().filter(|s| s.is_terminal()).collect();
        Condition::all()
            .add_option(self.tenant.map(|client| C::ClientId.eq(client)))
            .add_option(self.flow_ids.as_ref().map(|ids| C::FlowId.is_in(ids.iter().copied())))
            .add_option(self.scenes.as_ref().map(|scenes| C::Scene.is_in(scenes.iter().copied())))
            .add_option(self.to_statuses.as_ref().map(|statuses| C::ToStatus.is_in(statuses.iter().copied())))
            .add_option(self.terminal_only.then(|| C::ToStatus.is_in(terminal)))
    }
}

fn ends_flow(event: &flow_event::Model) -> bool {
    event.to_status.is_terminal()
}

/// Committed events after a place, oldest first; the verb behind the query `signFlowEvents`.
pub async fn page(
    app: &App,
    caller: &Caller,
    filter: Filter,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Tailed>> {
    caller.require(Operation::SignFlowEvents)?;
    read(app, &filter.of(caller), after.unwrap_or_default(), None, limit).await
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    event: flow_event::Model,
    xid: i64,
}

async fn read(app: &App, filter: &Filter, after: Position, until: Option<Position>, limit: u64) -> Result<Vec<Tailed>> {
    let postgres = app.db.backend() == DatabaseBackend::Postgres;
    let query = flow_event::Entity::find().filter(filter.condition()).limit(limit);
    let query = if postgres {
        query
            .expr_as(SimpleExpr::cust("xid::text::bigint"), "xid")
            .filter(Expr::cust("xid < pg_snapshot_xmin(pg_current_snapshot())"))
            .filter(beyond(">", after))
            .filter(until.map_or(Expr::cust("true"), |until| beyond("<=", until)))
            .order_by_asc(Expr::cust("flow_event.xid"))
    } else {
        let query = query.expr_as(Expr::val(0_i64), "xid").filter(flow_event::Column::Position.gt(after.position));
        match until {
            Some(until) => query.filter(flow_event::Column::Position.lte(until.position)),
            None => query,
        }
    };
    let rows = query.order_by_asc(flow_event::Column::Position).into_model::<Row>().all(app.db.read()).await?;
    Ok(rows
        .into_iter()
        .map(|row| Tailed { at: Position { xid: row.xid, position: row.event.position }, event: row.event })
        .collect())
}

fn beyond(operator: &str, at: Position) -> SimpleExpr {
    // Both are numbers of ours: nothing to escape.
    Expr::cust(format!("(flow_event.xid, position) {operator} ('{}'::xid8, {})", at.xid, at.position))
}

/// The newest committed place.
async fn head(app: &App) -> Result<Position> {
    let query = flow_event::Entity::find().limit(1);
    let query = if app.db.backend() == DatabaseBackend::Postgres {
        query
            .expr_as(SimpleExpr::cust("xid::text::bigint"), "xid")
            .filter(Expr::cust("xid < pg_snapshot_xmin(pg_current_snapshot())"))
            .order_by_desc(Expr::cust("flow_event.xid"))
    } else {
        query.expr_as(Expr::val(0_i64), "xid")
    };
    let row = query.order_by_desc(flow_event::Column::Position).into_model::<Row>().one(app.db.read()).await?;
    Ok(row.map_or_else(Position::default, |row| Position { xid: row.xid, position: row.event.position }))
}

/// Starts the tail at the newest event: what happened before is for those who name a cursor.
pub async fn start(app: &App) -> Result<()> {
    let newest = head(app).await?;
    app.tail.hub().served = newest;
    Ok(())
}

/// Serves everything committed since the last look; gives how many events that were.
pub async fn pump(app: &App) -> Result<usize> {
    let mut count = 0;
    loop {
        let served = app.tail.hub().served;
        let page = read(app, &Filter::default(), served, None, PAGE).await?;
        let full = page.len() as u64 == PAGE;
        count += page.len();
        for event in page.into_iter().map(Arc::new) {
            app.tail.hub().serve(&event);
        }
        if !full {
            return Ok(count);
        }
    }
}

/// Pumps until `stop` turns true: at once when somebody commits, and by a slow timer in case that went unheard.
///
/// Who commits while it looks is served by the next look, which comes [`GAP`] later: one for all of them. After every
/// wake-up it looks a second time, for on PostgreSQL an event stays hidden while an older transaction is open.
pub async fn run_tail(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let net = Duration::from_millis(Ord::min(app.settings.jobs.poll_milliseconds, 300));
    let mut woken = false;
    while !*stop.borrow() {
        let next_look = Instant::now() + GAP;
        if let Err(error) = answered(pump(&app)).await {
            tracing::error!(%error, source = error.cause(), "the event log can't be tailed");
        }
        let patience = if woken { GAP } else { net };
        tokio::select! {
            _ = stop.changed() => {}
            () = app.wake.events.notified() => woken = true,
            () = tokio::time::sleep(patience) => woken = false,
        }
        tokio::time::sleep_until(next_look).await;
    }
}

/// Why a subscription ended that nobody closed.
#[derive(Debug)]
pub enum TailEnd {
    /// The subscriber was too slow; it may go on after this place.
    SlowConsumer(Option<Position>),
    /// The log could not be read.
    Failed(Error),
}

/// Committed events as they come: since `after`, or from now on.
pub fn subscribe(
    app: Arc<App>,
    caller: &Caller,
    filter: Filter,
    after: Option<Position>,
) -> Result<impl Stream<Item = Result<Arc<Tailed>, TailEnd>> + Send + use<>> {
    caller.require(Operation::SignFlowEvents)?;
    let filter = filter.of(caller);
    let (registered, place) = Place::take(Arc::clone(&app), filter.clone());
    let caught_up = after.unwrap_or(registered).max(registered);
    let replay = replay(app, filter, after, registered);
    let live = stream::unfold(Some(place), move |place| async move {
        let mut place = place?;
        loop {
            match place.next().await {
                Some(event) if event.at <= caught_up => {}
                Some(event) => return Some((Ok(event), Some(place))),
                None => return Some((Err(TailEnd::SlowConsumer(None)), None)),
            }
        }
    });
    let mut last = after;
    Ok(futures_util::StreamExt::map(futures_util::StreamExt::chain(replay, live), move |item| match item {
        Ok(event) => {
            last = Some(event.at);
            Ok(event)
        }
        Err(TailEnd::SlowConsumer(_)) => Err(TailEnd::SlowConsumer(last)),
        Err(failed) => Err(failed),
    }))
}

/// Everything after `after` up to and including `until`, page by page.
fn replay(
    app: Arc<App>,
    filter: Filter,
    after: Option<Position>,
    until: Position,
) -> impl Stream<Item = Result<Arc<Tailed>, TailEnd>> + Send {
    let start = after.filter(|after| *after < until);
    let pages = stream::unfold(start, move |from| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let from = from?;
            match read(&app, &filter, from, Some(until), PAGE).await {
                Ok(page) => {
                    let next = (page.len() as u64 == PAGE).then(|| page[page.len() - 1].at);
                    Some((page.into_iter().map(|event| Ok(Arc::new(event))).collect::<Vec<_>>(), next))
                }
                Err(error) => Some((vec![Err(TailEnd::Failed(error))], None)),
            }
        }
    });
    futures_util::StreamExt::flat_map(pages, stream::iter)
}
