//! Clients (上游系统): the systems that start flows, and how they prove who they are.
//!
//! The cast. A *client* is an upstream system: a code people can read, a name that stands in messages, a set of
//! scopes, the origins its users may be sent back to, and settings of its own. A *secret* is what it shows at the token
//! door; we keep a keyed hash of it and nothing else, so it can be shown once and never again. An *access token* is
//! what it gets for the secret: a JWT of fifteen minutes that every other door takes. A *result token* is what it keeps:
//! our signed word on how a flow ended, to be checked by anybody, for years, without us. The *key set* holds the keys of
//! both.
//!
//! A *webhook secret* is what we sign with when we tell it something; it is kept sealed, because we need it ourselves.
//!
//! The life of a credential. [`register`](register::register) makes the client and its first secret.
//! [`authenticate`](authenticate::authenticate) turns the secret into the client, [`issue`](token::issue) turns the
//! client into an access token, [`admit`](token::admit) turns the token back into a [`Caller`](crate::caller::Caller).
//! [`rotate`](secret::rotate) makes a new secret while the old one stays good for an overlap, so that the upstream
//! system never stands outside.
//!
//! What always holds. An unknown client, a disabled one and a wrong secret get the same answer in the same time. A token
//! never opens more than its client may do at that moment: a client that is disabled, or loses a scope, loses it in every
//! token that is out. Each token door refuses the other's `typ`, and the keys are different ones besides. No secret, hash
//! or private key prints itself.

pub mod authenticate;
pub mod entity;
pub mod input;
pub mod jws;
mod key;
pub mod keyset;
pub mod origin;
mod proven;
pub mod query;
pub mod register;
pub mod secret;
pub mod settings;
pub mod token;
pub mod webhook_secret;

pub use entity::client::Model as Client;
pub use input::{ClientInput, WebhookAddress};
pub use settings::ClientSettings;

#[cfg(test)]
pub(crate) mod test_app;
#[cfg(test)]
mod tests;
