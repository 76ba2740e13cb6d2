//! The typefaces a document is set in.
//!
//! Two files ship with the program: Noto Serif SC Regular, whole, so that rare characters of names print, and a Bold
//! cut down to the characters of GB 2312 for headings and seals. They are data files, not part of the executable,
//! and are looked for in the configured directory, beside the executable in `fonts/`, and last in this crate's own
//! folder. Debian's HanaMinB, if installed, stands in for characters that even the Regular lacks.
//!
//! A document set with a different set of files may come out in different bytes: the files are pinned by `SHA256SUMS`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::mark::Drawn;

/// The file names that must be in the fonts' directory, in the order of preference.
const REQUIRED: [&str; 2] = ["NotoSerifSC-Regular.ttf", "NotoSerifSC-Bold-GB2312.ttf"];
/// Where Debian's `fonts-hanazono` puts its second plane.
const HANAZONO: &str = "/usr/share/fonts/truetype/hanazono/HanaMinB.ttf";

/// Why the typefaces could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// None of the places looked at holds both files.
    #[error("the typefaces {files:?} are not in any of {looked_in:?}")]
    NotFound {
        /// The files' names.
        files: Vec<String>,
        /// The directories looked at.
        looked_in: Vec<PathBuf>,
    },
    /// A file is there but can't be read.
    #[error("the typeface {file:?} cannot be read")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file is not a TrueType font.
    #[error("{file:?} is not a typeface")]
    Malformed {
        /// The file.
        file: PathBuf,
    },
}

/// The typefaces: regular and bold loaded, the fallback only once something needs it.
#[derive(Clone)]
pub struct Fonts {
    directory: PathBuf,
    files: [Arc<Vec<u8>>; 2],
    fallback: Arc<OnceLock<Option<Arc<Vec<u8>>>>>,
    drawn: Arc<Drawn>,
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Fonts").field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl Fonts {
    /// Loads the typefaces from `configured`, or else from `fonts/` beside the executable, or else from this crate.
    pub fn find(configured: Option<&Path>) -> Result<Self, FontError> {
        let directory = directory(configured)?;
        let files = [read(&directory.join(REQUIRED[0]))?, read(&directory.join(REQUIRED[1]))?];
        Ok(Self { directory, files, fallback: Arc::default(), drawn: Arc::default() })
    }

    /// The directory the shipped files came from.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Whether every character of `text` can be printed. Callers ask at the start of a flow, not when sealing.
    pub fn can_print(&self, text: &str) -> bool {
        let faces = self.faces();
        let has = |face: &ttf_parser::Face<'_>, character| face.glyph_index(character).is_some();
        text.chars().all(|character| {
            faces.iter().any(|face| has(face, character)) || self.fallback().is_some_and(|face| has(&face, character))
        })
    }

    /// All files' bytes: regular, bold, then the fallback if the system has it.
    #[cfg(feature = "layout")]
    pub(crate) fn files(&self) -> impl Iterator<Item = &Arc<Vec<u8>>> {
        self.files.iter().chain(self.fallback_file())
    }

    /// The shipped typefaces: regular and bold.
    pub(crate) fn faces(&self) -> Vec<ttf_parser::Face<'_>> {
        self.files.iter().filter_map(|file| ttf_parser::Face::parse(file, 0).ok()).collect()
    }

    /// The fallback typeface, if the system has it.
    pub(crate) fn fallback(&self) -> Option<ttf_parser::Face<'_>> {
        self.fallback_file().and_then(|file| ttf_parser::Face::parse(file, 0).ok())
    }

    /// The letters of these typefaces that have been drawn.
    pub(crate) fn drawn(&self) -> &Drawn {
        &self.drawn
    }

    fn fallback_file(&self) -> Option<&Arc<Vec<u8>>> {
        self.fallback.get_or_init(|| read(Path::new(HANAZONO)).ok()).as_ref()
    }

    /// The typefaces that marks are drawn with in this process, loaded when first needed.
    pub(crate) fn shared() -> Result<Arc<Self>, FontError> {
        static SHARED: OnceLock<Arc<Fonts>> = OnceLock::new();
        if let Some(fonts) = SHARED.get() {
            return Ok(Arc::clone(fonts));
        }
        let found = Arc::new(Self::find(DIRECTORY.get().map(PathBuf::as_path))?);
        Ok(Arc::clone(SHARED.get_or_init(|| found)))
    }

    /// Checks that the typefaces are there and settles from which directory this process draws marks; the first call
    /// decides.
    pub fn settle(configured: Option<&Path>) -> Result<(), FontError> {
        let directory = directory(configured)?;
        DIRECTORY.get_or_init(|| directory);
        Ok(())
    }
}

/// Where this process draws marks from, once settled.
static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();

fn directory(configured: Option<&Path>) -> Result<PathBuf, FontError> {
    let places = places(configured);
    let holds_all = |place: &&PathBuf| REQUIRED.iter().all(|file| place.join(file).is_file());
    match places.iter().find(holds_all) {
        Some(directory) => Ok(directory.clone()),
        None => Err(FontError::NotFound { files: REQUIRED.map(String::from).to_vec(), looked_in: places }),
    }
}

fn places(configured: Option<&Path>) -> Vec<PathBuf> {
    if let Some(directory) = configured {
        return vec![directory.to_owned()];
    }
    let beside_executable = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join("fonts")));
    beside_executable.into_iter().chain([Path::new(env!("CARGO_MANIFEST_DIR")).join("fonts")]).collect()
}

fn read(file: &Path) -> Result<Arc<Vec<u8>>, FontError> {
    let bytes = std::fs::read(file).map_err(|source| FontError::Unreadable { file: file.to_owned(), source })?;
    if ttf_parser::Face::parse(&bytes, 0).is_err() {
        return Err(FontError::Malformed { file: file.to_owned() });
    }
    Ok(Arc::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::Fonts;
    use std::path::Path;

    #[test]
    fn rare_characters_of_names_can_be_printed_and_unassigned_ones_cannot() {
        let fonts = Fonts::find(None).unwrap();
        assert!(fonts.can_print("䶮𬭊王小明（A-1）"));
        assert!(!fonts.can_print("\u{10fffd}"));
    }

    #[test]
    fn a_configured_directory_without_fonts_is_named_in_the_error() {
        let error = Fonts::find(Some(Path::new("/nonexistent"))).unwrap_err();
        assert!(error.to_string().contains("/nonexistent"), "{error}");
    }
}
