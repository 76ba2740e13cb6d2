//! The signer's pages: read, sign, prove who you are, see the result.

pub mod asset;
pub mod frame;
pub mod gallery;
pub mod language;
pub mod page;
pub mod preference;
pub mod template;
