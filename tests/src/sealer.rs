//! A sealer that takes no time: its 'PDF' is the data it was given, its seal a digest over the file.
//!
//! The files name persons as real ones do, so what is promised about them at rest is tested in earnest. A few stories
//! ask for the real thing: then the crate `sealing` works behind the same script.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use esign_domain::{seal::port::Sealer, vault::sha256_hex};
use esign_sealing::{
    Checked, FileSigner, Fonts, LaidOut, Layout, LayoutError, Page, PdfReport, Placed, SealError, SealOrder, SealedPdf,
    SignatureReport, Trial, TrustAnchors, VerifyError, check_in_process, lay_out_in_process, pki, read_in_process,
};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::script::Script;

/// Opens the line that the fake's seal consists of.
const SEAL: &str = "\n%SEAL ";
const HEADER: &str = "%PDF-1.7 of a story\n";

/// What may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// It fails.
    Fails,
    /// It gives a file that does not verify.
    Spoils,
}

/// Lays out, seals and verifies; the real way or at once.
#[derive(Default)]
pub struct FakeSealer {
    /// What goes wrong at the next layouts.
    pub laying_out: Script<Mishap>,
    /// What the next trials of texts come to instead of what they would.
    pub trying: Script<LayoutError>,
    /// What goes wrong at the next seals.
    pub sealing: Script<Mishap>,
    gate: Mutex<Option<Arc<Gate>>>,
    real: Option<Real>,
}

/// Holds a seal while it is being made.
#[derive(Debug)]
pub struct Gate {
    begun: Semaphore,
    may_go_on: Semaphore,
}

impl Gate {
    /// Waits until a seal is being made.
    pub async fn begun(&self) {
        self.begun.acquire().await.expect("never closed").forget();
    }

    /// Lets it be finished.
    pub fn open(&self) {
        self.may_go_on.add_permits(1);
    }
}

struct Real {
    fonts: Fonts,
    signer: FileSigner,
    trust: TrustAnchors,
}

impl FakeSealer {
    /// The crate `sealing`, with an authority of its own in `folder`.
    pub fn real(folder: &Path, now: DateTime<Utc>) -> Self {
        pki::create_sandbox_authority(folder, now).expect("an authority can be made");
        let file = |name: &str| folder.join(name);
        let signer = FileSigner::load(&file("platform-key.pem"), &file("platform-chain.pem")).expect("it has a key");
        let root = std::fs::read(file("root.pem")).expect("it has a root");
        let trust = TrustAnchors::from_pem(&root).expect("its root is a certificate");
        let fonts = Fonts::find(None).expect("the typefaces are in the crate");
        Self { real: Some(Real { fonts, signer, trust }), ..Self::default() }
    }

    /// The next seal waits at a gate.
    pub fn hold(&self) -> Arc<Gate> {
        let gate = Arc::new(Gate { begun: Semaphore::new(0), may_go_on: Semaphore::new(0) });
        *self.gate.lock().expect("no holder panics") = Some(gate.clone());
        gate
    }

    async fn wait(&self) {
        let gate = self.gate.lock().expect("no holder panics").take();
        if let Some(gate) = gate {
            gate.begun.add_permits(1);
            gate.may_go_on.acquire().await.expect("never closed").forget();
        }
    }
}

#[async_trait]
impl Sealer for FakeSealer {
    async fn lay_out(&self, layout: &Layout) -> Result<LaidOut, LayoutError> {
        if self.laying_out.take().is_some() {
            return Err(LayoutError::MissingGlyph { codepoint: "U+4DAE".into() });
        }
        match &self.real {
            Some(real) => lay_out_in_process(layout, &real.fonts),
            None => Ok(drawn(layout)),
        }
    }

    async fn check(&self, trial: &Trial) -> Result<Checked, LayoutError> {
        if let Some(mishap) = self.trying.take() {
            return Err(mishap);
        }
        if let Some(real) = &self.real {
            return Ok(check_in_process(trial, &real.fonts));
        }
        let layout = |data: &Value| drawn(&Layout { source: trial.source.clone(), data: data.clone() });
        let layouts = trial.samples.iter().map(|sample| Ok(layout(&sample.data))).collect();
        Ok(Checked { reading: read_in_process(&trial.source), layouts })
    }

    async fn seal(&self, order: &SealOrder<'_>) -> Result<SealedPdf, SealError> {
        self.wait().await;
        let mishap = self.sealing.take();
        if mishap == Some(Mishap::Fails) {
            return Err(SealError::Signing("the key is far away".into()));
        }
        let mut sealed = match &self.real {
            Some(real) => esign_sealing::seal(order, &real.signer).await?,
            None => stamped(order),
        };
        if mishap == Some(Mishap::Spoils) {
            sealed.bytes[HEADER.len()] ^= 1;
        }
        Ok(sealed)
    }

    fn verify(&self, pdf: &[u8], now: DateTime<Utc>) -> Result<PdfReport, VerifyError> {
        match &self.real {
            Some(real) => esign_sealing::verify(pdf, &real.trust, now),
            None => Ok(examined(pdf)),
        }
    }
}

fn drawn(layout: &Layout) -> LaidOut {
    let text = layout.data.to_string();
    let page = |number: usize| Page {
        svg: format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><text>{number}</text></svg>"),
        text: text.clone(),
        width_pt: 595.0,
        height_pt: 842.0,
    };
    let placed = |label: &str| Placed { label: label.into(), page: 1, x: 0.0, y: 0.0, width: 150.0, height: 80.0 };
    LaidOut {
        pdf: format!("{HEADER}{}\n{text}", sha256_hex(layout.source.as_bytes())).into_bytes(),
        pages: vec![page(1), page(2)],
        boxes: vec![placed("sign_signatory"), placed("seal_company")],
    }
}

fn stamped(order: &SealOrder<'_>) -> SealedPdf {
    let mut bytes = order.base_pdf.to_vec();
    let digest = sha256_hex(&bytes);
    bytes.extend_from_slice(format!("{SEAL}{digest} {} {}", order.sealed_at, order.signatory_name).as_bytes());
    SealedPdf { sha256_hex: sha256_hex(&bytes), bytes, level: "PAdES-B-B" }
}

fn examined(pdf: &[u8]) -> PdfReport {
    let text = String::from_utf8_lossy(pdf);
    let (base, seal) = text.rsplit_once(SEAL).unwrap_or((&text, ""));
    let content_digest = sha256_hex(base.as_bytes());
    let intact = seal.starts_with(&content_digest);
    PdfReport {
        intact,
        trusted: intact,
        signatures: vec![SignatureReport { valid: intact, trusted: intact, ..SignatureReport::default() }],
        content_digest,
        file_digest: sha256_hex(pdf),
        problems: if intact { vec![] } else { vec!["the seal does not fit the file".into()] },
    }
}
