//! Letters as outlines: the glyphs of the shipped typefaces, drawn anywhere and at any angle.
//!
//! A letter is drawn once, in units of its typeface, and kept packed: a mark then says only where it stands and how
//! large it is. That is what makes the company's seal cheap: whatever its name and the flow's number, after the first
//! documents all their letters are at hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use ttf_parser::{Face, OutlineBuilder};

use super::drawing::{Affine, Drawing, Point, operate};
use super::packed::Packed;
use crate::fonts::Fonts;
use crate::seal::SealError;

/// So many letters are kept; then all are forgotten, and those in use come back. They take about a kilobyte each.
const MOST_KEPT: usize = 8_192;
/// Control points are thirds of a typeface's units: of quadratic curves that are raised to cubic ones.
const THIRDS: f64 = 3.0;

/// Which weight is asked for first. The bold lacks rare characters; the regular steps in for them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// One letter.
pub(crate) struct Letter {
    /// Fills the letter, in `units` to the type size, and ends its graphics state.
    pub(super) outline: Packed,
    pub(super) units: f64,
    /// How far the next letter stands, as a fraction of the type size.
    pub(super) advance: f64,
}

/// The letters of one set of typefaces that have been drawn.
#[derive(Default)]
pub(crate) struct Drawn(Mutex<HashMap<(char, Weight), Arc<Letter>>>);

/// The letters of a text; an error if a character is in no typeface.
pub(super) fn letters(fonts: &Fonts, text: &str, weight: Weight) -> Result<Vec<Arc<Letter>>, SealError> {
    let letters: Option<Vec<_>> = text.chars().map(|character| letter(fonts, character, weight)).collect();
    letters.ok_or(SealError::Mark("no typeface has one of its characters"))
}

fn letter(fonts: &Fonts, character: char, weight: Weight) -> Option<Arc<Letter>> {
    // Whoever panicked here left whole letters behind.
    let kept = || fonts.drawn().0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(letter) = kept().get(&(character, weight)) {
        return Some(Arc::clone(letter));
    }
    let drawn = Arc::new(draw(fonts, character, weight)?);
    let mut kept = kept();
    if kept.len() >= MOST_KEPT {
        kept.clear();
    }
    kept.insert((character, weight), Arc::clone(&drawn));
    Some(drawn)
}

fn draw(fonts: &Fonts, character: char, weight: Weight) -> Option<Letter> {
    let mut faces = fonts.faces();
    if weight == Weight::Bold {
        faces.reverse();
    }
    let has = |face: &Face<'_>| face.glyph_index(character).is_some();
    let face = faces.into_iter().find(has).or_else(|| fonts.fallback())?;
    let glyph = face.glyph_index(character)?;
    let em = f64::from(face.units_per_em());
    let mut pen = Pen::default();
    face.outline_glyph(glyph, &mut pen);
    pen.operators.extend(b"f\nQ\n");
    let advance = f64::from(face.glyph_hor_advance(glyph)?) / em;
    Some(Letter { outline: Packed::tightly(&pen.operators), units: em * THIRDS, advance })
}

/// How wide letters are when set in a line at size 1.
pub(super) fn width(letters: &[Arc<Letter>]) -> f64 {
    letters.iter().map(|letter| letter.advance).sum()
}

/// Sets letters in a line from `start` on its baseline.
pub(super) fn set_line(drawing: &mut Drawing, letters: &[Arc<Letter>], start: Point, size: f64) {
    let mut x = start.x;
    for letter in letters {
        drawing.letter(letter, Affine::placed(size, size, Point { x, y: start.y }));
        x += letter.advance * size;
    }
}

/// Writes a glyph's outline, its quadratic curves raised to cubic ones.
#[derive(Default)]
struct Pen {
    operators: Vec<u8>,
    at: (f64, f64),
}

impl Pen {
    fn put(&mut self, points: &[(f64, f64)], operator: &str) {
        let numbers: Vec<f64> = points.iter().flat_map(|(x, y)| [x * THIRDS, y * THIRDS]).collect();
        operate(&mut self.operators, &numbers, operator);
        self.at = points.last().copied().unwrap_or(self.at);
    }
}

fn point(x: f32, y: f32) -> (f64, f64) {
    (f64::from(x), f64::from(y))
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.put(&[point(x, y)], "m");
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.put(&[point(x, y)], "l");
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (control, end) = (point(x1, y1), point(x, y));
        let third = |from: (f64, f64)| ((from.0 + 2.0 * control.0) / 3.0, (from.1 + 2.0 * control.1) / 3.0);
        self.put(&[third(self.at), third(end), end], "c");
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.put(&[point(x1, y1), point(x2, y2), point(x, y)], "c");
    }

    fn close(&mut self) {
        self.operators.extend(b"h\n");
    }
}
