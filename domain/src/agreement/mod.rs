//! Agreements: the catalogue of types (协议类型) and their versioned texts (协议文本).
//!
//! A type says where it may be used (scenes, subject types) and holds one or more documents, in order. Each document
//! has versions; a published version is immutable and a flow keeps the one it started with. What a text may print is
//! frozen with it ([`data`]), so the same flow gives the same bytes for ever.
//!
//! A text is written by staff and trusted by nobody: before it is published it is tried ([`check`]) with sample data
//! ([`sample`]) of everybody who may be asked to sign it, in a layout process that signers don't wait for. `preview`
//! shows what came of it, `publish` insists that nothing is wrong, and `save` opens a type to others only if its texts
//! can bear them.

pub mod catalogue;
pub mod check;
pub mod data;
pub mod entity;
pub mod preview;
pub mod publish;
pub mod query;
pub mod sample;
pub mod save;

pub use preview::preview;
pub use publish::publish;
pub use save::save;
