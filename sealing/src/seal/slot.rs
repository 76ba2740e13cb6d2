//! The slot in the file where the signature stands, and the file around it.

use super::SealError;
use crate::digest::Digest;

/// A file with an empty slot.
pub(super) struct Prepared {
    pub(super) bytes: Vec<u8>,
    /// The digest of what stands before everything that is patched here, and how much that is.
    begun: (Digest, usize),
    /// Where the slot's `<` stands.
    open: usize,
    /// One past the slot's `>`.
    close: usize,
}

impl Prepared {
    /// Takes a finished file, writes the range around the slot into its place, and keeps the slot.
    ///
    /// `range` is where the placeholder for the range stands, [`RANGE_PLACEHOLDER`] as written.
    pub(super) fn new(
        (mut bytes, begun): (Vec<u8>, (Digest, usize)),
        range: usize,
        (open, close): (usize, usize),
    ) -> Self {
        let text = format!("[0 {open} {close} {}]", bytes.len() - close);
        let width = RANGE_PLACEHOLDER.len();
        let padded = format!("{text:width$}");
        bytes[range..range + width].copy_from_slice(padded.as_bytes());
        Self { bytes, begun, open, close }
    }

    /// The digest of the file around the slot.
    pub(super) fn digest(&self) -> [u8; 32] {
        let (begun, length) = &self.begun;
        begun.clone().and(&self.bytes[*length..self.open]).and(&self.bytes[self.close..]).finish()
    }

    /// The digest of the whole file as it is now, in hexadecimal.
    pub(super) fn whole_digest(&self) -> String {
        let (begun, length) = &self.begun;
        begun.clone().and(&self.bytes[*length..]).finish_hex()
    }

    /// Writes the signature into the slot, in lower-case hexadecimal, the rest staying zeros.
    pub(super) fn fill(&mut self, container: &[u8]) -> Result<(), SealError> {
        let digits = hex::encode(container);
        let slot = &mut self.bytes[self.open + 1..self.close - 1];
        let room = slot.get_mut(..digits.len()).ok_or(SealError::Key("the signature does not fit its slot"))?;
        room.copy_from_slice(digits.as_bytes());
        Ok(())
    }
}

/// Stands where the range will; wide enough for a file of 10 GB.
pub(super) const RANGE_PLACEHOLDER: &str = "[0 0000000000 0000000000 0000000000]";
