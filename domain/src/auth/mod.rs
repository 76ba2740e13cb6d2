//! Authentication: proving who signs, at the outside auth system (认证系统).
//!
//! A **rule** decides the kind. An **attempt** is one try: its record is written with the flow's move, a job asks the
//! auth system for the **challenge**, the user answers it, and the **result** comes back by callback, by polling or in
//! the reply to what we handed in, whichever is first. All of them end in one verb, [`settle`]: it locks the flow, and
//! only the first word about the current attempt moves anything; what comes twice, late or about another attempt is kept
//! on its record.
//!
//! What always holds: every request carries a stable key, so asking twice makes one challenge and counts one amount; an
//! amount is counted in our database before it is sent; a challenge never ends by our clock alone, the auth system is
//! asked once more first.

pub mod ask;
pub mod attempt;
pub mod challenge;
pub mod entity;
pub mod evidence;
pub mod expire;
pub mod inbox;
pub mod material;
pub mod poll;
pub mod port;
pub mod query;
pub mod rule;
pub mod settle;

pub use ask::ask_now;
