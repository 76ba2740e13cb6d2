//! Where documents are laid out, sealed and verified: the crate `sealing` behind one trait, so that a test can make it
//! fail the n-th time.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use esign_sealing::{
    Checked, LaidOut, Layout, LayoutError, PdfReport, SealError, SealOrder, SealedPdf, Trial, VerifyError,
};

/// Lays out, seals and verifies.
#[async_trait]
pub trait Sealer: Send + Sync {
    /// Lays a text out. The same input gives the same bytes, for ever.
    async fn lay_out(&self, layout: &Layout) -> Result<LaidOut, LayoutError>;

    /// Tries a text that nobody has published yet, never in line with the layouts that signers wait for.
    async fn check(&self, trial: &Trial) -> Result<Checked, LayoutError>;

    /// Draws the marks and signs.
    async fn seal(&self, order: &SealOrder<'_>) -> Result<SealedPdf, SealError>;

    /// Verifies a sealed file against the roots this system trusts.
    fn verify(&self, pdf: &[u8], now: DateTime<Utc>) -> Result<PdfReport, VerifyError>;
}
