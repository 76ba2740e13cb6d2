//! What a resolver finds in its context.

use std::sync::Arc;

use async_graphql::{Context, ID, dataloader::DataLoader};
use esign_domain::{
    App, Caller,
    error::Error,
    ids::{Id, Kind},
    words::Lang,
};

use super::{error::ApiResult, loader::Rows};

/// The system.
pub fn app<'a>(ctx: &Context<'a>) -> &'a Arc<App> {
    ctx.data_unchecked()
}

/// Who asks.
///
/// # Errors
/// [`Error::Unauthenticated`] when nobody was put there, which the door never lets happen.
pub fn caller<'a>(ctx: &Context<'a>) -> ApiResult<&'a Arc<Caller>> {
    ctx.data_opt::<Arc<Caller>>().ok_or_else(|| Error::Unauthenticated.into())
}

/// The language the caller reads.
pub fn lang(ctx: &Context<'_>) -> Lang {
    ctx.data_opt().copied().unwrap_or_default()
}

/// Where rows are fetched many at once.
pub fn rows<'a>(ctx: &Context<'a>) -> &'a DataLoader<Rows> {
    ctx.data_unchecked()
}

/// An id as the schema gives it.
pub fn id<K: Kind>(id: Id<K>) -> ID {
    ID(id.to_string())
}
