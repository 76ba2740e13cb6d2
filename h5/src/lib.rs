//! The signer's pages: read, sign, prove who you are, see the result.
