//! Sealing: one incremental revision with the marks and the platform's signature.

use chrono::{DateTime, Utc};

use crate::fonts::FontError;
use crate::mark::Ink;
use crate::render::Placed;
use crate::signer::Signer;

/// What is to be sealed, and how.
pub struct SealOrder<'a> {
    /// The PDF as it was shown to the signatory. Its bytes become the sealed file's first revision, untouched.
    pub base_pdf: &'a [u8],
    /// The boxes of its layout: `sign_signatory`, and `seal_company` where a company signs.
    pub boxes: &'a [Placed],
    /// What the signatory wrote.
    pub ink: &'a Ink,
    /// The signatory's name, as printed beside the date and as named in the signature.
    pub signatory_name: &'a str,
    /// The company whose seal is drawn, if a company signs.
    pub company: Option<Company<'a>>,
    /// Why the signature was made, for the signature's own entry.
    pub reason: &'a str,
    /// When the signatory signed: printed beside the handwriting as a date of Shanghai.
    pub signed_at: DateTime<Utc>,
    /// When the seal is made: the signature's own claim of time.
    pub sealed_at: DateTime<Utc>,
}

/// The company of a seal.
#[derive(Clone, Copy)]
pub struct Company<'a> {
    /// Its full name, set on the seal's arc.
    pub name: &'a str,
    /// The flow's number, set at the seal's foot.
    pub flow_no: &'a str,
}

/// The sealed file.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedPdf {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// The SHA-256 of `bytes`, in hexadecimal.
    pub sha256_hex: String,
    /// The signature's level: `PAdES-B-B`.
    pub level: &'static str,
}

impl std::fmt::Debug for SealedPdf {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SealedPdf").field("sha256_hex", &self.sha256_hex).finish_non_exhaustive()
    }
}

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

impl SealError {
    /// Whether another try may succeed.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Signing(_) | Self::File(_))
    }
}

/// Draws the marks, signs, and returns the sealed file.
pub async fn seal(order: &SealOrder<'_>, signer: &dyn Signer) -> Result<SealedPdf, SealError> {
    let _ = (order.base_pdf, signer.chain());
    Err(SealError::Base("sealing is not built yet"))
}
