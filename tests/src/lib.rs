//! What the stories stand on.
//!
//! A [`TestApp`] is the whole platform on a fresh database of its own, SQLite or PostgreSQL, with a clock that stands
//! still until it is moved and randomness that repeats. What lies outside is played by fakes that keep a record of what
//! was asked of them and can be told to fail at their next calls: [`gateway`], [`auth_system`], [`sealer`]. The person
//! with the link is [`signer`]; upstream comes through the real router ([`door`]).
//! Contenders that must meet each other are started by a [`race`]; what may be found nowhere is planted and looked for by a
//! [`ledger`].
//!
//! What always holds: a story never sleeps, it moves the clock and drains the jobs. When a [`TestApp`] goes, no job may
//! be due and every flow must be [`sound`]: a story that leaves either behind fails, whatever it was about.

pub mod app;
pub mod auth_system;
pub mod console;
pub mod database;
pub mod door;
pub mod environment;
pub mod fixture;
pub mod gateway;
pub mod journal;
pub mod ledger;
pub mod race;
pub mod relay;
pub mod script;
pub mod sealer;
pub mod signer;
pub mod sound;
pub mod stand_in;

pub use app::TestApp;
