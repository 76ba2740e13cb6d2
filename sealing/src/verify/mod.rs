//! Verification: is this file, byte for byte, what was sealed, and by whom?
//!
//! The rule is stricter than a general validator's, because we know what we wrote. There is one signature, in the
//! second and last revision, over every byte but its own slot; the slot holds one canonical spelling of the container,
//! then zeros; behind the end-of-file mark there is nothing. What deviates is reported, whatever a lenient reader
//! would make of it.

mod chain;
mod entry;

use chrono::{DateTime, Utc};
use serde::Serialize;
use x509_cert::Certificate;

use crate::cms::{self, Signed};
use crate::digest::Digest;
use crate::pdf::{File, Malformed};
use entry::{Entry, Slot};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PdfReport {
    /// The file is exactly what was signed: not one byte was changed, added or taken away.
    pub intact: bool,
    /// The signature's certificate leads to one of the given roots and is valid now.
    pub trusted: bool,
    /// The signatures found, oldest first.
    pub signatures: Vec<SignatureReport>,
    /// SHA-256 of the first revision: of the document as it was shown.
    pub content_digest: String,
    /// SHA-256 of the whole file.
    pub file_digest: String,
    /// What is wrong, in plain English; empty if intact and trusted.
    pub problems: Vec<String>,
}

/// One signature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureReport {
    /// The signer's common name, from the certificate.
    pub signer: String,
    /// The issuer's common name, from the certificate.
    pub issuer: String,
    /// The certificate's serial number in hexadecimal.
    pub serial_number: String,
    /// When the signer says it signed: a claim, not a time stamp.
    pub claimed_at: Option<DateTime<Utc>>,
    /// The reason given.
    pub reason: Option<String>,
    /// The level: `PAdES-B-B`.
    pub level: String,
    /// The signature covers the whole file but its own slot.
    pub covers_file: bool,
    /// The digest, the attributes and the signature's value agree.
    pub valid: bool,
    /// The certificate leads to a given root and is valid now.
    pub trusted: bool,
}

/// The file can't be read as a sealed PDF at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file cannot be read as a sealed PDF: {0}")]
pub struct VerifyError(pub(crate) String);

/// The roots one trusts.
#[derive(Clone, Debug, Default)]
pub struct TrustAnchors {
    roots: Vec<Certificate>,
}

impl TrustAnchors {
    /// Reads one or more certificates in PEM.
    pub fn from_pem(pem: &[u8]) -> Result<Self, VerifyError> {
        let malformed = |_| VerifyError("a root certificate is malformed".to_owned());
        let roots = Certificate::load_pem_chain(pem).map_err(malformed)?;
        Ok(Self { roots })
    }

    /// Trusts nobody: integrity alone is checked.
    pub fn empty() -> Self {
        Self::default()
    }
}

/// Checks a sealed PDF. An error means that the file is unreadable; anything less is in the report.
///
/// `intact` says that every byte is as it was sealed. `trusted` says besides that the certificate leads to one of the
/// roots of `trust` and is valid at `now`; whether it has been revoked can't be seen offline.
pub fn verify(pdf: &[u8], trust: &TrustAnchors, now: DateTime<Utc>) -> Result<PdfReport, VerifyError> {
    let unreadable = |error: Malformed| VerifyError(error.0.to_owned());
    let file = File::open(pdf).map_err(unreadable)?;
    let entries = entry::entries(&file).map_err(unreadable)?;
    let mut problems = Vec::new();
    match entries.as_slice() {
        [] => problems.push("the document is not signed".to_owned()),
        [_] if file.revisions() == 2 => {}
        _ => problems.push("the document has revisions or signatures that sealing does not make".to_owned()),
    }
    let intact = problems.is_empty();
    // All digests begin with the first revision's, which is most of the file.
    let first = file.first_revision();
    let begun = Digest::of(first);
    let digest = |slot: &Slot<'_>| slot.digest(&begun, first.len());
    let judge = |entry| signature(pdf, entry, digest, trust, now, &mut problems);
    let signatures: Vec<_> = entries.iter().map(judge).collect();
    Ok(PdfReport {
        intact: intact && signatures.iter().all(|it| it.valid && it.covers_file),
        trusted: intact && signatures.iter().all(|it| it.valid && it.covers_file && it.trusted),
        signatures,
        content_digest: begun.clone().finish_hex(),
        file_digest: begun.and(&pdf[first.len()..]).finish_hex(),
        problems,
    })
}

fn signature(
    pdf: &[u8],
    entry: &Entry,
    digest: impl Fn(&Slot<'_>) -> [u8; 32],
    trust: &TrustAnchors,
    now: DateTime<Utc>,
    problems: &mut Vec<String>,
) -> SignatureReport {
    let mut report =
        SignatureReport { claimed_at: entry.at, reason: entry.reason.clone(), ..SignatureReport::default() };
    let signed = match entry.slot(pdf).and_then(|slot| Ok((Signed::parse(slot.container())?, slot))) {
        Ok((signed, slot)) => {
            report.covers_file = true;
            report.valid = signed.signs(&digest(&slot));
            signed
        }
        Err(problem) => {
            problems.push(problem.to_owned());
            return report;
        }
    };
    if report.valid {
        report.level.push_str("PAdES-B-B");
    } else {
        problems.push("the signature does not fit the document".to_owned());
    }
    let tbs = signed.certificates()[0].tbs_certificate();
    report.signer = cms::common_name(tbs.subject());
    report.issuer = cms::common_name(tbs.issuer());
    report.serial_number = hex::encode(tbs.serial_number().as_bytes());
    match chain::check(signed.certificates(), &trust.roots, entry.at, now) {
        Ok(()) => report.trusted = true,
        Err(problem) => problems.push(problem.to_owned()),
    }
    report
}
