//! What staff see of a flow, and what they do about it.
//!
//! [`timeline::timeline`] gives everything that is known of one flow in one order, with what the system will do by itself
//! and [`next::NextStep`]: who has to act, since when, and what staff can do now. The acts themselves stand with their
//! capability (`flow::cancel`, `sms::resend`, `seal::retry`, `seal::abandon`, `auth::ask_now`); here are those that only
//! show what is otherwise hidden, each of them in the audit log.

pub mod link;
pub mod next;
pub mod reading;
pub mod reveal;
pub mod timeline;

mod entries;
mod telling;

pub use link::copy_link;
pub use reveal::{PersonalField, reveal};
pub use timeline::{Timeline, timeline};
