//! The whole world a text can see: itself, its data, and the typefaces.
//!
//! There are no files, no packages, no network and no clock to ask for, and the two functions that would run code
//! from elsewhere, `eval` and `plugin`, do not exist. The same two virtual paths are used for ever, because the layout
//! engine keeps every path it has met until the process ends.

use std::sync::{Arc, LazyLock};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Binding, Bytes, Datetime, Duration, Module, Scope};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook, FontFamily, FontList, TextElem};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::fonts::Fonts;

/// Functions a text does not get.
const REMOVED: [&str; 2] = ["eval", "plugin"];
/// What a text is set in that names no typeface.
const TYPEFACE: &str = "Noto Serif SC";

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(library()));
static MAIN: LazyLock<FileId> = LazyLock::new(|| path("/main.typ"));
static DATA: LazyLock<FileId> = LazyLock::new(|| path("/data.json"));

/// The typefaces in the layout engine's own form; costly to make, cheap to clone.
#[derive(Clone)]
pub(super) struct Typefaces(Arc<Loaded>);

struct Loaded {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

impl Typefaces {
    pub(super) fn of(fonts: &Fonts) -> Self {
        let fonts: Vec<Font> =
            fonts.files().flat_map(|file| Font::iter(Bytes::new(Shared(Arc::clone(file))))).collect();
        Self(Arc::new(Loaded { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts }))
    }
}

/// A font file's bytes, shared with [`Fonts`] rather than copied.
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// One text with its data.
pub(super) struct Desk {
    typefaces: Typefaces,
    source: Source,
    data: Bytes,
}

impl Desk {
    pub(super) fn new(typefaces: &Typefaces, source: &str, data: &serde_json::Value) -> Self {
        Self {
            typefaces: typefaces.clone(),
            source: Source::new(*MAIN, source.to_owned()),
            data: Bytes::from_string(data.to_string()),
        }
    }

    /// The line and column, both from 1, at which a byte of the text stands.
    pub(super) fn line_and_column(&self, byte: usize) -> Option<(usize, usize)> {
        let (line, column) = self.source.lines().byte_to_line_column(byte)?;
        Some((line + 1, column + 1))
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.typefaces.0.book
    }

    fn main(&self) -> FileId {
        *MAIN
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == *MAIN { Ok(self.source.clone()) } else { Err(absent(id)) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == *DATA { Ok(self.data.clone()) } else { Err(absent(id)) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.typefaces.0.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// What a text is told that asks for anything else; never whether it is there.
fn absent(id: FileId) -> FileError {
    let why = match id.get().root() {
        VirtualRoot::Project => "a text can read /data.json and nothing else",
        VirtualRoot::Package(_) => "a text can use no packages",
    };
    FileError::Other(Some(why.into()))
}

fn path(path: &str) -> FileId {
    let path = VirtualPath::new(path).expect("the two paths are well-formed");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

fn library() -> Library {
    let mut library = Library::default();
    let mut scope = Scope::new();
    for (name, binding) in library.global.scope().iter().filter(|(name, _)| !REMOVED.contains(&name.as_str())) {
        scope.bind(name.clone(), binding.clone());
    }
    library.global = Module::new("global", scope);
    library.std = Binding::detached(library.global.clone());
    // The engine's own default isn't there; a character would be left out in silence where no typeface is named at all.
    library.styles.set(TextElem::font, FontList(vec![FontFamily::new(TYPEFACE)]));
    library
}
