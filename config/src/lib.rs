//! Settings: what an operator may choose, and nothing else.
//!
//! Three layers, the later over the earlier: `config/default.toml`, `config/{profile}.toml`, then the environment
//! (`ESIGN__SECTION__KEY`). The two files are compiled in, so one binary is enough to run; a folder named by
//! `ESIGN_CONFIG_DIR` replaces them. Every key is known: an unknown one, a missing secret or a bad value stops the
//! start with a message that names the key. Secrets are a type that never prints itself.

mod check;
mod load;
mod secret;
mod settings;

pub use check::{Problem, check};
pub use load::{LoadError, from_sources, load};
pub use secret::Secret;
pub use settings::*;
