//! Bytes in, sealed bytes out.
//!
//! An agreement's life passes through here twice. First it is *laid out*: the text of an agreement type, written in
//! typst, meets the data of one flow and becomes a PDF/A-2b, pictures of its pages for a phone, its plain words, and
//! the boxes where somebody is to sign. That happens in a child process ([`Renderer`]), because a text is written by
//! staff and a typst program can neither be trusted to end nor be interrupted where it runs.
//!
//! Later, when the signatory has written their name and has been authenticated, the very same bytes are *sealed*
//! ([`seal`]): one incremental revision draws the handwriting and, for a company, its seal into those boxes, and
//! carries the platform's PAdES signature over everything. The bytes that were shown stay untouched as the first
//! revision, so the digest frozen when the signatory read them can be found again in the sealed file.
//!
//! Anyone may then [`verify`] the file: it is either exactly what was sealed, or it is not; a single changed or added
//! byte makes the difference. [`pki`] makes the keys of a sandbox; in production they come from elsewhere through
//! [`Signer`].
//!
//! What always holds: the same input gives the same PDF, byte for byte; no function here reads a clock, opens a
//! database or speaks to a network; names, handwriting and account numbers appear in no log line and no error.

pub mod agreements;
pub mod fonts;
pub mod pki;

mod cms;
mod digest;
mod mark;
mod pdf;
mod render;
mod seal;
mod signer;
mod verify;

pub use agreements::{Shipped, shipped};
pub use digest::sha256_hex;
pub use fonts::{FontError, Fonts};
pub use mark::Ink;
pub use render::{
    Checked, LaidOut, Layout, LayoutError, Page, Placed, Problem, Reading, Renderer, RendererConfig, Sample, Trial,
};
#[cfg(feature = "layout")]
pub use render::{check_in_process, lay_out_in_process, read_in_process, render_worker_main};
pub use seal::{Company, SealError, SealOrder, SealedPdf, box_problems, seal};
pub use signer::{FileSigner, SignatureScheme, Signer};
pub use verify::{PdfReport, SignatureReport, TrustAnchors, VerifyError, verify};
