//! Finding what is stuck, where it is.
//!
//! The conditions on states stand in the SQL as they stand in the indexes' own: a database uses an index of a part of a
//! table only for a question that it can see to be about that part, and what is bound to a question it can't see.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    prelude::*,
    sea_query::{Query, SelectStatement, SimpleExpr},
};

use super::{Cause, Counts, Item, Stuck};
use crate::{
    App, Caller,
    caller::Operation,
    error::Result,
    flow::{entity::sign_flow, query::dwell_limit},
    ids::FlowId,
    job::entity::job,
    personal::without_numbers,
    sms::breaker::Breaker,
    terms::FlowStatus,
};

/// Beyond so many nobody needs to know how many there are.
pub const MOST_COUNTED: u64 = 1_000;
/// So many of a kind are listed at most, the oldest first.
pub const MOST_LISTED: u64 = 100;
/// How long a due job may lie before somebody should look for the workers.
const LYING: TimeDelta = TimeDelta::minutes(5);
/// So often any job may fail before somebody should look; of seals and challenges every failure is shown.
const FAILURES: i32 = 5;

/// How many things are stuck, for the navigation. Needs `flows:read`.
pub async fn counts(app: &App, caller: &Caller) -> Result<Counts> {
    caller.require(Operation::StuckWork)?;
    let mut counts = Counts::default();
    for &kind in Stuck::ALL {
        let found = match kind {
            Stuck::GatewayOpen => gateways(app, caller).len() as u64,
            Stuck::JobsOverdue => u64::from(!overdue(app, caller).await?.is_empty()),
            Stuck::AuthSilent | Stuck::Undelivered => count(app, flows(app, caller, kind)).await?,
            _ => count(app, jobs(caller, kind)).await?,
        };
        if found > 0 {
            counts.0.insert(kind, found);
        }
    }
    Ok(counts)
}

#[derive(FromQueryResult)]
struct Counted {
    found: i64,
}

async fn count<E: EntityTrait>(app: &App, query: Select<E>) -> Result<u64> {
    let mut some: SelectStatement = query.into_query();
    some.clear_selects().expr(Expr::val(1)).clear_order_by().limit(MOST_COUNTED);
    let mut counting = Query::select();
    counting.expr_as(Expr::cust("count(*)"), "found").from_subquery(some, "some");
    let backend = app.db.backend();
    let counted = Counted::find_by_statement(backend.build(&counting)).one(app.db.read()).await?;
    Ok(counted.and_then(|counted| u64::try_from(counted.found).ok()).unwrap_or_default())
}

/// What is stuck, by kind, within a kind the oldest first, at most [`MOST_LISTED`] of each. `only`: of this kind. Needs
/// `flows:read`.
pub async fn list(app: &App, caller: &Caller, only: Option<Stuck>) -> Result<Vec<Item>> {
    caller.require(Operation::StuckWork)?;
    let mut items = Vec::new();
    for &kind in Stuck::ALL.iter().filter(|kind| only.is_none_or(|only| only == **kind)) {
        items.extend(match kind {
            Stuck::GatewayOpen => gateways(app, caller),
            Stuck::JobsOverdue => overdue(app, caller).await?,
            Stuck::AuthSilent | Stuck::Undelivered => {
                let found = flows(app, caller, kind).limit(MOST_LISTED).all(app.db.read()).await?;
                found.into_iter().map(|flow| of_flow(kind, flow)).collect()
            }
            _ => of_jobs(app, kind, jobs(caller, kind).limit(MOST_LISTED).all(app.db.read()).await?).await?,
        });
    }
    Ok(items)
}

/// Jobs that are stuck in this way.
fn jobs(caller: &Caller, kind: Stuck) -> Select<job::Entity> {
    use job::Column as C;
    let state = match kind {
        Stuck::JobDiscarded => "state = 'discarded'",
        _ => "state in ('available', 'running') and failures > 0",
    };
    let which = match kind {
        Stuck::SealFails => Condition::all().add(C::Kind.eq("seal")).add(of_open_flow()),
        Stuck::ChallengeFails => Condition::all().add(C::Kind.eq("create_challenge")).add(of_open_flow()),
        Stuck::JobFails => {
            Condition::all().add(C::Kind.is_not_in(["seal", "create_challenge"])).add(C::Failures.gte(FAILURES))
        }
        _ => Condition::all(),
    };
    let own = caller.tenant().map(|client| {
        let flows = sign_flow::Entity::find().select_only().column(sign_flow::Column::Id);
        C::FlowId.in_subquery(flows.filter(sign_flow::Column::ClientId.eq(client)).into_query())
    });
    let query = job::Entity::find().filter(Expr::cust(state)).filter(which.add_option(own));
    query.order_by_asc(C::Kind).order_by_asc(C::Id)
}

/// Whose flow still waits for it: once that has ended, the job has nothing to do but to find it out.
fn of_open_flow() -> SimpleExpr {
    Expr::cust("exists (select 1 from sign_flow f where f.id = job.flow_id and f.completed_at is null)")
}

/// Flows that are stuck in this way.
fn flows(app: &App, caller: &Caller, kind: Stuck) -> Select<sign_flow::Entity> {
    use sign_flow::Column as C;
    let which = match kind {
        Stuck::AuthSilent => {
            let longest = dwell_limit(FlowStatus::Authenticating);
            Condition::all()
                .add(Expr::cust("status = 'AUTHENTICATING'"))
                .add_option(longest.map(|longest| C::UpdatedAt.lt(app.now() - longest)))
        }
        _ => Condition::all().add(Expr::cust("status = 'CREATED' and sms_undelivered")),
    };
    let own = caller.tenant().map(|client| C::ClientId.eq(client));
    sign_flow::Entity::find().filter(which.add_option(own)).order_by_asc(C::UpdatedAt)
}

fn of_flow(kind: Stuck, flow: sign_flow::Model) -> Item {
    Item { since: flow.updated_at, flow: Some(flow), ..nothing(kind) }
}

async fn of_jobs(app: &App, kind: Stuck, rows: Vec<job::Model>) -> Result<Vec<Item>> {
    let ids: Vec<FlowId> = rows.iter().filter_map(|row| row.flow_id).collect();
    let flows = sign_flow::Entity::find().filter(sign_flow::Column::Id.is_in(ids)).all(app.db.read()).await?;
    let flows: HashMap<FlowId, sign_flow::Model> = flows.into_iter().map(|flow| (flow.id, flow)).collect();
    let item = |row: job::Model| Item {
        since: row.finished_at.unwrap_or(row.created_at),
        flow: row.flow_id.and_then(|id| flows.get(&id)).cloned(),
        job: Some((row.id, row.kind)),
        tries: Some(row.attempt),
        next: row.finished_at.is_none().then_some(row.due_at),
        cause: row.last_error.as_deref().map(Cause::of),
        told: row.last_error.as_deref().map(without_numbers),
        ..nothing(kind)
    };
    Ok(rows.into_iter().map(item).collect())
}

/// Gateways that this process leaves out for a while: those of the whole system, so for staff alone.
fn gateways(app: &App, caller: &Caller) -> Vec<Item> {
    let left_out = |name: &str| match app.breakers.of(name) {
        Breaker::Open { until } | Breaker::Trying { until } => Some(until),
        Breaker::Closed { .. } => None,
    };
    let rest = TimeDelta::seconds(app.settings.sms.breaker_seconds);
    let item = |name: &str| {
        let until = left_out(name)?;
        let gateway = Some(name.to_owned());
        Some(Item { since: until - rest, next: Some(until), gateway, ..nothing(Stuck::GatewayOpen) })
    };
    let all = app.gateways.iter().filter(|_| caller.tenant().is_none());
    all.filter_map(|gateway| item(gateway.name())).collect()
}

/// One item for all jobs that are long due: their number, and since when the first lies.
async fn overdue(app: &App, caller: &Caller) -> Result<Vec<Item>> {
    if caller.tenant().is_some() {
        return Ok(Vec::new());
    }
    let lying = || {
        let due = job::Column::DueAt;
        job::Entity::find()
            .filter(Expr::cust("state = 'available'"))
            .filter(due.lt(app.now() - LYING))
            .order_by_asc(due)
    };
    let Some(first) = lying().one(app.db.read()).await? else { return Ok(Vec::new()) };
    let many = count(app, lying()).await?;
    Ok(vec![Item { since: first.due_at, many: Some(many), ..nothing(Stuck::JobsOverdue) }])
}

fn nothing(kind: Stuck) -> Item {
    Item {
        kind,
        since: DateTime::<Utc>::UNIX_EPOCH,
        flow: None,
        job: None,
        gateway: None,
        tries: None,
        next: None,
        cause: None,
        told: None,
        many: None,
    }
}
