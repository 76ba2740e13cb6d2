//! Deflated text in pieces that fit together.
//!
//! Packing is what a mark costs most. A deflated stream is a row of blocks, and a block that neither ends in the middle
//! of a byte nor looks back behind its own beginning can stand in any stream. So what is drawn again and again, each
//! letter, is packed once and kept; a stream is put together from kept pieces and fresh ones (RFC 1950, 1951).

use adler2::Adler32;
use flate2::{Compress, Compression, FlushCompress};

/// What is shorter than this costs less as it is than packed.
const SHORT: usize = 300;
/// How a zlib stream begins: deflate, a window of 32 KiB, no dictionary.
const HEAD: [u8; 2] = [0x78, 0x9c];
/// An empty block that says it is the last one.
const LAST: [u8; 2] = [0x03, 0x00];
/// The modulus of the checksum.
const ADLER: u64 = 65_521;

/// A piece, or several put together.
#[derive(Clone)]
pub(crate) struct Packed {
    blocks: Vec<u8>,
    /// Of the text as it was.
    checksum: u32,
    length: usize,
}

impl Packed {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self { blocks: Vec::new(), checksum: 1, length: 0 }
    }

    /// A text packed as well as can be: for what is kept.
    pub(super) fn tightly(text: &[u8]) -> Self {
        let mut packed = Self::new();
        packed.deflate(text, Compression::best());
        packed.account(text);
        packed
    }

    /// Adds a text that is needed once.
    pub(super) fn add(&mut self, text: &[u8]) {
        match u16::try_from(text.len()) {
            Ok(0) => {}
            Ok(length) if text.len() < SHORT => {
                self.blocks.push(0);
                self.blocks.extend(length.to_le_bytes());
                self.blocks.extend((!length).to_le_bytes());
                self.blocks.extend(text);
            }
            _ => self.deflate(text, Compression::fast()),
        }
        self.account(text);
    }

    /// Adds a piece.
    pub(super) fn append(&mut self, piece: &Self) {
        self.blocks.extend(&piece.blocks);
        self.checksum = joined(self.checksum, piece.checksum, piece.length);
        self.length += piece.length;
    }

    /// The whole stream, as PDF's `FlateDecode` reads it.
    pub(crate) fn stream(&self) -> Vec<u8> {
        [&HEAD, self.blocks.as_slice(), &LAST, &self.checksum.to_be_bytes()].concat()
    }

    fn account(&mut self, text: &[u8]) {
        let mut checksum = Adler32::from_checksum(self.checksum);
        checksum.write_slice(text);
        self.checksum = checksum.checksum();
        self.length += text.len();
    }

    /// Packs a text up to the end of a byte, looking back at nothing before it.
    fn deflate(&mut self, text: &[u8], level: Compression) {
        let mut state = Compress::new(level, false);
        let mut rest = text;
        loop {
            let before = state.total_in();
            self.blocks.reserve(rest.len() / 2 + 64);
            state
                .compress_vec(rest, &mut self.blocks, FlushCompress::Sync)
                .expect("a fresh compressor takes whatever it is given");
            let taken = usize::try_from(state.total_in() - before).expect("no more than there was");
            rest = &rest[taken..];
            // Whether everything is out can be told only by room that is left.
            if rest.is_empty() && self.blocks.len() < self.blocks.capacity() {
                return;
            }
        }
    }
}

/// The checksum of one text and another behind it, whose length is given.
fn joined(one: u32, other: u32, length: usize) -> u32 {
    let low = |sum: u32| u64::from(sum & 0xffff);
    let high = |sum: u32| u64::from(sum >> 16);
    let (before, length) = (low(one) + ADLER - 1, length as u64 % ADLER);
    let a = (before + low(other)) % ADLER;
    let b = (high(one) + high(other) + length * before) % ADLER;
    u32::try_from(b << 16 | a).expect("two halves below 65,536")
}

/// What a stream holds: for tests.
#[cfg(test)]
pub(crate) fn unpacked(stream: &[u8]) -> Vec<u8> {
    use std::io::Read;
    let mut text = Vec::new();
    flate2::read::ZlibDecoder::new(stream).read_to_end(&mut text).expect("a stream with the right checksum");
    text
}

#[cfg(test)]
mod tests {
    use super::{Packed, unpacked};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_together_hold_what_each_of_them_holds(
            texts in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..2_000)), 0..6),
        ) {
            let mut packed = Packed::new();
            for (kept, text) in &texts {
                if *kept { packed.append(&Packed::tightly(text)) } else { packed.add(text) }
            }
            let whole: Vec<u8> = texts.iter().flat_map(|(_, text)| text).copied().collect();
            prop_assert_eq!(unpacked(&packed.stream()), whole);
        }
    }

    #[test]
    fn a_long_text_is_packed_whole() {
        let text: Vec<u8> =
            (0..300_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        let mut packed = Packed::tightly(&text);
        packed.add(&text);
        assert_eq!(unpacked(&packed.stream()), [text.as_slice(), &text].concat());
    }
}
