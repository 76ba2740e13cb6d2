//! Sealing: one incremental revision with the marks and the platform's signature.
//!
//! First everything but the signature is written, with an empty slot of fixed size where it will stand; then the file
//! around the slot is digested and signed; then the slot is filled. The signer may be far away: it sees a few hundred
//! bytes of attributes, never the document.

mod failure;
mod place;
mod slot;
mod write;

pub use failure::SealError;
pub use place::box_problems;

use chrono::{DateTime, Utc};
use der::Decode;
use x509_cert::Certificate;

use crate::cms;
use crate::fonts::Fonts;
use crate::mark::{self, Ink};
use crate::render::Placed;
use crate::signer::Signer;
use slot::Prepared;
use write::{Entry, Marks, write};

/// Where the signatory signs, and where the company's seal goes.
const SIGN_BOX: &str = "sign_signatory";
const SEAL_BOX: &str = "seal_company";
/// What is reached without time stamps.
const LEVEL: &str = "PAdES-B-B";

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

/// Draws the marks, signs, and returns the sealed file.
///
/// The same order and the same signature value give the same bytes.
pub async fn seal(order: &SealOrder<'_>, signer: &dyn Signer) -> Result<SealedPdf, SealError> {
    let mut prepared = prepare(order, signer)?;
    let container = cms::sign(&prepared.digest(), signer).await?;
    prepared.fill(&container)?;
    Ok(SealedPdf { sha256_hex: prepared.whole_digest(), bytes: prepared.bytes, level: LEVEL })
}

/// Everything but the signature: draws the marks and writes the revision with an empty slot.
fn prepare(order: &SealOrder<'_>, signer: &dyn Signer) -> Result<Prepared, SealError> {
    let fonts = Fonts::shared()?;
    let sign_box = find_box(order.boxes, SIGN_BOX)?;
    let size = (sign_box.width, sign_box.height);
    let handwriting = mark::signature(&fonts, order.ink, order.signatory_name, order.signed_at, size)?;
    let company = match order.company {
        None => None,
        Some(company) => {
            let seal_box = find_box(order.boxes, SEAL_BOX)?;
            Some((seal_box, mark::company_seal(&fonts, company, (seal_box.width, seal_box.height))?))
        }
    };
    let marks = Marks { signature: (sign_box, handwriting), company };
    let entry = Entry {
        signer: common_name(signer)?,
        reason: order.reason,
        at: order.sealed_at,
        reserved: cms::reservation(signer.chain()),
    };
    Ok(write(order.base_pdf, &marks, &entry)?)
}

fn find_box<'a>(boxes: &'a [Placed], label: &'static str) -> Result<&'a Placed, SealError> {
    boxes.iter().find(|placed| placed.label == label).ok_or(SealError::NoBox(label))
}

fn common_name(signer: &dyn Signer) -> Result<String, SealError> {
    let first = signer.chain().first().ok_or(SealError::Key("there is no certificate"))?;
    let certificate = Certificate::from_der(first).map_err(|_| SealError::Key("a certificate is malformed"))?;
    Ok(cms::common_name(certificate.tbs_certificate().subject()))
}
