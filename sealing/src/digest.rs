//! The one digest of this crate.

use aws_lc_rs::digest::{Context, SHA256};

/// The SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Digest::of(bytes).finish()
}

/// A SHA-256 in the making. A copy goes on from where it stands: what several digests begin with is read once.
#[derive(Clone)]
pub(crate) struct Digest(Context);

impl Digest {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Context::new(&SHA256)).and(bytes)
    }

    pub(crate) fn and(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes);
        self
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(self.0.finish().as_ref());
        out
    }

    pub(crate) fn finish_hex(self) -> String {
        hex::encode(self.finish())
    }
}

/// The SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Digest::of(bytes).finish_hex()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_digest_is_the_standards_example() {
        assert_eq!(super::sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
