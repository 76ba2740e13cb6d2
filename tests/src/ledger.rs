//! A ledger of planted values: what was given to the platform, to be looked for wherever it must not be.
//!
//! Every value stands nowhere else: it is made here, and whoever finds it, in the clear or as hexadecimal or as part of an
//! address, has found it where it was carried.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use crate::{
    door::Answer,
    fixture::{corporate, individual, with},
};

/// What may be found where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nowhere, and sealed where it lies.
    Personal,
    /// Nowhere but in its owner's hands and, as upstream's own, in the database.
    Opaque,
    /// A link's code: besides, in the address of its own pages.
    Link,
}

/// A value's kind and the forms it is looked for in.
type Planted = (Kind, Vec<String>);

/// The values and where they were found.
#[derive(Default)]
pub struct Ledger {
    values: Vec<Planted>,
    found: Vec<String>,
    searched: usize,
    index: Index,
}

/// The values' forms by their first four bytes, so that a place is gone through once and not once a value.
#[derive(Default)]
struct Index {
    values: usize,
    starts: Vec<bool>,
    forms: HashMap<[u8; 4], Vec<(usize, usize)>>,
}

impl Index {
    fn of(values: &[Planted]) -> Self {
        let mut index = Self { values: values.len(), starts: vec![false; 1 << 16], forms: HashMap::new() };
        for (value, (_, forms)) in values.iter().enumerate() {
            for (form, text) in forms.iter().enumerate() {
                let start = *text.as_bytes().first_chunk().expect("no value is shorter than four bytes");
                index.starts[Self::slot(start)] = true;
                index.forms.entry(start).or_default().push((value, form));
            }
        }
        index
    }

    fn slot(start: [u8; 4]) -> usize {
        (u32::from_le_bytes(start).wrapping_mul(0x9e37_79b1) >> 16) as usize
    }

    /// The values found, each once, and the form in which.
    fn find(&self, bytes: &[u8], values: &[Planted]) -> BTreeMap<usize, String> {
        let mut found = BTreeMap::new();
        for at in 0..bytes.len().saturating_sub(3) {
            let start = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
            if !self.starts[Self::slot(start)] {
                continue;
            }
            for (value, form) in self.forms.get(&start).into_iter().flatten() {
                let text = &values[*value].1[*form];
                if bytes[at..].starts_with(text.as_bytes()) {
                    found.insert(*value, text.clone());
                }
            }
        }
        found
    }
}

impl Ledger {
    /// How many values were planted.
    pub fn planted(&self) -> usize {
        self.values.len()
    }

    /// Where any was found.
    pub fn found(&self) -> &[String] {
        &self.found
    }

    /// How many bytes were searched.
    pub fn searched(&self) -> usize {
        self.searched
    }

    /// Plants a value of the story's own.
    pub fn plant(&mut self, kind: Kind, value: &str) -> String {
        let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let mut forms = vec![value.to_owned(), encoded, hex::encode(value), hex::encode_upper(value)];
        forms.dedup();
        if !self.values.iter().any(|(_, known)| known[0] == value) {
            self.values.push((kind, forms));
        }
        value.to_owned()
    }

    /// Plants an amount of fen as a log would write it down.
    pub fn plant_amount(&mut self, fen: i64) -> i64 {
        let forms = ["amount=", "amount: ", "amount\":", "fen=", "fen: "].map(|name| format!("{name}{fen}"));
        self.values.push((Kind::Opaque, forms.into()));
        fen
    }

    /// A company of its own: signatory, mobile, registration, account, and metadata are planted.
    pub fn company(&mut self, flow_no: &str) -> Value {
        let n = self.values.len();
        let input = self.with_common(corporate(flow_no), n);
        let input = with(input, "/subject/signatoryName", json!(self.plant(Kind::Personal, &person_name(n))));
        with(input, "/subject/idDocument/number", json!(self.plant(Kind::Personal, &unified_code(n))))
    }

    /// A person of their own: name, mobile, identity card, account, and metadata are planted.
    pub fn person(&mut self, flow_no: &str) -> Value {
        let n = self.values.len();
        let input = self.with_common(individual(flow_no), n);
        let input = with(input, "/subject/name", json!(self.plant(Kind::Personal, &person_name(n))));
        with(input, "/subject/idDocument/number", json!(self.plant(Kind::Personal, &resident_id(n))))
    }

    fn with_common(&mut self, input: Value, n: usize) -> Value {
        let mobile = self.mobile(n);
        let account = self.plant(Kind::Personal, &format!("62295{:013}", 7_000_000_019 * (n + 1)));
        let mark = self.plant(Kind::Opaque, &format!("metadata-{n}-mark"));
        let input = with(input, "/subject/mobile", json!(mobile));
        let input = with(input, "/subject/bankAccount", json!({"accountNo": account, "bankName": "招商银行"}));
        with(input, "/metadata", json!({"mark": mark}))
    }

    /// A mobile number, planted as it is given and as it is kept.
    pub fn mobile(&mut self, n: usize) -> String {
        let mobile = format!("19{:09}", 300_000_000 + 7_919 * n);
        self.plant(Kind::Personal, &format!("+86{mobile}"));
        self.plant(Kind::Personal, &mobile)
    }

    /// Looks for every value; those of a kind that may stand here are passed over.
    pub fn search(&mut self, place: &str, bytes: &[u8], allowed: &[Kind]) {
        self.searched += bytes.len();
        if self.index.values != self.values.len() {
            self.index = Index::of(&self.values);
        }
        for (value, form) in self.index.find(bytes, &self.values) {
            if !allowed.contains(&self.values[value].0) {
                self.found.push(format!("{place}: {form}"));
            }
        }
    }

    /// Looks through an answer to somebody who may not see any of it: headers and body.
    pub fn search_answer(&mut self, place: &str, answer: &Answer) {
        self.search_headers(place, answer, &[]);
        self.search(place, &answer.body, &[]);
    }

    /// Looks through a page of the signer's, who may read on it what it is about: only its headers and its title must name
    /// nobody.
    pub fn search_page(&mut self, place: &str, answer: &Answer) {
        self.search_headers(place, answer, &[Kind::Link]);
        let text = answer.text();
        if let Some((_, rest)) = text.split_once("<title>") {
            self.search(place, rest.split("</title>").next().unwrap_or_default().as_bytes(), &[]);
        }
    }

    fn search_headers(&mut self, place: &str, answer: &Answer, allowed: &[Kind]) {
        self.search(&format!("{place}, headers"), format!("{:?}", answer.headers).as_bytes(), allowed);
    }

    /// Looks through every file below a folder; gives how many there were.
    pub fn search_folder(&mut self, folder: &Path, allowed: &[Kind]) -> usize {
        let mut files = 0;
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                files += self.search_folder(&path, allowed);
            } else if let Ok(bytes) = std::fs::read(&path) {
                self.search(&path.display().to_string(), &bytes, allowed);
                files += 1;
            }
        }
        files
    }
}

/// A name of three letters that nobody else here has.
fn person_name(n: usize) -> String {
    let letter = |n: usize| u32::try_from(n).ok().and_then(char::from_u32).expect("a Chinese character");
    ['瞿', letter(0x4e00 + 61 * n), letter(0x6e00 + 37 * n)].iter().collect()
}

/// GB 11643-1999.
fn resident_id(n: usize) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let born = NaiveDate::from_ymd_opt(1961, 2, 3).expect("a date") + Days::new(31 * n as u64);
    let digits = format!("530102{}{:03}", born.format("%Y%m%d"), n % 1_000);
    let sum: u32 = digits.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", char::from(b"10X98765432"[sum as usize % 11]))
}

/// GB 32100-2015.
fn unified_code(n: usize) -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let code = format!("91530102M{:08}", 1_009 * (n + 1));
    let values = code.chars().map(|letter| ALPHABET.find(letter).expect("of the alphabet"));
    let sum: usize = values.zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    format!("{code}{}", ALPHABET.as_bytes()[(31 - sum % 31) % 31] as char)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_in_whatever_form_and_only_where_it_may_not_be() {
        let mut ledger = Ledger::default();
        ledger.plant(Kind::Personal, "瞿一二");
        ledger.plant(Kind::Link, "0123456789abcdefABCDEF");
        for text in
            ["name=瞿一二", "?name=%E7%9E%BF%E4%B8%80%E4%BA%8C", "X'E79EBFE4B880E4BA8C'", "\\xe79ebfe4b880e4ba8c"]
        {
            ledger.search("here", text.as_bytes(), &[Kind::Link]);
        }
        assert_eq!(ledger.found().len(), 4);
        ledger.search("a page's address", b"/s/0123456789abcdefABCDEF", &[Kind::Link]);
        assert_eq!(ledger.found().len(), 4);
        ledger.search("the log", b"/s/0123456789abcdefABCDEF", &[]);
        assert_eq!(ledger.found()[4], "the log: 0123456789abcdefABCDEF");
    }
}
