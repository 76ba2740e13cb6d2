//! Sign flows.
//!
//! The cast: a **flow** is one signing, from `startSignFlow` to a result. Its **session** is the signer's link. Its
//! **documents** are seal records, its **attempts** at the auth system auth records, its **messages** SMS records; those
//! have rooms of their own. Its **chain** is what happened.
//!
//! Its life: CREATED until an SMS is accepted or the link is opened; PENDING_SIGN while the user reads; PENDING_AUTH
//! from the signature on; AUTHENTICATING while the auth system judges; SEALING once it has passed; then COMPLETED. FAILED,
//! TIMED_OUT and CANCELLED are the other ends; no end is ever left.
//!
//! What always holds:
//! - [`machine::apply`] decides, [`transition`] writes; nobody else touches a status.
//! - COMPLETED holds if and only if every document is SEALED and the auth is PASSED; the database enforces it too.
//! - A flow that isn't terminal has a due job that can end it.
//! - Facts about an attempt that isn't the current one, or that come after the end, move nothing.

pub mod cancel;
pub mod check;
pub mod entity;
pub mod expire;
pub mod export;
pub mod h5;
pub mod input;
pub mod machine;
pub mod plan;
pub mod query;
pub mod result;
pub mod secret;
pub mod staff;
pub mod start;
pub mod stats;
pub mod transition;

mod effect;

pub use cancel::cancel;
pub use effect::enqueue;
pub use export::export;
pub use input::{StartSignFlow, Subject};
pub use plan::plan;
pub use start::{Link, Started, start};

#[cfg(test)]
mod machine_tests;
