//! A small schema behind a real door, for the tests of the door's manners: nothing of the platform stands behind it.
#![expect(clippy::unused_async, reason = "the macros take async functions only")]

use std::{sync::Arc, time::Duration};

use async_graphql::{Enum, InputObject, Object, Schema, SimpleObject, Subscription, futures_util::Stream};
use esign_domain::{
    caller::{Caller, Scopes},
    error::Error,
    ids::ClientId,
};
use futures_util::{FutureExt, StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{
    documents::Documents,
    door::{Door, Holder, Pace},
    error::{ApiError, ApiResult},
    rate::Rate,
    sockets::Sockets,
    types::Types,
};

#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
enum Scene {
    Collection,
    BatchPayment,
}

#[derive(InputObject)]
struct Party {
    name: String,
    #[graphql(default)]
    tags: Vec<String>,
}

#[derive(InputObject)]
struct Start {
    flow_no: String,
    scene: Scene,
    party: Party,
    seconds: Option<i32>,
}

#[derive(Clone, SimpleObject)]
struct ItemConnection {
    nodes: Vec<Item>,
    total: i32,
}

#[derive(Clone, Default)]
struct Item;

#[Object]
impl Item {
    async fn name(&self) -> &str {
        "item"
    }
    async fn next(&self) -> Item {
        Item
    }
    async fn items(&self, first: Option<i32>) -> ItemConnection {
        page(first)
    }
}

fn page(first: Option<i32>) -> ItemConnection {
    let length = usize::try_from(first.unwrap_or(1)).unwrap_or_default();
    ItemConnection { nodes: vec![Item; length], total: 1 }
}

fn falls_over() -> String {
    panic!("the password is hunter2")
}

pub(crate) struct Query;

#[Object]
impl Query {
    async fn echo(&self, text: String) -> String {
        text
    }
    async fn item(&self) -> Item {
        Item
    }
    async fn items(&self, first: Option<i32>) -> ItemConnection {
        page(first)
    }
    async fn maybe(&self) -> Option<ItemConnection> {
        Some(page(None))
    }
    async fn missing(&self) -> Option<ApiResult<String>> {
        Some(Err(Error::NotFound.into()))
    }
    async fn broken(&self) -> ApiResult<String> {
        Err(Error::internal("the password is hunter2").into())
    }
    async fn panics(&self) -> String {
        falls_over()
    }
    async fn long(&self) -> String {
        "x".repeat(super::door::ANSWER_BYTES)
    }
}

pub(crate) struct Mutation;

#[Object]
impl Mutation {
    async fn start(&self, input: Start) -> String {
        let Start { flow_no, scene, party, seconds } = input;
        format!("{flow_no} {scene:?} {} {} {seconds:?}", party.name, party.tags.len())
    }
}

pub(crate) struct Subscriptions;

#[Subscription]
impl Subscriptions {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }
    async fn forever(&self) -> impl Stream<Item = i32> {
        stream::iter([0]).chain(stream::pending())
    }
    async fn refused(&self) -> Result<stream::Empty<i32>, ApiError> {
        Err(Error::Forbidden.into())
    }
    async fn breaks(&self) -> impl Stream<Item = ApiResult<i32>> {
        stream::iter([Ok(1), Err(Error::NotFound.into()), Ok(2)])
    }
}

pub(crate) type Rig = Schema<Query, Mutation, Subscriptions>;

pub(crate) fn types() -> Types {
    Types::read(&Schema::build(Query, Mutation, Subscriptions).finish().sdl()).unwrap()
}

/// A door that knows the tokens `good`, which lasts an hour, and `brief`, which lasts as long as told; `broken` can't be
/// judged.
pub(crate) fn door(pace: Pace, brief: Duration) -> Door<Rig> {
    let executor = Schema::build(Query, Mutation, Subscriptions).finish();
    let caller = || Caller::Client {
        id: ClientId::new(uuid::Uuid::nil()),
        code: "rig".into(),
        scopes: Scopes::new(),
        from: None,
    };
    Door {
        types: types(),
        sdl: executor.sdl(),
        executor,
        authenticate: Arc::new(move |token| {
            let expires_in = match token.as_str() {
                "good" => Ok(Duration::from_hours(1)),
                "brief" => Ok(brief),
                "broken" => Err(Error::internal("the database is away")),
                _ => Err(Error::Unauthenticated),
            };
            let holder = expires_in.map(|expires_in| Holder { caller: Arc::new(caller()), expires_in });
            async move { holder }.boxed()
        }),
        introspection: true,
        documents: Documents::default(),
        rate: Rate::new(1_000, 1_000),
        sockets: Sockets::at_most(2),
        pace,
        shutdown: CancellationToken::new(),
    }
}
