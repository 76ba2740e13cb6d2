//! As much PDF as sealing and verifying need, and no more.
//!
//! A document of ours has a classic cross-reference table, plain objects and one revision; sealing appends a second
//! one of the same kind. [`File`] reads such files, strictly and within bounds, since anyone may hand us anything to
//! verify. [`Revision`] writes the second revision and never touches the first.

mod file;
mod object;
mod parse;
mod revision;

pub(crate) use file::File;
pub(crate) use object::{Dict, Object};
pub(crate) use parse::Parser;
pub(crate) use revision::Revision;

/// The file is not a PDF of the kind we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) &'static str);
