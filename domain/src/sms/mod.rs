//! SMS: bringing the link to the person.
//!
//! A **template** is picked by its selector; a **record** is one message: the first of its flow, a resend, or a test. A
//! record is QUEUED until a gateway takes it (ACCEPTED), then a **receipt** makes it DELIVERED or FAILED; it is FAILED
//! too when every automatic retry is spent. A try asks the **gateways** in order ([`dispatch`]), leaving out those whose
//! **breaker** is open or to whose carrier the template isn't known.
//!
//! What always holds: all tries of one record carry the record's id as message id; a gateway that may have the message is
//! asked what became of it before anything else is done; limits count only what a gateway accepted or may have; no
//! receipt moves a flow.

pub mod breaker;
mod dispatch;
pub mod entity;
pub mod limit;
pub mod lint;
pub mod message;
mod outcome;
pub mod port;
pub mod preview;
pub mod query;
pub mod receipt;
pub mod resend;
pub mod sample;
pub mod segment;
pub mod send;
pub mod template;
mod test_send;
mod wording;

pub use preview::preview;
pub use resend::resend;
pub use test_send::send_test;
