//! Sealing and verifying: what is sealed verifies, and whatever is changed is found.

mod ink;
mod sample;

use chrono::{DateTime, TimeDelta, Utc};
use esign_sealing::{
    Company, FileSigner, Fonts, Ink, LaidOut, Layout, PdfReport, SealError, SealOrder, SealedPdf, TrustAnchors,
    VerifyError, lay_out_in_process, pki, seal, sha256_hex, shipped, verify,
};
use std::path::Path;
use tempfile::TempDir;

/// A sandbox's authority, and a document laid out.
struct Desk {
    _authority: TempDir,
    roots: TrustAnchors,
    signer: FileSigner,
    laid_out: LaidOut,
}

const SHORT: &str = "#set page(width: 220pt, height: 240pt, margin: 20pt)
#set text(font: \"Noto Serif SC\")
短文
#[#box(width: 120pt, height: 60pt) <sign_signatory>]
#[#box(width: 60pt, height: 60pt) <seal_company>]";

fn authority() -> (TempDir, FileSigner) {
    let dir = tempfile::tempdir().unwrap();
    pki::create_sandbox_authority(dir.path(), ink::now()).unwrap();
    let signer = FileSigner::load(&dir.path().join("platform-key.pem"), &dir.path().join("platform-chain.pem"));
    (dir, signer.unwrap())
}

fn roots(dir: &Path) -> TrustAnchors {
    TrustAnchors::from_pem(&std::fs::read(dir.join("root.pem")).unwrap()).unwrap()
}

impl Desk {
    fn with(source: &str) -> Self {
        let (authority, signer) = authority();
        let layout = Layout { source: source.to_owned(), data: sample::data(true) };
        let laid_out = lay_out_in_process(&layout, &Fonts::find(None).unwrap()).unwrap();
        Self { roots: roots(authority.path()), _authority: authority, signer, laid_out }
    }

    fn order<'a>(&'a self, ink: &'a Ink) -> SealOrder<'a> {
        SealOrder {
            base_pdf: &self.laid_out.pdf,
            boxes: &self.laid_out.boxes,
            ink,
            signatory_name: "张三",
            company: Some(Company { name: "示例公司", flow_no: "F-1" }),
            reason: "签署协议",
            signed_at: ink::now(),
            sealed_at: ink::now() + TimeDelta::minutes(3),
        }
    }

    async fn sealed(&self) -> SealedPdf {
        seal(&self.order(&Ink::TypedName("张三".into())), &self.signer).await.unwrap()
    }

    fn judge(&self, pdf: &[u8]) -> Result<PdfReport, VerifyError> {
        verify(pdf, &self.roots, later())
    }

    /// Whether a file passes for intact.
    fn passes(&self, pdf: &[u8]) -> bool {
        self.judge(pdf).is_ok_and(|report| report.intact)
    }
}

fn later() -> DateTime<Utc> {
    ink::now() + TimeDelta::days(30)
}

#[tokio::test]
async fn a_sealed_document_is_intact_trusted_and_keeps_what_was_shown() {
    let desk = Desk::with(shipped()[0].source);
    let ink = Ink::Strokes(ink::handwriting());
    let sealed = seal(&desk.order(&ink), &desk.signer).await.unwrap();
    assert!(sealed.bytes.starts_with(&desk.laid_out.pdf), "the first revision is what was shown");
    assert_eq!(sealed.sha256_hex, sha256_hex(&sealed.bytes));
    assert_eq!(sealed.level, "PAdES-B-B");

    let report = desk.judge(&sealed.bytes).unwrap();
    assert!(report.intact && report.trusted, "{report:?}");
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!(report.content_digest, sha256_hex(&desk.laid_out.pdf));
    assert_eq!(report.file_digest, sealed.sha256_hex);
    let [signature] = report.signatures.as_slice() else { panic!("{report:?}") };
    assert_eq!(signature.signer, "电子签章系统沙箱平台签章");
    assert_eq!(signature.issuer, "电子签章系统沙箱根证书");
    assert_eq!(signature.reason.as_deref(), Some("签署协议"));
    assert_eq!(signature.claimed_at, Some(ink::now() + TimeDelta::minutes(3)));
}

#[tokio::test]
async fn each_single_changed_byte_is_found() {
    let desk = Desk::with(SHORT);
    let sealed = desk.sealed().await.bytes;
    assert!(desk.passes(&sealed));
    let mut changed = sealed.clone();
    // Unoptimised, the embedded typeface and the drawings are sampled; what has structure more densely.
    let (sparse, dense) = if cfg!(debug_assertions) { (61, 3) } else { (1, 1) };
    let structure = sealed.len() - 9_500;
    for at in (0..structure).step_by(sparse).chain((structure..sealed.len()).step_by(dense)) {
        // A different bit at each place, so that letters change case, digits change value and spaces become others.
        changed[at] ^= 1 << (at % 8);
        assert!(!desk.passes(&changed), "byte {at} of {}", sealed.len());
        changed[at] = sealed[at];
    }
}

#[tokio::test]
async fn every_other_spelling_of_the_slot_is_found() {
    let desk = Desk::with(SHORT);
    let sealed = desk.sealed().await.bytes;
    let (open, close) = slot(&sealed);
    let mut changed = sealed.clone();
    let step = if cfg!(debug_assertions) { 67 } else { 1 };
    for at in (open..close).step_by(step).chain([close - 1]) {
        for other in *b"0123456789abcdefABCDEF <>\n" {
            if other != sealed[at] {
                changed[at] = other;
                assert!(!desk.passes(&changed), "byte {at} as {}", char::from(other));
            }
        }
        changed[at] = sealed[at];
    }
}

#[tokio::test]
async fn anything_added_or_cut_off_is_found() {
    let desk = Desk::with(SHORT);
    let sealed = desk.sealed().await.bytes;
    for addition in [&b"\n"[..], b" ", b"%", b"\0", b"\n%%EOF\n", &sealed[desk.laid_out.pdf.len()..]] {
        assert!(!desk.passes(&[&sealed, addition].concat()));
        assert!(!desk.passes(&[addition, &sealed].concat()));
    }
    for cut in [1, 2, 7, 100, sealed.len() - desk.laid_out.pdf.len(), sealed.len()] {
        assert!(!desk.passes(&sealed[..sealed.len() - cut]), "{cut}");
    }
}

#[tokio::test]
async fn a_document_without_a_signature_is_not_intact() {
    let desk = Desk::with(SHORT);
    let report = desk.judge(&desk.laid_out.pdf).unwrap();
    assert!(!report.intact && !report.trusted && report.signatures.is_empty());
    assert_eq!(report.problems, ["the document is not signed"]);
    assert!(desk.judge(b"hello").is_err());
}

#[tokio::test]
async fn a_signature_of_another_document_is_found() {
    let (one, two) = (Desk::with(SHORT), Desk::with(&SHORT.replace("短文", "长文")));
    let (sealed, other) = (one.sealed().await.bytes, two.sealed().await.bytes);
    let mut forged = sealed.clone();
    let (here, there) = (slot(&sealed), slot(&other));
    forged[here.0..here.1].copy_from_slice(&other[there.0..there.1]);
    assert!(!one.passes(&forged));
}

#[tokio::test]
async fn trust_depends_on_the_root_and_on_the_time() {
    let desk = Desk::with(SHORT);
    let sealed = desk.sealed().await.bytes;
    let (stranger, _) = authority();
    let mine = desk.roots.clone();
    for (trust, now, problem) in [
        (roots(stranger.path()), later(), "the certificate does not lead to a trusted root"),
        (TrustAnchors::empty(), later(), "the certificate does not lead to a trusted root"),
        (mine.clone(), later() + TimeDelta::days(11 * 365), "a certificate is not valid at this time"),
        (mine, ink::now() - TimeDelta::hours(1), "the signature claims to be from the future"),
    ] {
        let report = verify(&sealed, &trust, now).unwrap();
        assert!(report.intact && !report.trusted, "{report:?}");
        assert_eq!(report.problems, [problem]);
    }
    assert!(TrustAnchors::from_pem(b"nonsense").is_err());
}

#[tokio::test]
async fn what_cannot_be_sealed_says_why() {
    let desk = Desk::with(SHORT);
    let ink = Ink::TypedName("张三".into());
    let refused = async |order: SealOrder<'_>| seal(&order, &desk.signer).await.unwrap_err().to_string();
    let sealed = desk.sealed().await.bytes;
    let order = || desk.order(&ink);
    assert_eq!(refused(SealOrder { boxes: &[], ..order() }).await, "the text has no box labelled sign_signatory");
    let no_ink = Ink::Strokes(vec![]);
    assert_eq!(refused(SealOrder { ink: &no_ink, ..order() }).await, "the mark cannot be drawn: there is no ink");
    let twice = refused(SealOrder { base_pdf: &sealed, ..order() }).await;
    assert_eq!(twice, "the document cannot be sealed: it is not a fresh layout");
    assert_eq!(
        refused(SealOrder { base_pdf: b"x", ..order() }).await,
        "the document cannot be sealed: it is not a PDF"
    );
    let error = seal(&SealOrder { boxes: &[], ..order() }, &desk.signer).await.unwrap_err();
    assert!(matches!(error, SealError::NoBox(_)) && !error.retryable());
}

#[tokio::test]
async fn an_individuals_document_has_no_company_seal() {
    let desk = Desk::with(SHORT);
    let ink = Ink::TypedName("张三".into());
    let plain = seal(&SealOrder { company: None, ..desk.order(&ink) }, &desk.signer).await.unwrap().bytes;
    let stamps = |pdf: &[u8]| pdf.windows(14).filter(|window| window == b"/Subtype /Stam").count();
    assert_eq!((stamps(&plain), stamps(&desk.sealed().await.bytes)), (0, 1));
    assert!(desk.passes(&plain));
}

#[tokio::test]
async fn another_reader_sees_the_same_structure() {
    let desk = Desk::with(SHORT);
    let document = lopdf::Document::load_mem(&desk.sealed().await.bytes).unwrap();
    let catalog = document.catalog().unwrap();
    let certified = catalog.get(b"Perms").unwrap().as_dict().unwrap().get(b"DocMDP").unwrap().as_reference().unwrap();
    let entry = document.get_object(certified).unwrap().as_dict().unwrap();
    assert_eq!(entry.get(b"SubFilter").unwrap().as_name().unwrap(), b"ETSI.CAdES.detached");
    let page = document.get_object(document.get_pages()[&1]).unwrap().as_dict().unwrap();
    let annotations = page.get(b"Annots").unwrap().as_array().unwrap();
    assert_eq!(annotations.len(), 2);
    for annotation in annotations {
        let annotation = document.get_object(annotation.as_reference().unwrap()).unwrap().as_dict().unwrap();
        assert_eq!(annotation.get(b"F").unwrap().as_i64().unwrap(), 132);
        let look = annotation.get(b"AP").unwrap().as_dict().unwrap().get(b"N").unwrap().as_reference().unwrap();
        let content = document.get_object(look).unwrap().as_stream().unwrap().decompressed_content().unwrap();
        let content = String::from_utf8(content).unwrap();
        assert!(content.contains(" c\n") && !content.contains("Tf") && !content.contains("Do"));
    }
}

/// Where the signature's slot starts and ends, with its angle brackets.
fn slot(pdf: &[u8]) -> (usize, usize) {
    let range = find(pdf, b"/ByteRange [0 ");
    let open = range + find(&pdf[range..], b"/Contents <") + b"/Contents ".len();
    (open, open + find(&pdf[open..], b">") + 1)
}

fn find(haystack: &[u8], needle: &[u8]) -> usize {
    haystack.windows(needle.len()).position(|window| window == needle).unwrap()
}
