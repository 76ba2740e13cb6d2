//! Documents: laid out when they are read, frozen when they are signed, sealed when the signer is authenticated.
//!
//! A **document** is one seal record of a flow. Its **base PDF** is laid out once, from the text version and the data the
//! flow froze at its start; the pages on the phone come from the same compilation. Its digest is frozen when the user
//! signs. The **sealed file** carries handwriting, company seal and the platform's signature in one later revision. It is
//! written, read back and verified before the flow may be COMPLETED.
//!
//! Everything kept as a blob is encrypted by the vault: documents name persons.

pub mod abandon;
pub mod blob;
pub mod document;
pub mod entity;
pub mod port;
pub mod query;
mod run;

pub use abandon::{abandon, retry};
pub use run::run;
