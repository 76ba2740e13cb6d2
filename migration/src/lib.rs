//! The database schema, one file per capability.
