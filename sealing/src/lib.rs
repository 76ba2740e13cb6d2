//! Bytes in, sealed bytes out: lay out, sign, verify. No database, no HTTP.
