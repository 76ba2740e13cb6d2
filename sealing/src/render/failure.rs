//! What can go wrong with a layout, sorted by who can mend it.

use serde::{Deserialize, Serialize};

/// Why a document could not be laid out.
#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum LayoutError {
    /// The text is wrong; its author can mend it.
    #[error("the text has {} problem(s), the first in line {}", problems.len(), problems.first().map_or(0, |it| it.line))]
    Source {
        /// What is wrong, in the order of the text.
        problems: Vec<Problem>,
    },
    /// No typeface has a character of the text or of its data.
    #[error("no typeface has the character {codepoint}")]
    MissingGlyph {
        /// The character's number, as `U+4DAE`; `?` if the layout engine did not name it.
        codepoint: String,
    },
    /// The layout took longer than allowed, by the clock or by the processor.
    #[error("the layout took too long")]
    TooSlow,
    /// The layout wanted more memory (or a deeper stack) than allowed.
    #[error("the layout needs too much memory")]
    OutOfMemory,
    /// What was laid out is more than anybody reads on a phone, or than can be handed on.
    #[error("the layout is too large: {what}")]
    TooLarge {
        /// What of it is too large, in English: `more than 100 pages`.
        what: String,
    },
    /// The layout engine itself broke over this text.
    #[error("the layout engine gave up on this text")]
    GaveUp,
    /// So many wait for a worker already that one more would only wait too long.
    #[error("too many wait for a worker")]
    Busy,
    /// The worker process could not be started, spoken to or understood.
    #[error("the layout worker failed: {0}")]
    Worker(String),
}

impl LayoutError {
    /// Whether the same layout may well succeed when tried again: the worker or the clock was at fault, not the text.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::TooSlow | Self::Busy | Self::Worker(_))
    }
}

/// So much of a message is kept: a text can fail with words of its own, as many as it likes.
#[cfg(feature = "layout")]
const MESSAGE_CHARACTERS: usize = 500;

/// One thing wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The line, from 1; 0 if the problem is nowhere in particular.
    pub line: usize,
    /// The column in characters, from 1; 0 if the problem is nowhere in particular.
    pub column: usize,
    /// What is wrong, in English, with the layout engine's hints. A text may quote its data here (`panic(name)`), so
    /// this is for the author's eyes, not for logs.
    pub message: String,
}

impl Problem {
    /// A problem at a place, its message cut to a length that can be read.
    #[cfg(feature = "layout")]
    pub(super) fn at((line, column): (usize, usize), message: &str) -> Self {
        let cut = message.char_indices().nth(MESSAGE_CHARACTERS).map_or(message.len(), |(byte, _)| byte);
        Self { line, column, message: message[..cut].to_owned() }
    }
}
