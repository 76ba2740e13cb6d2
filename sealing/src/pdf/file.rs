//! A PDF file: its cross-reference tables, its objects, its pages.

use std::collections::BTreeMap;

use super::{Dict, Malformed, Object, Parser};

/// How deep a tree of pages may be, how many pages it may have, and how many revisions a file.
const MAX_TREE_DEPTH: usize = 16;
const MAX_PAGES: usize = 5_000;
const MAX_REVISIONS: usize = 32;
/// The highest object number accepted.
const MAX_OBJECTS: usize = 1 << 20;

/// An open file.
pub(crate) struct File<'a> {
    bytes: &'a [u8],
    offsets: BTreeMap<u32, usize>,
    trailer: Dict,
    /// Where each revision's cross-reference table starts and where the revision ends, newest first.
    tables: Vec<(usize, usize)>,
}

impl<'a> File<'a> {
    /// Opens a file by the tables that its end points to.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if !bytes.starts_with(b"%PDF-") {
            return Err(Malformed("it is not a PDF"));
        }
        let mut file = Self { bytes, offsets: BTreeMap::new(), trailer: Dict::default(), tables: Vec::new() };
        let mut next = Some(last_table(bytes)?);
        while let Some(table) = next {
            if file.tables.last().is_some_and(|&(newer, _)| newer <= table) || file.tables.len() == MAX_REVISIONS {
                return Err(Malformed("its revisions are out of order"));
            }
            let (trailer, end) = file.read_table(table)?;
            let prev = trailer.get("Prev").map(|prev| prev.as_usize().ok_or(Malformed("a trailer is malformed")));
            next = prev.transpose()?;
            if file.tables.is_empty() {
                file.trailer = trailer;
            }
            file.tables.push((table, end));
        }
        Ok(file)
    }

    /// The newest trailer.
    pub(crate) fn trailer(&self) -> &Dict {
        &self.trailer
    }

    /// Where the newest cross-reference table starts.
    pub(crate) fn newest_table(&self) -> usize {
        self.tables[0].0
    }

    /// How many revisions the file has.
    pub(crate) fn revisions(&self) -> usize {
        self.tables.len()
    }

    /// One past the highest object number.
    pub(crate) fn size(&self) -> u32 {
        self.offsets.last_key_value().map_or(1, |(id, _)| id + 1)
    }

    /// The first revision's bytes, up to and with its end-of-file mark.
    pub(crate) fn first_revision(&self) -> &'a [u8] {
        let (_, end) = self.tables[self.tables.len() - 1];
        &self.bytes[..end]
    }

    /// An object, by its number.
    pub(crate) fn object(&self, id: u32) -> Result<Object, Malformed> {
        let offset = *self.offsets.get(&id).ok_or(Malformed("an object is missing"))?;
        let mut parser = Parser::new(self.bytes, offset);
        if parser.integer()? != id as usize || parser.integer()? != 0 {
            return Err(Malformed("an object is not where the table says"));
        }
        parser.expect("obj")?;
        parser.object()
    }

    /// An object itself, or what it refers to.
    pub(crate) fn resolve(&self, object: &Object) -> Result<Object, Malformed> {
        if let Object::Ref(id) = object { self.object(*id) } else { Ok(object.clone()) }
    }

    /// The dictionary that `key` of `dict` holds or refers to.
    pub(crate) fn dict(&self, dict: &Dict, key: &str) -> Result<Dict, Malformed> {
        let value = dict.get(key).ok_or(Malformed("a dictionary lacks an entry"))?;
        self.resolve(value)?.as_dict().cloned().ok_or(Malformed("an entry is no dictionary"))
    }

    /// The document catalog and its number.
    pub(crate) fn catalog(&self) -> Result<(u32, Dict), Malformed> {
        let Some(&Object::Ref(id)) = self.trailer.get("Root") else { return Err(Malformed("it has no catalog")) };
        Ok((id, self.dict(&self.trailer, "Root")?))
    }

    /// The numbers of the pages, first to last.
    pub(crate) fn pages(&self) -> Result<Vec<u32>, Malformed> {
        let (_, catalog) = self.catalog()?;
        let Some(&Object::Ref(root)) = catalog.get("Pages") else { return Err(Malformed("it has no pages")) };
        let mut pages = Vec::new();
        self.collect_pages(root, 0, &mut pages)?;
        Ok(pages)
    }

    fn collect_pages(&self, id: u32, depth: usize, pages: &mut Vec<u32>) -> Result<(), Malformed> {
        if depth > MAX_TREE_DEPTH || pages.len() > MAX_PAGES {
            return Err(Malformed("its tree of pages is too large"));
        }
        let node = self.object(id)?;
        let node = node.as_dict().ok_or(Malformed("a page is no dictionary"))?;
        let Some(kids) = node.get("Kids") else {
            pages.push(id);
            return Ok(());
        };
        let kids = self.resolve(kids)?;
        for kid in kids.as_array().ok_or(Malformed("its tree of pages is malformed"))? {
            let Object::Ref(kid) = kid else { return Err(Malformed("its tree of pages is malformed")) };
            self.collect_pages(*kid, depth + 1, pages)?;
        }
        Ok(())
    }

    /// Reads one table and the trailer behind it; entries of newer tables stand. The revision must end right there.
    fn read_table(&mut self, at: usize) -> Result<(Dict, usize), Malformed> {
        let mut parser = Parser::new(self.bytes, at);
        parser.expect("xref")?;
        while !parser.sees("trailer") {
            let (first, count) = (parser.integer()?, parser.integer()?);
            if first + count > MAX_OBJECTS {
                return Err(Malformed("it has too many objects"));
            }
            for id in first..first + count {
                let (offset, _) = (parser.integer()?, parser.integer()?);
                let used = parser.sees("n");
                parser.expect(if used { "n" } else { "f" })?;
                let id = u32::try_from(id).map_err(|_| Malformed("it has too many objects"))?;
                if used {
                    self.offsets.entry(id).or_insert(offset);
                }
            }
        }
        parser.expect("trailer")?;
        let trailer = parser.dict()?;
        let ending = format!("\nstartxref\n{at}\n%%EOF");
        if !self.bytes[parser.at..].starts_with(ending.as_bytes()) {
            return Err(Malformed("a revision does not end behind its trailer"));
        }
        Ok((trailer, parser.at + ending.len()))
    }
}

/// The offset that the end of the file names.
fn last_table(bytes: &[u8]) -> Result<usize, Malformed> {
    let ending = Malformed("it does not end as a PDF of ours does");
    let tail = &bytes[bytes.len().saturating_sub(40)..];
    let tail = tail.strip_suffix(b"\n").unwrap_or(tail).strip_suffix(b"\n%%EOF").ok_or(ending)?;
    let digits = tail.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (before, number) = tail.split_at(tail.len() - digits);
    if !before.ends_with(b"startxref\n") {
        return Err(ending);
    }
    std::str::from_utf8(number).ok().and_then(|number| number.parse().ok()).ok_or(ending)
}
