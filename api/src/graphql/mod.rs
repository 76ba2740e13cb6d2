//! The GraphQL doors.
//!
//! The cast: a **request** is measured and compared with the types before it is run ([`admission`], [`limits`],
//! [`shape`]); the **door** ([`door`]) knows who asks, how often they may, and runs it; HTTP ([`crate::http`]) and the
//! **socket** ([`socket`]) are the two ways in and differ only in manners. The **schema** is [`query`], [`mutation`] and
//! [`subscription`], whose types are twins of the domain's, a file a capability. Errors go through one wall ([`error`]).
//!
//! A resolver calls a verb and dresses its answer; it decides nothing. What hangs on lists comes through [`loader`].
//!
//! What always holds: no document reaches the executor unmeasured; no error leaves without a code; what a verb refuses
//! to a caller, no path through the graph gives them; the SDL that is committed is the one that is served.
#![expect(
    clippy::disallowed_types,
    reason = "async-graphql's macros name its Result; a test keeps our own code from it"
)]

use std::{sync::Arc, time::Duration};

use async_graphql::Schema;
use esign_domain::{App, client::token};
use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

pub mod access;
pub mod admission;
pub mod agreement;
pub mod audit;
pub mod auth;
pub mod auth_rule;
pub mod client;
pub mod completion;
pub mod decision;
pub mod decision_matrix;
pub mod documents;
pub mod door;
pub mod error;
pub mod event;
pub mod filter;
pub mod flow;
pub mod graphiql;
pub mod limits;
pub mod loader;
pub mod mutation;
pub mod node;
pub mod operation;
pub mod page;
pub mod query;
pub mod rate;
pub mod result;
pub mod scalar;
pub mod seal;
pub mod selector;
pub mod session;
pub mod shape;
pub mod sms;
pub mod sms_preview;
pub mod sms_template;
pub mod socket;
pub mod sockets;
pub mod start;
pub mod stats;
pub mod subject;
pub mod subscription;
pub mod terms;
pub mod test_sms;
pub mod types;

#[cfg(test)]
mod contract;
#[cfg(test)]
pub(crate) mod rig;

use documents::Documents;
use door::{Authenticate, Door, Holder, Pace};
use mutation::Mutation;
use query::Query;
use rate::Rate;
use sockets::Sockets;
use subscription::Subscription;
use types::Types;

/// The platform's schema.
pub type Platform = Schema<Query, Mutation, Subscription>;

/// The schema, for what it says; it can't be run, because there is no system behind it.
pub fn sdl() -> String {
    written(&Schema::build(Query::default(), Mutation::default(), Subscription).finish())
}

fn written(schema: &Platform) -> String {
    schema.sdl_with_options(async_graphql::SDLExportOptions::new().include_specified_by())
}

/// The doors of a system. `shutdown` ends every socket.
pub fn door(app: &Arc<App>, shutdown: CancellationToken) -> Arc<Door<Platform>> {
    let (server, limits) = (&app.settings.server, &app.settings.limits);
    let schema = Schema::build(Query::default(), Mutation::default(), Subscription)
        .data(app.clone())
        .data(loader::loader(app.clone()));
    // Whoever may not read the schema isn't helped to guess it either.
    let schema = if server.graphql_introspection { schema } else { schema.disable_suggestions() };
    let executor = schema.finish();
    let sdl = written(&executor);
    Arc::new(Door {
        types: Types::read(&sdl).expect("the exporter's SDL parses, as a test shows"),
        sdl,
        executor,
        introspection: server.graphql_introspection,
        rate: Rate::new(limits.requests_per_second, limits.request_burst),
        sockets: Sockets::at_most(limits.sockets_per_client),
        documents: Documents::default(),
        authenticate: authenticate(app.clone()),
        pace: Pace::default(),
        shutdown,
    })
}

fn authenticate(app: Arc<App>) -> Authenticate {
    Arc::new(move |token| {
        let app = app.clone();
        async move {
            let (caller, expires_at) = token::admit(&app, &token).await?;
            let expires_in = (expires_at - app.now()).to_std().unwrap_or(Duration::ZERO);
            Ok(Holder { caller: Arc::new(caller), expires_in })
        }
        .boxed()
    })
}
