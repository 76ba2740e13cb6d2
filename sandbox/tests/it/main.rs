//! The sandbox seen from outside: through its router, and through a real socket where a connection matters.

mod api;
mod callback;
mod challenge;
mod fault;
mod journal;
mod page;
mod signature;
mod sms;
mod webhook;
