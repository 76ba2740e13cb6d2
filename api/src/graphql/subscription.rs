//! What may be followed.
#![expect(clippy::unused_async, reason = "the macro takes async functions only")]

use async_graphql::{Context, Subscription as AsSubscription};
use futures_util::Stream;

use super::{
    access::{app, caller},
    error::{ApiError, ApiResult},
    event::{self, SignFlowEvent, SignFlowEventFilter},
    page::Edge,
};

/// What may be followed.
pub struct Subscription;

/// What may be followed.
#[AsSubscription]
impl Subscription {
    /// Committed flow events in order. With `after`, first everything since that cursor, then live: a reconnecting client
    /// that passes its last cursor misses nothing and sees nothing twice. Without it, live from now. An unreadable cursor
    /// is INVALID_ARGUMENT; flows of others are left out silently; a subscriber that is too slow ends with SLOW_CONSUMER
    /// and its last cursor. Scope: flows:read.
    async fn sign_flow_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which events.")] filter: Option<SignFlowEventFilter>,
        #[graphql(desc = "Start after this cursor, of this subscription or of the query of the same name.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = ApiResult<Edge<SignFlowEvent>>>, ApiError> {
        event::follow(app(ctx).clone(), caller(ctx)?, SignFlowEventFilter::of(filter), after.as_deref())
    }
}
