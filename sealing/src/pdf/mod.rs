//! PDF objects and incremental revisions.
