//! Stories through the real router, on both databases.
