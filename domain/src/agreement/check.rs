//! Whether a text can be published: it must lay out with every kind of data that a flow may bring, and hold the boxes
//! that sealing needs. It is laid out where strangers' texts are, behind [`crate::seal::port::Sealer::check`]; here it is
//! never more than characters.

use std::collections::BTreeMap;

use esign_sealing::{Checked, LaidOut, LayoutError, Trial, box_problems};
use serde_json::json;

use super::sample::{self, Audience, Kind};
use crate::{
    App,
    error::{Error, Result},
    terms::SubjectType,
};

/// The longest source, in bytes.
pub const SOURCE_BYTES: usize = 256 * 1024;
/// Problems told of one text.
const PROBLEMS: usize = 50;
/// When to come back to a full line.
const COME_BACK_SECONDS: i64 = 5;

/// One thing wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextProblem {
    /// Line and column, from 1; none: nowhere in particular.
    pub place: Option<(usize, usize)>,
    /// What is wrong, in English.
    pub message: String,
}

impl TextProblem {
    fn nowhere(message: impl Into<String>) -> Self {
        Self { place: None, message: message.into() }
    }
}

impl std::fmt::Display for TextProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "line {line}, column {column}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// What is known of a text that was tried.
#[derive(Debug)]
pub struct Examined {
    /// The names that a flow must give values for.
    pub variables: Vec<String>,
    /// All that is wrong with it.
    pub problems: Vec<TextProblem>,
    /// The layout that was to be shown; none: it could not be laid out.
    pub shown: Option<LaidOut>,
}

/// What is wanted whole of a text that is tried.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Whose usual sample.
    pub subject_type: SubjectType,
    /// What stands there for the text's own variables; those that aren't named here show their name.
    pub values: &'a BTreeMap<String, String>,
}

/// Tries a text with the samples of its audience; `shown`: what is wanted whole.
///
/// # Errors
/// [`Error::RateLimited`] when too many texts wait to be tried. A bad text is no error: its problems are told.
pub async fn examine(app: &App, source: &str, audience: &Audience, shown: Option<Shown<'_>>) -> Result<Examined> {
    let problems = characters(source);
    if !problems.is_empty() {
        return Ok(Examined { variables: Vec::new(), problems, shown: None });
    }
    let kinds = sample::kinds(audience);
    let mut samples: Vec<_> = kinds.iter().map(Kind::sample).collect();
    let place = |shown: Shown<'_>| {
        let index = kinds.iter().position(|kind| kind.subject_type == shown.subject_type)?;
        samples[index].data["variables"] = json!(shown.values);
        Some(index)
    };
    let shown = shown.and_then(place);
    let checked = app.sealer.check(&Trial { source: source.to_owned(), samples, shown }).await;
    let Checked { reading, mut layouts } = match checked {
        Ok(checked) => checked,
        Err(LayoutError::Busy) => return Err(Error::RateLimited { retry_after_seconds: COME_BACK_SECONDS }),
        Err(error @ LayoutError::Worker(_)) => return Err(Error::internal(error)),
        // It broke while it was read, or took too long as a whole.
        Err(error) => Checked { layouts: vec![Err(error)], ..Checked::default() },
    };
    let mut found: Vec<_> = reading.problems.iter().map(placed).collect();
    found.extend(in_layouts(source, &kinds, &layouts)?);
    found.truncate(PROBLEMS);
    let shown = shown.filter(|index| *index < layouts.len()).and_then(|index| layouts.swap_remove(index).ok());
    Ok(Examined { variables: reading.variables, problems: found, shown })
}

/// What no text may hold, found without reading it.
fn characters(source: &str) -> Vec<TextProblem> {
    if source.trim().is_empty() {
        return vec![TextProblem::nowhere("must not be empty")];
    }
    if source.len() > SOURCE_BYTES {
        return vec![TextProblem::nowhere("at most 256 KiB")];
    }
    let lines = source.split('\n').enumerate();
    let characters = lines.flat_map(|(line, text)| text.chars().enumerate().map(move |(column, c)| (line, column, c)));
    let hidden = characters.filter(|(.., character)| hides(*character)).map(|(line, column, character)| TextProblem {
        place: Some((line + 1, column + 1)),
        message: format!("the character U+{:04X} can't be seen and may not stand here", u32::from(character)),
    });
    hidden.take(PROBLEMS).collect()
}

/// Control characters, and those that turn round the direction of writing: with them a source reads other than it is.
fn hides(character: char) -> bool {
    (character.is_control() && !matches!(character, '\r' | '\t'))
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What the layouts brought to light, each once; where only some samples did, the first of them is named.
fn in_layouts(source: &str, kinds: &[Kind], layouts: &[Result<LaidOut, LayoutError>]) -> Result<Vec<TextProblem>> {
    let mut by_problem: BTreeMap<TextProblem, Vec<usize>> = BTreeMap::new();
    for (index, (kind, layout)) in kinds.iter().zip(layouts).enumerate() {
        for problem in of_layout(source, kind, layout)? {
            by_problem.entry(problem).or_default().push(index);
        }
    }
    let told = by_problem.into_iter().map(|(mut problem, indices)| {
        if indices.len() < layouts.len() {
            problem.message = format!("{} (with: {})", problem.message, kinds[indices[0]].words());
        }
        problem
    });
    Ok(told.collect())
}

fn of_layout(source: &str, kind: &Kind, layout: &Result<LaidOut, LayoutError>) -> Result<Vec<TextProblem>> {
    let company = kind.subject_type == SubjectType::Corporate;
    Ok(match layout {
        Ok(laid_out) => box_problems(laid_out, company).into_iter().map(TextProblem::nowhere).collect(),
        Err(LayoutError::Source { problems }) => problems.iter().map(placed).collect(),
        Err(LayoutError::MissingGlyph { codepoint }) => vec![TextProblem {
            place: place_of(source, codepoint),
            message: format!("no typeface has the character {codepoint}"),
        }],
        Err(LayoutError::TooSlow) => vec![TextProblem::nowhere("laying it out takes too long")],
        Err(LayoutError::OutOfMemory) => vec![TextProblem::nowhere("laying it out takes too much memory")],
        Err(LayoutError::TooLarge { what }) => vec![TextProblem::nowhere(format!("it becomes too large: {what}"))],
        Err(LayoutError::GaveUp) => vec![TextProblem::nowhere("the layout engine gave up on it")],
        Err(LayoutError::Busy) => return Err(Error::RateLimited { retry_after_seconds: COME_BACK_SECONDS }),
        Err(error @ LayoutError::Worker(_)) => return Err(Error::internal(error.clone())),
    })
}

fn placed(problem: &esign_sealing::Problem) -> TextProblem {
    let place = (problem.line > 0).then_some((problem.line, problem.column));
    TextProblem { place, message: problem.message.clone() }
}

/// Where a character that is named `U+4DAE` stands first; none: it is of the data.
fn place_of(source: &str, codepoint: &str) -> Option<(usize, usize)> {
    let character = char::from_u32(u32::from_str_radix(codepoint.strip_prefix("U+")?, 16).ok()?)?;
    let (line, text) = source.split('\n').enumerate().find(|(_, text)| text.contains(character))?;
    Some((line + 1, text.chars().position(|each| each == character)? + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_seen_is_told_with_its_place() {
        for (source, expected) in [
            ("a\tb\r\nc", &[][..]),
            ("甲\n乙\0丙\u{202e}", &[Some((2, 2)), Some((2, 4))]),
            ("\u{feff}a", &[Some((1, 1))]),
            (" \n ", &[None]),
            ("", &[None]),
        ] {
            let places: Vec<_> = characters(source).into_iter().map(|problem| problem.place).collect();
            assert_eq!(places, expected, "{source:?}");
        }
        assert!(characters(&"x".repeat(SOURCE_BYTES)).is_empty());
        assert_eq!(characters(&"x".repeat(SOURCE_BYTES + 1)).len(), 1);
        assert_eq!(characters(&"\0".repeat(1_000)).len(), PROBLEMS);
    }

    #[test]
    fn every_end_of_a_layout_has_its_words() {
        let kinds = sample::kinds(&Audience::everybody());
        let tell = |layouts: &[Result<LaidOut, LayoutError>]| in_layouts("一\n二䶮", &kinds, layouts);
        for (error, words) in [
            (LayoutError::TooSlow, "laying it out takes too long"),
            (LayoutError::OutOfMemory, "laying it out takes too much memory"),
            (LayoutError::TooLarge { what: "more than 100 pages".into() }, "it becomes too large: more than 100 pages"),
            (LayoutError::GaveUp, "the layout engine gave up on it"),
            (
                LayoutError::MissingGlyph { codepoint: "U+4DAE".into() },
                "line 2, column 2: no typeface has the character U+4DAE",
            ),
            (LayoutError::MissingGlyph { codepoint: "?".into() }, "no typeface has the character ?"),
        ] {
            let told: Vec<_> = tell(&[Err(error)]).unwrap().iter().map(ToString::to_string).collect();
            assert_eq!(told, [words]);
        }
        assert_eq!(tell(&[Err(LayoutError::Busy)]).unwrap_err().code(), "RATE_LIMITED");
        assert_eq!(tell(&[Err(LayoutError::Worker("gone".into()))]).unwrap_err().code(), "INTERNAL");
    }

    #[test]
    fn a_problem_is_told_once_and_says_whom_it_concerns() {
        let kinds = sample::kinds(&Audience::everybody());
        let empty = || Ok(LaidOut { pdf: Vec::new(), pages: Vec::new(), boxes: Vec::new() });
        let told = in_layouts("", &kinds, &[empty(), empty(), empty(), empty(), empty(), empty()]).unwrap();
        let told: Vec<_> = told.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "needs exactly one box labelled <seal_company>; there are 0 (with: CORPORATE, COLLECTION)",
                "needs exactly one box labelled <sign_signatory>; there are 0",
            ]
        );
    }
}
