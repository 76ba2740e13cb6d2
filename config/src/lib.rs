//! Settings: layered, checked, every key known; secrets masked.
