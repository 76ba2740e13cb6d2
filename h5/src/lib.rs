//! The signer's pages: read, sign, prove who you are, see the result.

pub mod answer;
pub mod asset;
pub mod form;
pub mod frame;
pub mod gallery;
pub mod language;
pub mod moment;
pub mod page;
pub mod preference;
pub mod template;
