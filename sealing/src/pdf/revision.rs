//! Writes a revision behind a file that stays as it is.

use std::collections::BTreeMap;

use super::{Dict, File, Malformed, Object};
use crate::digest::Digest;

/// A revision in the making: whole file so far, and where its new objects start.
pub(crate) struct Revision<'a> {
    base: &'a File<'a>,
    bytes: Vec<u8>,
    /// The digest of what the file begins with, and how much that is: the base file is read once for all digests.
    begun: (Digest, usize),
    offsets: BTreeMap<u32, usize>,
    next_id: u32,
}

impl<'a> Revision<'a> {
    /// Starts a revision behind `base`, whose bytes are `base_bytes`.
    pub(crate) fn behind(base: &'a File<'a>, base_bytes: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(base_bytes.len() + (64 << 10));
        bytes.extend(base_bytes);
        bytes.push(b'\n');
        let begun = (Digest::of(&bytes), bytes.len());
        Self { base, bytes, begun, offsets: BTreeMap::new(), next_id: base.size() }
    }

    /// A number no object has yet.
    pub(crate) fn allocate(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Writes an object, new or in place of an older one.
    pub(crate) fn put(&mut self, id: u32, object: &Object) {
        self.begin(id);
        object.write(&mut self.bytes);
        self.bytes.extend(b"\nendobj\n");
    }

    /// Writes a stream that is packed already.
    pub(crate) fn put_stream(&mut self, id: u32, mut dict: Dict, packed: &[u8]) {
        dict.set("Filter", Object::name("FlateDecode"));
        dict.set("Length", Object::number(packed.len()));
        self.begin(id);
        dict.write(&mut self.bytes);
        self.bytes.extend(b"\nstream\n");
        self.bytes.extend(packed);
        self.bytes.extend(b"\nendstream\nendobj\n");
    }

    /// Writes an object's bytes as they are, and returns where they start in the file.
    pub(crate) fn put_raw(&mut self, id: u32, raw: &[u8]) -> usize {
        self.begin(id);
        let start = self.bytes.len();
        self.bytes.extend(raw);
        self.bytes.extend(b"\nendobj\n");
        start
    }

    fn begin(&mut self, id: u32) {
        self.offsets.insert(id, self.bytes.len());
        self.bytes.extend(format!("{id} 0 obj\n").as_bytes());
    }

    /// Writes table and trailer, and returns the whole file with the digest of its beginning and the length of that.
    pub(crate) fn finish(mut self) -> Result<(Vec<u8>, (Digest, usize)), Malformed> {
        let table = self.bytes.len();
        let id = self.file_id()?;
        self.bytes.extend(b"xref\n");
        for (first, offsets) in runs(&self.offsets) {
            self.bytes.extend(format!("{first} {}\n", offsets.len()).as_bytes());
            for offset in offsets {
                self.bytes.extend(format!("{offset:010} 00000 n \n").as_bytes());
            }
        }
        let mut trailer = self.base.trailer().clone();
        trailer.set("Size", Object::number(self.next_id));
        trailer.set("Prev", Object::number(self.base.newest_table()));
        trailer.set("ID", id);
        self.bytes.extend(b"trailer\n");
        trailer.write(&mut self.bytes);
        self.bytes.extend(format!("\nstartxref\n{table}\n%%EOF\n").as_bytes());
        Ok((self.bytes, self.begun))
    }

    /// The file's identifier: the first half is the document's, the second this revision's.
    fn file_id(&self) -> Result<Object, Malformed> {
        let old = self.base.trailer().get("ID").and_then(Object::as_array).and_then(<[_]>::first);
        let old = old.ok_or(Malformed("it has no identifier"))?.clone();
        let (begun, length) = &self.begun;
        let digest = begun.clone().and(&self.bytes[*length..]).finish();
        Ok(Object::Array(vec![old, Object::String(digest[..16].to_vec())]))
    }
}

/// Neighbouring object numbers together, as a table lists them.
fn runs(offsets: &BTreeMap<u32, usize>) -> Vec<(u32, Vec<usize>)> {
    let mut runs: Vec<(u32, Vec<usize>)> = Vec::new();
    for (&id, &offset) in offsets {
        match runs.last_mut() {
            Some((first, run)) if *first as usize + run.len() == id as usize => run.push(offset),
            _ => runs.push((id, vec![offset])),
        }
    }
    runs
}
