//! Agreements: the catalogue of types (协议类型) and their versioned texts (协议文本).
//!
//! A type says where it may be used (scenes, subject types) and holds one or more documents, in order. Each document
//! has versions; a published version is immutable and a flow keeps the one it started with. What a text may print is
//! frozen with it ([`data`]), so the same flow gives the same bytes for ever.

pub mod catalogue;
pub mod data;
pub mod entity;
