//! What every benchmark seals: an agreement of ours, a company, and a name of three characters written by hand.

use chrono::TimeDelta;
use esign_sealing::{Company, FileSigner, Ink, Placed, SealOrder, TrustAnchors, pki};

use crate::ink;

/// `payment_agency_agreement` with the sample's data, as it was laid out: two pages and their typefaces.
const AGREEMENT: &[u8] = include_bytes!("../agreement.pdf");

/// A sandbox's key, and what is signed with it.
pub struct Desk {
    /// Holds the key.
    pub signer: FileSigner,
    /// The root it leads to.
    pub roots: TrustAnchors,
    ink: Ink,
    boxes: [Placed; 2],
}

impl Desk {
    /// A desk with a fresh key.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder can be made");
        let file = |name: &str| dir.path().join(name);
        pki::create_sandbox_authority(dir.path(), ink::now()).expect("an authority can be made");
        let signer = FileSigner::load(&file("platform-key.pem"), &file("platform-chain.pem")).expect("it has a key");
        let roots = TrustAnchors::from_pem(&std::fs::read(file("root.pem")).expect("it has a root"));
        let side = |label: &str, x, width, height| Placed { label: label.into(), page: 1, x, y: 200.0, width, height };
        Self {
            signer,
            roots: roots.expect("a root is a certificate"),
            ink: Ink::Strokes(handwriting()),
            boxes: [side("sign_signatory", 80.0, 215.4, 85.0), side("seal_company", 380.0, 119.1, 119.1)],
        }
    }

    /// The order of a document, with the company's seal or without.
    pub fn order<'a>(&'a self, company: Option<Company<'a>>) -> SealOrder<'a> {
        SealOrder {
            base_pdf: AGREEMENT,
            boxes: &self.boxes,
            ink: &self.ink,
            signatory_name: "欧阳若水",
            company,
            reason: "代付款服务协议",
            signed_at: ink::now(),
            sealed_at: ink::now() + TimeDelta::minutes(3),
        }
    }
}

/// The company of most orders.
pub fn company(flow_no: &str) -> Company<'_> {
    Company { name: "上海示例信息技术有限公司", flow_no }
}

/// The tests' two characters and the first of them again: as many samples as a phone sends for a name.
fn handwriting() -> Vec<Vec<[f64; 2]>> {
    let name = ink::handwriting();
    let third = name.iter().take(3).map(|stroke| stroke.iter().map(|[x, y]| [x + 440.0, *y]).collect());
    name.iter().cloned().chain(third).collect()
}
