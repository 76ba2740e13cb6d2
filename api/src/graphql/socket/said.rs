//! What the other side may say, by the protocol. Read strictly, and no deeper than is needed to tell what it is: what a
//! request holds is read where requests are read.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::graphql::limits::text::check_json;

/// The longest id of an operation, in bytes; it is repeated with every result.
const ID_BYTES: usize = 256;

/// A message.
#[derive(Debug)]
pub enum Said<'a> {
    /// Who it is: the `authorization`, if any.
    Init(Option<String>),
    /// Are you there; to be answered with the same payload.
    Ping(Option<&'a RawValue>),
    /// I am here.
    Pong,
    /// Run this, under this id.
    Subscribe {
        /// The id.
        id: String,
        /// The request, as JSON.
        payload: &'a RawValue,
    },
    /// No more of this.
    Complete(String),
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(default)]
    id: Option<String>,
    #[serde(borrow, default)]
    payload: Option<&'a RawValue>,
}

/// Reads a message; none: it isn't one of the protocol.
pub fn said(text: &str) -> Option<Said<'_>> {
    let Envelope { kind, id, payload } = serde_json::from_str(text).ok()?;
    let id = id.filter(|id| !id.is_empty() && id.len() <= ID_BYTES);
    let is_object = payload.is_some_and(|payload| payload.get().starts_with('{'));
    if !is_object && payload.is_some_and(|payload| payload.get() != "null") {
        return None;
    }
    match &*kind {
        "connection_init" => payload.map_or(Some(Said::Init(None)), init),
        "ping" => Some(Said::Ping(payload)),
        "pong" => Some(Said::Pong),
        "subscribe" => Some(Said::Subscribe { id: id?, payload: payload.filter(|_| is_object)? }),
        "complete" => Some(Said::Complete(id?)),
        _ => None,
    }
}

fn init(payload: &RawValue) -> Option<Said<'_>> {
    check_json(payload.get().as_bytes()).ok()?;
    let payload: Value = serde_json::from_str(payload.get()).ok()?;
    let mut entries = payload.as_object().into_iter().flatten();
    let entry = entries.find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    Some(Said::Init(entry.and_then(|(_, value)| value.as_str()).map(str::to_owned)))
}
