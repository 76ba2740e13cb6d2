//! What comes in by forms: read strictly, refused with the key of a notice that says what to mend.

use axum::{
    extract::{FromRequest, Request, rejection::FormRejection},
    http::StatusCode,
};
use serde::{Deserialize, de::DeserializeOwned};

/// The key of the notice that says what to mend.
pub type Notice = &'static str;

/// Points of each stroke, in the pad's pixels, y down.
pub type Strokes = Vec<Vec<[f64; 2]>>;

/// A form, or the status it is refused with.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &S) -> Result<Self, StatusCode> {
        match axum::Form::from_request(request, state).await {
            Ok(axum::Form(form)) => Ok(Self(form)),
            Err(FormRejection::BytesRejection(rejection)) => Err(rejection.status()),
            Err(_) => Err(StatusCode::BAD_REQUEST),
        }
    }
}

/// `POST …/reading`.
#[derive(Debug, Deserialize)]
pub struct ReadingForm {
    /// [`Report`] as JSON; empty when there was no script to measure.
    #[serde(default)]
    pub reading: String,
}

/// `POST …/signature`.
#[derive(Debug, Deserialize)]
pub struct SignatureForm {
    /// The submission id of the page.
    pub submission: String,
    /// `yes` when ticked.
    pub consent: Option<String>,
    /// [`Strokes`] as JSON; empty when nothing was drawn.
    #[serde(default)]
    pub strokes: String,
    /// The name, typed instead.
    #[serde(default)]
    pub typed_name: String,
}

/// `POST …/refusal`.
#[derive(Debug, Deserialize)]
pub struct RefusalForm {
    /// The submission id of the page.
    pub submission: String,
    /// One of [`crate::page::REASONS`].
    pub reason: Option<String>,
    /// More about it, in own words.
    #[serde(default)]
    pub details: String,
    /// `yes` when asked a second time.
    #[serde(default)]
    pub confirmed: String,
}

/// `POST …/amount`.
#[derive(Debug, Deserialize)]
pub struct AmountForm {
    /// The submission id of the page.
    pub submission: String,
    /// Yuan, with at most two decimals.
    #[serde(default)]
    pub amount: String,
}

/// `POST …/face`, `…/face-refusal`, `…/authentication`, `…/consent`.
#[derive(Debug, Deserialize)]
pub struct ActForm {
    /// The submission id of the page.
    pub submission: String,
    /// `yes` when ticked.
    pub consent: Option<String>,
}

/// What the page measured while it was read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Report {
    /// Document by document.
    pub documents: Vec<DocumentReport>,
}

/// How one document was read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentReport {
    /// Its place in the flow, from 1.
    pub number: i32,
    /// The submission id of this document's reading.
    pub submission: String,
    /// How long any of it was in sight, in seconds.
    pub seconds: u32,
    /// Whether its end was in sight, with its last page loaded.
    pub reached_end: bool,
    /// How many of its pages were in sight, as pictures or as words.
    pub pages: usize,
}

/// Reads what the page measured.
pub fn report(text: &str) -> Result<Report, Notice> {
    serde_json::from_str(text).map_err(|_| "notice-reading")
}

/// Reads the strokes of a signature. Whether they amount to one is judged where it is signed.
pub fn strokes(text: &str) -> Result<Strokes, Notice> {
    serde_json::from_str(text).map_err(|_| "notice-ink")
}

/// Reads an amount in yuan as fen, up to four places before the point. Full-width figures and marks, as Chinese
/// keyboards make them, mean the same as ASCII's. What is no amount never costs a try.
pub fn fen(text: &str) -> Result<i64, Notice> {
    const REFUSED: Notice = "notice-amount";
    let plain: String = text.trim().chars().map(half_width).collect();
    let plain = plain.trim_start_matches('¥').trim_end_matches('元').trim();
    let (yuan, part) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |text: &str| text.chars().all(|figure| figure.is_ascii_digit());
    if yuan.is_empty() || yuan.len() > 4 || part.len() > 2 || !digits(yuan) || !digits(part) {
        return Err(REFUSED);
    }
    let fen = format!("{yuan}{part:0<2}").parse().map_err(|_| REFUSED)?;
    if fen > 0 { Ok(fen) } else { Err(REFUSED) }
}

fn half_width(character: char) -> char {
    match character {
        '０'..='９' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        '．' | '。' | '，' | ',' => '.',
        '￥' => '¥',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (text, amount) in [
            ("0.37", 37),
            ("0.3", 30),
            ("０。３７", 37),
            (" ¥0.09 ", 9),
            ("0.99元", 99),
            ("0,37", 37),
            ("00.37", 37),
            ("12", 1200),
            ("9999.99", 999_999),
        ] {
            assert_eq!(fen(text), Ok(amount), "{text}");
        }
        for text in ["", "0", "0.00", "0.375", "-0.37", "12345", "0.3.7", "abc", "1e-1", "99999999999", ".37"] {
            assert_eq!(fen(text), Err("notice-amount"), "{text}");
        }
    }

    #[test]
    fn strokes_are_lists_of_points() {
        assert_eq!(strokes("[[[1,2],[3.5,4]],[]]"), Ok(vec![vec![[1.0, 2.0], [3.5, 4.0]], vec![]]));
        for refused in ["", "{}", "[[1,2]]", "[[[1,2,3]]]", "[[[1e999,0]]]"] {
            assert_eq!(strokes(refused), Err("notice-ink"), "{refused}");
        }
    }

    #[test]
    fn a_report_names_documents_and_pages() {
        let text = r#"{"view":"original","documents":[{"number":1,"submission":"sub_x","seconds":4,"reachedEnd":true,"pages":2}]}"#;
        let read = report(text).expect("a report");
        assert_eq!((read.documents[0].number, read.documents[0].pages), (1, 2));
        assert_eq!(report(""), Err("notice-reading"));
    }
}
