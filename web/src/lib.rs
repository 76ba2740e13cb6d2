//! What all pages share, whoever reads them: the signer on a phone, staff at a desk.
//!
//! Who is who: a [`Language`](language::Language) is one that people read, [`Words`](words::Words) are the messages of
//! one set of pages in both; a [`Preference`](preference::Preference) is how somebody wants to read; [`Assets`](asset::Assets)
//! are files put together once and named by their content; [`Outlines`](outline::Outlines) are icons drawn inline;
//! [`engine`] makes templates speak all of these; [`moment`] says times; [`header`] keeps a page to itself;
//! [`Misses`](misses::Misses) slow down who guesses.
//!
//! It knows nothing of flows, staff or databases.

pub mod asset;
pub mod engine;
pub mod header;
pub mod language;
pub mod misses;
pub mod moment;
pub mod outline;
pub mod preference;
pub mod words;
