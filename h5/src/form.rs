//! What comes in by forms: read strictly, refused with the key of a notice that says what to mend.

use axum::{
    extract::{FromRequest, Request, rejection::FormRejection},
    http::StatusCode,
};
use serde::{Deserialize, de::DeserializeOwned};

/// The most strokes one signature may have.
const MOST_STROKES: usize = 400;
/// The most points one signature may have.
const MOST_POINTS: usize = 20_000;

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
    /// The submission id of the page.
    pub submission: String,
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Report {
    /// `original` or `text`: how it was shown at the end.
    #[serde(default)]
    pub view: String,
    /// Document by document.
    pub documents: Vec<DocumentReport>,
}

/// How one document was read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentReport {
    /// Its place in the flow, from 1.
    pub number: usize,
    /// How long any of it was in sight, in seconds.
    pub seconds: u32,
    /// Whether its end was in sight, with its last page loaded.
    pub reached_end: bool,
    /// The pages that were in sight as images.
    #[serde(default)]
    pub pages: Vec<PageReport>,
}

/// How long one page was in sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct PageReport {
    /// From 1.
    pub number: usize,
    /// In seconds.
    pub seconds: u32,
}

/// Reads what the page measured.
pub fn report(text: &str) -> Result<Report, Notice> {
    serde_json::from_str(text).map_err(|_| "notice-reading")
}

/// Reads the strokes of a signature and refuses a dot: a name has some length of line and some size. The same rule
/// holds in the pad's script, which says so before anything is sent.
pub fn strokes(text: &str) -> Result<Strokes, Notice> {
    const REFUSED: Notice = "notice-ink";
    let strokes: Strokes = serde_json::from_str(text).map_err(|_| REFUSED)?;
    let points = || strokes.iter().flatten();
    let count = points().count();
    let finite = points().flatten().all(|coordinate| coordinate.is_finite());
    if strokes.len() > MOST_STROKES || !(8..=MOST_POINTS).contains(&count) || !finite {
        return Err(REFUSED);
    }
    let span = |axis: usize| {
        let (least, most) =
            points().fold((f64::MAX, f64::MIN), |(least, most), point| (least.min(point[axis]), most.max(point[axis])));
        most - least
    };
    let long_enough = span(0).max(span(1)) >= 30.0 && line_length(&strokes) >= 80.0;
    if long_enough { Ok(strokes) } else { Err(REFUSED) }
}

fn line_length(strokes: &Strokes) -> f64 {
    let step = |pair: &[[f64; 2]]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
    strokes.iter().flat_map(|stroke| stroke.windows(2)).map(step).sum()
}

/// Reads an amount in yuan as fen, 1 to 99: what a verifying transfer can be. Full-width figures and marks, as Chinese
/// keyboards make them, mean the same as ASCII's. What can't be the amount never costs a try.
pub fn fen(text: &str) -> Result<u32, Notice> {
    const REFUSED: Notice = "notice-amount";
    let plain: String = text.trim().chars().map(half_width).collect();
    let plain = plain.trim_start_matches('¥').trim_end_matches('元').trim();
    let (yuan, part) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |text: &str| text.chars().all(|figure| figure.is_ascii_digit());
    if yuan.is_empty() || yuan.len() > 4 || part.len() > 2 || !digits(yuan) || !digits(part) {
        return Err(REFUSED);
    }
    let fen = format!("{yuan}{part:0<2}").parse().map_err(|_| REFUSED)?;
    if (1..=99).contains(&fen) { Ok(fen) } else { Err(REFUSED) }
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
        for (text, amount) in
            [("0.37", 37), ("0.3", 30), ("０。３７", 37), (" ¥0.09 ", 9), ("0.99元", 99), ("0,37", 37), ("00.37", 37)]
        {
            assert_eq!(fen(text), Ok(amount), "{text}");
        }
        for text in ["", "0", "1", "0.00", "0.375", "1.00", "-0.37", "0.3.7", "abc", "1e-1", "99999999999", ".37"] {
            assert_eq!(fen(text), Err("notice-amount"), "{text}");
        }
    }

    #[test]
    fn a_dot_is_no_signature() {
        let line: Vec<[f64; 2]> = (0..40).map(|step| [f64::from(step) * 5.0, f64::from(step % 7) * 4.0]).collect();
        let json = |strokes: &Strokes| serde_json::to_string(strokes).expect("numbers");
        assert!(strokes(&json(&vec![line])).is_ok());
        let dot = vec![vec![[5.0, 5.0]; 200]];
        for refused in [json(&dot), "[]".into(), String::new(), "[[[1e999,0]]]".into(), "[[1,2]]".into(), "{}".into()] {
            assert_eq!(strokes(&refused), Err("notice-ink"), "{refused}");
        }
    }

    #[test]
    fn far_too_much_ink_is_refused() {
        let strokes_of = |count: usize| vec![vec![[0.0, 0.0], [50.0, 90.0]]; count];
        let json = |count| serde_json::to_string(&strokes_of(count)).expect("numbers");
        assert!(strokes(&json(MOST_STROKES)).is_ok());
        assert_eq!(strokes(&json(MOST_STROKES + 1)), Err("notice-ink"));
    }
}
