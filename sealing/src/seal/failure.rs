//! What can go wrong with a seal.

use crate::fonts::FontError;
use crate::pdf::Malformed;

/// Why a file could not be sealed. No variant holds personal data.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The PDF to be sealed is not one of ours.
    #[error("the document cannot be sealed: {0}")]
    Base(&'static str),
    /// A box that is needed is not in the layout.
    #[error("the text has no box labelled {0}")]
    NoBox(&'static str),
    /// What was written can't be drawn.
    #[error("the mark cannot be drawn: {0}")]
    Mark(&'static str),
    /// The typefaces are missing.
    #[error(transparent)]
    Fonts(#[from] FontError),
    /// Key or certificates are unusable.
    #[error("the signing key is unusable: {0}")]
    Key(&'static str),
    /// The signer did not sign; another try may succeed.
    #[error("signing failed: {0}")]
    Signing(String),
    /// A file of the sandbox's authority could not be written.
    #[error("a file of the authority cannot be written")]
    File(#[from] std::io::Error),
}

impl From<Malformed> for SealError {
    fn from(Malformed(reason): Malformed) -> Self {
        Self::Base(reason)
    }
}

impl SealError {
    /// Whether another try may succeed.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Signing(_) | Self::File(_))
    }
}
