//! Events: what happened to flows, for ever.
//!
//! Each flow has a **chain**: every event holds the hash of the one before, so nobody can change, drop or slip in one
//! without all later hashes betraying it ([`chain`]). The **tail** ([`tail`]) hands committed events of all flows, in
//! commit order, to whoever subscribes. An event holds no personal value, only its HMAC under a key of the flow; the
//! values stand sealed in a side row, so a person can be erased and the chain still verifies.

pub mod chain;
pub mod entity;
mod hub;
pub mod tail;

pub use hub::Tail;
