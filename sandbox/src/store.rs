//! Records in memory, journaled on disk.
//!
//! A store holds the newest [`KEPT`] records of one kind, in the order in which they first came. Its journal is a file
//! of JSON lines, each the whole record as it then was; the last line of a key counts. A line is in the hands of the
//! operating system before the caller goes on, so a killed process loses nothing; a line torn by a crash is dropped at
//! the next start, when the journal is also written anew with what is still kept.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// How many records a store keeps; the oldest go first.
pub(crate) const KEPT: usize = 10_000;

/// A journal with more lines than this is written anew, so that it stays bounded in a long run.
const LINES_BEFORE_REWRITE: usize = 20 * KEPT;

/// Something a store can keep: it names its own key.
pub(crate) trait Record: Serialize + DeserializeOwned + Clone {
    /// What identifies the record; putting another with the same key replaces it in its place.
    fn key(&self) -> &str;
}

/// The records of one kind.
pub(crate) struct Store<T> {
    path: PathBuf,
    journal: File,
    lines: usize,
    is_torn: bool,
    records: BTreeMap<u64, T>,
    places: HashMap<String, u64>,
    next: u64,
}

impl<T: Record> Store<T> {
    /// Replays the journal at `path`, or begins one.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let written = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read?,
        };
        let journal = OpenOptions::new().create(true).append(true).open(path)?;
        let (records, places) = (BTreeMap::new(), HashMap::new());
        let mut store = Self { path: path.to_owned(), journal, lines: 0, is_torn: false, records, places, next: 0 };
        for line in written.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            if let Ok(record) = serde_json::from_slice(line) {
                store.keep(record);
            } else {
                tracing::warn!(journal = %path.display(), "a torn line of a sandbox journal was dropped");
            }
        }
        store.rewrite()?;
        Ok(store)
    }

    /// Journals a record, then keeps it. On an error nothing has changed in memory.
    pub fn put(&mut self, record: T) -> io::Result<()> {
        let mut line = line(&record)?;
        if self.is_torn {
            line.insert(0, b'\n');
        }
        // A failed write (a full disk) may leave part of the line there; the next record then begins a line of its own.
        self.is_torn = true;
        self.journal.write_all(&line)?;
        self.is_torn = false;
        self.lines += 1;
        self.keep(record);
        if self.lines > LINES_BEFORE_REWRITE { self.rewrite() } else { Ok(()) }
    }

    /// The record of this key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.records.get(self.places.get(key)?)
    }

    /// All records, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.records.values()
    }

    fn keep(&mut self, record: T) {
        let next = self.next;
        let place = *self.places.entry(record.key().to_owned()).or_insert(next);
        if place == next {
            self.next += 1;
        }
        self.records.insert(place, record);
        if self.records.len() > KEPT
            && let Some((_, oldest)) = self.records.pop_first()
        {
            self.places.remove(oldest.key());
        }
    }

    /// Writes the kept records to a new file and puts it in the journal's place in one step.
    fn rewrite(&mut self) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let mut bytes = Vec::new();
        for record in self.records.values() {
            bytes.extend(line(record)?);
        }
        fs::write(&fresh, bytes)?;
        fs::rename(&fresh, &self.path)?;
        self.journal = OpenOptions::new().append(true).open(&self.path)?;
        self.lines = self.records.len();
        Ok(())
    }
}

fn line<T: Serialize>(record: &T) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
    struct Note {
        id: String,
        text: String,
    }

    impl Record for Note {
        fn key(&self) -> &str {
            &self.id
        }
    }

    fn note(id: &impl ToString, text: &str) -> Note {
        Note { id: id.to_string(), text: text.to_owned() }
    }

    #[test]
    fn replays_the_last_line_of_each_key_in_the_order_they_first_came() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/notes.jsonl");
        let mut store = Store::open(&path).unwrap();
        for record in [note(&1, "a"), note(&2, "b"), note(&1, "c")] {
            store.put(record).unwrap();
        }
        drop(store);
        let store = Store::<Note>::open(&path).unwrap();
        assert_eq!(store.iter().cloned().collect::<Vec<_>>(), [note(&1, "c"), note(&2, "b")]);
    }

    #[test]
    fn drops_a_torn_last_line_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.jsonl");
        Store::open(&path).unwrap().put(note(&1, "a")).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"id\":\"2\",\"te").unwrap();
        let mut store = Store::open(&path).unwrap();
        store.put(note(&3, "c")).unwrap();
        drop(store);
        let store = Store::<Note>::open(&path).unwrap();
        assert_eq!(store.iter().cloned().collect::<Vec<_>>(), [note(&1, "a"), note(&3, "c")]);
    }

    #[test]
    fn keeps_the_newest_and_forgets_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("notes.jsonl")).unwrap();
        for number in 0..=KEPT {
            store.put(note(&number, "")).unwrap();
        }
        assert_eq!(store.iter().count(), KEPT);
        assert!(store.get("0").is_none());
        assert!(store.get(&KEPT.to_string()).is_some());
    }
}
