//! What is drawn where people sign: handwriting or a typed name in deep blue, the date beside it, and a company's
//! seal in vermilion.
//!
//! Everything is an outline. No mark brings a font or an image into the document, so it stays PDF/A, looks the same
//! everywhere, and can't be copied out as text that somebody might take for the agreement's words.

mod company_seal;
mod drawing;
mod handwriting;
mod lettering;
mod packed;
mod signature;

pub(crate) use company_seal::{SMALLEST_SEAL, company_seal};
pub(crate) use drawing::Drawing;
pub(crate) use lettering::Drawn;
pub(crate) use signature::{SMALLEST_SIGNATURE, signature};

use serde::{Deserialize, Serialize};

/// How the signatory wrote their name.
#[derive(Clone, Serialize, Deserialize)]
pub enum Ink {
    /// By hand: strokes of points, in the device's pixels, y downwards.
    Strokes(Vec<Vec<[f64; 2]>>),
    /// By keyboard, for those who can't draw.
    TypedName(String),
}

impl std::fmt::Debug for Ink {
    /// Says which kind, never what was written.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Strokes(_) => "Strokes(..)",
            Self::TypedName(_) => "TypedName(..)",
        })
    }
}
