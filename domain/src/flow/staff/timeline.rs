//! Everything that is known of one flow, in one order.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::*};
use serde_json::Value;

use super::{
    entries,
    next::{Known, NextStep},
    telling,
};
use crate::{
    App, Caller, audit,
    auth::{
        self,
        entity::{auth_entry, auth_inbox, auth_record},
    },
    caller::{Operation, Scope},
    client::Client,
    error::{Error, Result},
    event::{
        chain::{Broken, verify_flow},
        entity::{event_secret, flow_event},
    },
    flow::{
        entity::{sign_flow, sign_result},
        input::Subject,
        query, result, secret,
    },
    ids::FlowId,
    job::entity::job,
    reference,
    seal::{self, entity::seal_record},
    sms::{self, entity::sms_record, resend},
    terms::FlowEventType,
};

/// The newest so many of each source. A flow has some dozens of events in its life; only a seal that fails for days has
/// more.
const MOST: u64 = 500;

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An event of the chain.
    Event(FlowEventType),
    /// A message was asked for.
    SmsQueued,
    /// A gateway took it.
    SmsAccepted,
    /// It reached the phone.
    SmsDelivered,
    /// It did not, or a try failed.
    SmsFailed,
    /// The auth system pushed a word.
    CallbackReceived,
    /// It said something that moved nothing any more.
    LateResult,
    /// An amount was typed.
    AmountTyped,
    /// The link was opened.
    LinkOpened,
    /// An act of staff, by its operation's name.
    Act(String),
}

impl What {
    /// The name that words are found under.
    pub fn key(&self) -> String {
        match self {
            Self::Event(kind) => kind.as_str().to_owned(),
            Self::Act(action) => action.clone(),
            other => format!("{other:?}"),
        }
    }
}

/// Something besides what happened, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Which: `gateway`, `attempt`, ….
    pub name: &'static str,
    /// As people may see it.
    pub value: String,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub what: What,
    /// Its place in the chain; 0: it stands in none.
    pub seq: i32,
    /// Who did it: `signatory`, `auth`, `system`, `staff:name`, `client:code`.
    pub by: Option<String>,
    /// What else is known.
    pub facts: Vec<Fact>,
    /// In somebody's words, with what they quote of the person masked.
    pub note: Option<String>,
    /// One of the things that matter.
    pub gist: bool,
    /// It went wrong.
    pub failure: bool,
}

impl Entry {
    /// A fact by its name.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str())
    }
}

/// A flow with everything that is known of it.
pub struct Timeline {
    /// The flow.
    pub flow: sign_flow::Model,
    /// Whose it is.
    pub client: Arc<Client>,
    /// Who signs, in types that print masked; none: erased.
    pub subject: Option<Subject>,
    /// What is to be done next.
    pub next: NextStep,
    /// What happened, newest first.
    pub entries: Vec<Entry>,
    /// There is more, older than what is told.
    pub left_out: bool,
    /// Whether the chain holds; none: it is too long to be checked for a page.
    pub chain: Option<Result<(), Broken>>,
    /// Jobs that wait, run or were given up, by when they are due: when the system itself will act.
    pub jobs: Vec<job::Model>,
    /// Its documents, in order.
    pub documents: Vec<seal_record::Model>,
    /// Its messages, oldest first.
    pub messages: Vec<sms_record::Model>,
    /// Its attempts at the auth system, oldest first.
    pub attempts: Vec<auth_record::Model>,
    /// Its result, once it has ended.
    pub result: Option<sign_result::Model>,
    /// The flow that took its place.
    pub superseded_by: Option<sign_flow::Model>,
}

/// The verb. None: there is no such flow for the caller.
pub async fn timeline(app: &App, caller: &Caller, id: FlowId) -> Result<Option<Timeline>> {
    caller.require(Operation::Timeline)?;
    let flow = sign_flow::Entity::find_by_id(id).one(app.db.read()).await?;
    let Some(flow) = flow.filter(|flow| caller.sees(flow.client_id)) else { return Ok(None) };
    let reference = reference::current(app).await?;
    let client = reference.client(flow.client_id).ok_or(Error::NotFound)?.clone();
    let subject = match secret::input(app, app.db.read(), id).await {
        Ok(input) => Some(input.subject()),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    let events = events(app, id).await?;
    let (messages, attempts) = (sms::query::of_flows(app, &[id]).await?, auth::query::of_flows(app, &[id]).await?);
    let superseded_by = query::superseded_by(app, id).await?;
    let known = Known {
        flow: &flow,
        attempt: attempts.iter().find(|record| record.attempt == flow.attempt),
        quota: resend::whole_quota(app, app.db.read(), &client.settings, &flow).await?,
        since: since(&flow, &events),
        seal_failures: events.iter().filter(|event| event.kind == FlowEventType::SealFailed).count(),
        may_restart: superseded_by.is_none() && query::end_allows_restart(app, &flow).await?,
        superseded: superseded_by.is_some(),
        now: app.now(),
    };
    let next = known.next(caller);
    let mut entries = chain_entries(app, &events, subject.as_ref()).await?;
    entries.extend(record_entries(app, &flow, &events, (&messages, &attempts)).await?);
    entries.extend(acts(app, caller, id).await?);
    // Of one moment the chain's order holds, and what stands in no chain comes after.
    entries.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.seq == 0, entry.seq)));
    Ok(Some(Timeline {
        left_out: usize::try_from(flow.event_count).unwrap_or_default() > events.len(),
        chain: chain(&flow, &events),
        jobs: jobs(app, id).await?,
        documents: seal::query::of_flows(app, &[id]).await?,
        result: result::of(app, id).await?,
        flow,
        client,
        subject,
        next,
        entries,
        messages,
        attempts,
        superseded_by,
    }))
}

/// The newest events, newest first.
async fn events(app: &App, id: FlowId) -> Result<Vec<flow_event::Model>> {
    let query = flow_event::Entity::find().filter(flow_event::Column::FlowId.eq(id));
    Ok(query.order_by_desc(flow_event::Column::Seq).limit(MOST).all(app.db.read()).await?)
}

/// Since when the flow is in its status, as far as the events that were read tell.
fn since(flow: &sign_flow::Model, newest_first: &[flow_event::Model]) -> DateTime<Utc> {
    let entered = newest_first.iter().find(|event| event.from_status != Some(event.to_status));
    entered.map_or(flow.created_at, |event| event.occurred_at)
}

fn chain(flow: &sign_flow::Model, newest_first: &[flow_event::Model]) -> Option<Result<(), Broken>> {
    let whole = newest_first.last().is_some_and(|event| event.seq == 1) || newest_first.is_empty();
    let in_order: Vec<_> = newest_first.iter().rev().cloned().collect();
    whole.then(|| verify_flow(flow, &in_order))
}

async fn chain_entries(app: &App, events: &[flow_event::Model], subject: Option<&Subject>) -> Result<Vec<Entry>> {
    let ids = events.iter().map(|event| event.id);
    let secrets =
        event_secret::Entity::find().filter(event_secret::Column::EventId.is_in(ids)).all(app.db.read()).await?;
    let told = |event: &flow_event::Model| {
        telling::of_event(app, event, secrets.iter().find(|secret| secret.event_id == event.id), subject)
    };
    events.iter().map(told).collect()
}

async fn record_entries(
    app: &App,
    flow: &sign_flow::Model,
    events: &[flow_event::Model],
    (messages, attempts): (&[sms_record::Model], &[auth_record::Model]),
) -> Result<Vec<Entry>> {
    let db = app.db.read();
    let tells = |record: &sms_record::Model| {
        let id = Value::String(record.id.to_string()).to_string();
        events.iter().any(|event| event.detail.contains(&id))
    };
    let mut entries: Vec<_> = messages.iter().flat_map(|record| entries::of_sms(record, tells(record))).collect();
    let amounts = auth_entry::Entity::find()
        .filter(auth_entry::Column::AuthRecordId.is_in(attempts.iter().map(|record| record.id)))
        .order_by_asc(auth_entry::Column::CountedAt)
        .all(db)
        .await?;
    entries.extend(attempts.iter().flat_map(|record| entries::of_attempt(record, &amounts)));
    for challenge in attempts.iter().filter_map(|record| record.challenge_id.as_deref()) {
        let words = auth_inbox::Entity::find()
            .filter(auth_inbox::Column::ChallengeId.eq(challenge))
            .order_by_desc(auth_inbox::Column::ReceivedAt)
            .limit(MOST)
            .all(db)
            .await?;
        entries.extend(words.iter().map(entries::of_word));
    }
    let opened = events.iter().any(|event| event.kind == FlowEventType::LinkOpened);
    entries.extend(query::session(app, flow.id).await?.and_then(|session| entries::of_session(&session, opened)));
    Ok(entries)
}

/// What staff did about it, for whoever may read the audit log.
async fn acts(app: &App, caller: &Caller, id: FlowId) -> Result<Vec<Entry>> {
    if !caller.has(Scope::AuditRead) {
        return Ok(Vec::new());
    }
    let acts = audit::entity::Entity::find()
        .filter(audit::entity::Column::Target.eq(id.to_string()))
        .order_by_desc(audit::entity::Column::Seq)
        .limit(MOST)
        .all(app.db.read())
        .await?;
    Ok(acts.iter().filter_map(entries::of_act).collect())
}

async fn jobs(app: &App, id: FlowId) -> Result<Vec<job::Model>> {
    let query = job::Entity::find()
        .filter(job::Column::FlowId.eq(id))
        .filter(job::Column::State.ne("completed"))
        .order_by_asc(job::Column::DueAt)
        .limit(MOST);
    Ok(query.all(app.db.read()).await?)
}
