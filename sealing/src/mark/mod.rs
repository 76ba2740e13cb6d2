//! What is drawn where people sign.

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
