//! The signature's entry in the PDF, and the slot it points to.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::digest::Digest;
use crate::pdf::{Dict, File, Malformed, Object};

/// How many signature fields are looked at.
const MAX_FIELDS: usize = 64;

/// A signature's entry.
pub(super) struct Entry {
    dict: Dict,
    /// The claimed time, if it is written as we write it.
    pub(super) at: Option<DateTime<Utc>>,
    /// The reason given.
    pub(super) reason: Option<String>,
}

/// The slot: the container in it, and the file around it.
pub(super) struct Slot<'a> {
    before: &'a [u8],
    after: &'a [u8],
    container: Vec<u8>,
}

impl Slot<'_> {
    pub(super) fn container(&self) -> &[u8] {
        &self.container
    }

    /// The digest around the slot; that of the file's first `length` bytes is known.
    pub(super) fn digest(&self, begun: &Digest, length: usize) -> [u8; 32] {
        let before = match self.before.get(length..) {
            Some(rest) => begun.clone().and(rest),
            None => Digest::of(self.before),
        };
        before.and(self.after).finish()
    }
}

/// The entries of all signature fields that are signed.
pub(super) fn entries(file: &File<'_>) -> Result<Vec<Entry>, Malformed> {
    let (_, catalog) = file.catalog()?;
    if catalog.get("AcroForm").is_none() {
        return Ok(Vec::new());
    }
    let form = file.dict(&catalog, "AcroForm")?;
    let fields = file.resolve(form.get("Fields").unwrap_or(&Object::Null))?;
    let mut entries = Vec::new();
    for field in fields.as_array().unwrap_or_default().iter().take(MAX_FIELDS) {
        let field = file.resolve(field)?;
        let field = field.as_dict().ok_or(Malformed("a form field is malformed"))?;
        if field.get("FT").and_then(Object::as_name) == Some(b"Sig") && field.get("V").is_some() {
            entries.push(Entry::new(file.dict(field, "V")?));
        }
    }
    Ok(entries)
}

impl Entry {
    fn new(dict: Dict) -> Self {
        let at = dict.get("M").and_then(Object::as_string).and_then(time);
        let reason = dict.get("Reason").and_then(Object::as_string).and_then(text);
        Self { dict, at, reason }
    }

    /// The slot, if entry, range and slot are in our form and leave out no byte of the file.
    pub(super) fn slot<'a>(&self, pdf: &'a [u8]) -> Result<Slot<'a>, &'static str> {
        if self.dict.is_ambiguous() || self.dict.get("SubFilter").and_then(Object::as_name) != Some(SUB_FILTER) {
            return Err("the signature's entry is not in our form");
        }
        let range = self.dict.get("ByteRange").and_then(Object::as_array).unwrap_or_default();
        let range: Vec<_> = range.iter().filter_map(Object::as_usize).collect();
        let [0, open, close, length] = range[..] else { return Err("the signature's range is malformed") };
        if open + 2 > close || close.checked_add(length) != Some(pdf.len()) || !pdf.ends_with(b"\n%%EOF\n") {
            return Err("the signature does not cover the whole file");
        }
        let container = container(&pdf[open..close])?;
        let stated = self.dict.get("Contents").and_then(Object::as_string).unwrap_or_default();
        let padding = stated.strip_prefix(container.as_slice());
        if padding.is_none_or(|padding| padding.iter().any(|&byte| byte != 0)) {
            return Err("the signature is not in the slot that the file leaves out");
        }
        Ok(Slot { before: &pdf[..open], after: &pdf[close..], container })
    }
}

const SUB_FILTER: &[u8] = b"ETSI.CAdES.detached";

/// The container in a slot: lower-case hexadecimal between angle brackets, then zeros.
fn container(slot: &[u8]) -> Result<Vec<u8>, &'static str> {
    let not_canonical = "the signature's slot is not in its canonical form";
    let inner = slot.strip_prefix(b"<").and_then(|slot| slot.strip_suffix(b">")).ok_or(not_canonical)?;
    if !inner.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(not_canonical);
    }
    let mut bytes = hex::decode(inner).map_err(|_| not_canonical)?;
    let length = der_length(&bytes).filter(|&length| length <= bytes.len()).ok_or("the signature is malformed")?;
    if bytes[length..].iter().any(|&byte| byte != 0) {
        return Err(not_canonical);
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// How long the DER value at the start of `bytes` is, with its head.
fn der_length(bytes: &[u8]) -> Option<usize> {
    let (&first, rest) = bytes.get(1..)?.split_first()?;
    if first < 0x80 {
        return Some(2 + usize::from(first));
    }
    let count = usize::from(first & 0x7f);
    let length = rest.get(..count).filter(|_| count <= 4)?;
    let length = length.iter().fold(0_usize, |length, &byte| length << 8 | usize::from(byte));
    Some(2 + count + length)
}

/// `D:20261122160000+00'00'`, as we write it.
fn time(bytes: &[u8]) -> Option<DateTime<Utc>> {
    let text = std::str::from_utf8(bytes).ok()?;
    NaiveDateTime::parse_from_str(text, "D:%Y%m%d%H%M%S+00'00'").ok().map(|time| time.and_utc())
}

/// UTF-16 with its mark, as we write it.
fn text(bytes: &[u8]) -> Option<String> {
    let units = bytes.strip_prefix(&[0xfe, 0xff])?.chunks_exact(2);
    String::from_utf16(&units.map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect::<Vec<_>>()).ok()
}
