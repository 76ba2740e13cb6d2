//! 签署: consent in plain words, the pad, and for a company its seal beside the signatory's name.

use serde::Serialize;

use super::{Document, Page, ReadPage};

/// The step `sign`.
#[derive(Debug, Clone, Serialize)]
pub struct SignPage {
    /// Who writes.
    pub signatory: String,
    /// For whom, if not for themselves.
    pub company: Option<Company>,
    /// How many documents.
    pub count: usize,
    /// The documents agreed to.
    pub documents: Vec<Document>,
    /// Today, in words.
    pub today: String,
    /// Whether the name may be typed instead.
    pub allow_typed_name: bool,
    /// Whether signing hands the account to the auth system, which consent must then say.
    pub passes_account_on: bool,
}

/// A company and how its seal is drawn: a ring, the name on an arc, 电子签章 and the flow's number.
#[derive(Debug, Clone, Serialize)]
pub struct Company {
    /// The company's name.
    pub name: String,
    /// The flow's own number; never a registration number, which would look like a forged 公章.
    pub flow_no: String,
    /// Size of the name's letters, in the seal's 200 units.
    pub letter_size: u32,
    /// How much of the arc the name takes.
    pub arc_length: u32,
    /// Size of the number's figures.
    pub number_size: u32,
}

/// Length of the arc the name may take: radius 70, from 208 to 332 degrees the long way round.
const ARC: u32 = 262;

impl Company {
    /// Fits name and number into the ring.
    pub fn new(name: &str, flow_no: &str) -> Self {
        let letters = u32::try_from(name.chars().count()).unwrap_or(u32::MAX).max(1);
        let figures = u32::try_from(flow_no.chars().count()).unwrap_or(u32::MAX).max(1);
        let letter_size = (ARC / letters).clamp(9, 24);
        Self {
            name: name.into(),
            flow_no: flow_no.into(),
            letter_size,
            // Few letters stand apart, as on a cut seal, but never so far that the name falls to pieces.
            arc_length: ARC.min(letters * letter_size * 3 / 2),
            number_size: (230 / figures).clamp(6, 13),
        }
    }
}

impl Page for SignPage {
    fn template(&self) -> &'static str {
        "step/sign.html"
    }
    fn step(&self) -> &'static str {
        "sign"
    }
    fn progress(&self) -> Option<u8> {
        Some(2)
    }
}

impl SignPage {
    /// A company's signatory.
    pub fn sample() -> Self {
        let documents = ReadPage::sample().documents;
        Self {
            signatory: "张明远".into(),
            company: Some(Company::new("杭州清禾餐饮管理有限公司", "MS20261122-00418402")),
            count: documents.len(),
            documents,
            today: "2026 年 11 月 22 日".into(),
            allow_typed_name: true,
            passes_account_on: true,
        }
    }
}
