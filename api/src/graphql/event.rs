//! Events: the log by pages, and as it grows.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object};
use esign_domain::{
    App, Caller,
    error::Error,
    event::{
        entity::flow_event,
        tail::{self, Filter, Position, TailEnd, Tailed},
    },
};
use futures_util::{Stream, StreamExt};

use super::{
    access::id,
    error::{ApiError, ApiResult},
    flow::SignFlow,
    page::{Connection, Edge, length},
    scalar::{Json, Moment},
    seal::flow_of,
    terms::{FlowEventType, FlowStatus, Scene, twins},
};

/// What happened to a flow, once.
#[derive(Clone)]
pub struct SignFlowEvent(pub Arc<flow_event::Model>);

impl From<flow_event::Model> for SignFlowEvent {
    fn from(event: flow_event::Model) -> Self {
        Self(Arc::new(event))
    }
}

/// What happened to a flow: one link of its chain.
#[Object]
impl SignFlowEvent {
    /// The event's id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The id of its flow.
    async fn flow_id(&self) -> ID {
        id(self.0.flow_id)
    }

    /// The client's number of its flow.
    async fn flow_no(&self) -> &str {
        &self.0.flow_no
    }

    /// Its place in the flow's chain, from 1.
    async fn seq(&self) -> i32 {
        self.0.seq
    }

    /// What happened.
    #[graphql(name = "type")]
    async fn kind(&self) -> FlowEventType {
        self.0.kind.into()
    }

    /// Where the flow stood before; null at its start.
    async fn from_status(&self) -> Option<FlowStatus> {
        self.0.from_status.map(Into::into)
    }

    /// Where the flow stood after.
    async fn to_status(&self) -> FlowStatus {
        self.0.to_status.into()
    }

    /// What else is known of it; never a personal value.
    async fn detail(&self) -> ApiResult<Json> {
        Ok(Json(serde_json::from_str(&self.0.detail).map_err(Error::from)?))
    }

    /// SHA-256, hex, over the hash before and the event in canonical JSON.
    async fn hash(&self) -> String {
        hex::encode(&self.0.hash)
    }

    /// When it happened.
    async fn occurred_at(&self) -> Moment {
        self.0.occurred_at.into()
    }

    /// The flow, as it is now.
    async fn flow(&self, ctx: &Context<'_>) -> ApiResult<SignFlow> {
        flow_of(ctx, self.0.flow_id).await
    }
}

/// Which events. All given conditions hold together.
#[derive(Clone, Debug, Default, InputObject)]
pub struct SignFlowEventFilter {
    /// Only of these flows.
    pub flow_ids: Option<Vec<ID>>,
    /// Only of flows of these scenes.
    pub scenes: Option<Vec<Scene>>,
    /// Only events that lead to one of these statuses.
    pub to_statuses: Option<Vec<FlowStatus>>,
    /// Only events that end a flow.
    pub terminal_only: Option<bool>,
}

impl SignFlowEventFilter {
    /// The filter of the log. An id that is none names no flow, as one that is another's does.
    pub fn of(given: Option<Self>) -> Filter {
        let given = given.unwrap_or_default();
        let mut filter = Filter::default();
        filter.flow_ids = given.flow_ids.map(|ids| ids.iter().filter_map(|id| id.parse().ok()).collect());
        filter.scenes = given.scenes.map(twins);
        filter.to_statuses = given.to_statuses.map(twins);
        filter.terminal_only = given.terminal_only.unwrap_or(false);
        filter
    }
}

fn edge(tailed: &Tailed) -> Edge<SignFlowEvent> {
    Edge { cursor: tailed.at.cursor(), node: tailed.event.clone().into() }
}

/// A page of the log.
pub async fn page(
    app: &App,
    caller: &Caller,
    filter: Filter,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<SignFlowEvent>, ApiError> {
    let limit = length("first", first)?;
    let start = after.as_deref().map(Position::from_cursor).transpose()?;
    let mut events = tail::page(app, caller, filter, start, limit + 1).await?;
    let more = events.len() as u64 > limit;
    events.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let entries = events.iter().map(|tailed| (tailed.at.cursor(), tailed.event.clone().into()));
    Ok(Connection::of(entries, (more, start.is_some())))
}

/// The log as it grows.
pub fn follow(
    app: Arc<App>,
    caller: &Caller,
    filter: Filter,
    after: Option<&str>,
) -> Result<impl Stream<Item = ApiResult<Edge<SignFlowEvent>>> + Send + use<>, ApiError> {
    let start = after.map(Position::from_cursor).transpose()?;
    let events = tail::subscribe(app, caller, filter, start)?;
    Ok(events.map(|event| match event {
        Ok(tailed) => Ok(edge(&tailed)),
        Err(TailEnd::SlowConsumer(last)) => Err(ApiError::slow_consumer(last.map(Position::cursor))),
        Err(TailEnd::Failed(error)) => Err(error.into()),
    }))
}
