//! What the platform is.
//!
//! A **flow** ([`flow`]) is one signing: upstream starts it, a person signs, the auth system vouches for the person,
//! the documents are sealed, the result goes back. Everything else serves it: [`sms`] brings the link to the person,
//! [`auth`] talks to the auth system, [`agreement`] holds the texts, [`seal`] makes the sealed files, [`event`] keeps
//! the chain of what happened, [`decision`] says what staff's rules decide, [`job`] remembers what is still to be done, [`client`] and [`staff`] are who may ask,
//! [`audit`] remembers what they changed.
//!
//! A door (GraphQL, page, callback, command line) parses and renders, nothing else. It calls a **verb**, a free
//! function `verb(&App, &Caller, …) -> Result<T, Error>`, and all doors share it. What always holds:
//!
//! - Only [`flow::transition`] writes a flow's status; it appends the event and writes the jobs that follow in the same
//!   transaction, so no door can forget.
//! - A transaction moves one flow and locks its row first. Nothing is sent, called or sealed inside a transaction.
//! - No clock is kept in memory: what happens later is a job row with a due time.
//! - Time, ids and randomness come in through [`App`]; personal data has types that print masked ([`personal`]).

pub mod agreement;
pub mod alert;
pub mod audit;
pub mod auth;
pub mod caller;
pub mod client;
pub mod clock;
pub mod decision;
pub mod error;
pub mod event;
pub mod flow;
pub mod ids;
pub mod job;
pub mod personal;
pub mod reference;
pub mod rotation;
pub mod seal;
pub mod selector;
pub mod shipped;
pub mod sms;
pub mod staff;
pub mod stuck;
pub mod terms;
pub mod vault;
pub mod wake;
pub mod words;

mod app;
mod batch;
mod db;

pub use app::App;
pub use caller::Caller;
pub use db::Db;
pub use error::{Error, Result};
pub use wake::Wake;
