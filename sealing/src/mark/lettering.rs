//! Letters as outlines: the glyphs of the shipped typefaces, drawn anywhere and at any angle.

use std::cell::LazyCell;
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::drawing::{Affine, Drawing, Point};
use crate::fonts::Fonts;
use crate::seal::SealError;

/// Which weight is asked for first. The bold lacks rare characters; the regular steps in for them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// The typefaces, open for drawing.
pub(super) struct Lettering<'a> {
    faces: Vec<Face<'a>>,
    fallback: LazyFace<'a>,
}

/// A typeface that is opened only when a character is in no other.
type LazyFace<'a> = LazyCell<Option<Face<'a>>, Box<dyn FnOnce() -> Option<Face<'a>> + 'a>>;

/// One letter, with its measures as fractions of the type size.
pub(super) struct Letter<'a> {
    face: &'a Face<'a>,
    glyph: GlyphId,
    /// How far the next letter stands, as a fraction of the type size.
    pub(super) advance: f64,
}

impl<'a> Lettering<'a> {
    pub(super) fn of(fonts: &'a Fonts) -> Self {
        Self { faces: fonts.faces(), fallback: LazyCell::new(Box::new(|| fonts.fallback())) }
    }

    /// The letters of a text; an error if a character is in no typeface.
    pub(super) fn letters<'b>(&'b self, text: &str, weight: Weight) -> Result<Vec<Letter<'b>>, SealError>
    where
        'a: 'b,
    {
        let letter = |character| self.letter(character, weight);
        let letters: Option<Vec<_>> = text.chars().map(letter).collect();
        letters.ok_or(SealError::Mark("no typeface has one of its characters"))
    }

    fn letter<'b>(&'b self, character: char, weight: Weight) -> Option<Letter<'b>>
    where
        'a: 'b,
    {
        let order = if weight == Weight::Bold { [1, 0] } else { [0, 1] };
        let shipped = order.iter().filter_map(|&index| self.faces.get(index));
        let found = shipped.clone().find(|face| face.glyph_index(character).is_some());
        let face = found.or_else(|| self.fallback.as_ref())?;
        let glyph = face.glyph_index(character)?;
        let advance = f64::from(face.glyph_hor_advance(glyph)?) / f64::from(face.units_per_em());
        Some(Letter { face, glyph, advance })
    }
}

impl Letter<'_> {
    /// Draws the letter: its origin on the baseline goes where `place` puts (0, 0), one unit being the type size.
    pub(super) fn draw(&self, drawing: &mut Drawing, place: Affine) {
        let em = f64::from(self.face.units_per_em());
        let mut pen = Pen { drawing, place, em, at: (0.0, 0.0) };
        self.face.outline_glyph(self.glyph, &mut pen);
    }
}

/// How wide letters are when set in a line at size 1.
pub(super) fn width(letters: &[Letter<'_>]) -> f64 {
    letters.iter().map(|letter| letter.advance).sum()
}

/// Sets letters in a line from `start` on its baseline, and fills them.
pub(super) fn set_line(drawing: &mut Drawing, letters: &[Letter<'_>], start: Point, size: f64) {
    let mut x = start.x;
    for letter in letters {
        letter.draw(drawing, Affine::placed(size, size, Point { x, y: start.y }));
        x += letter.advance * size;
    }
    drawing.fill();
}

/// Passes a glyph's outline on to a drawing, its quadratic curves raised to cubic ones.
struct Pen<'a> {
    drawing: &'a mut Drawing,
    place: Affine,
    em: f64,
    at: (f64, f64),
}

impl Pen<'_> {
    fn map(&self, x: f64, y: f64) -> Point {
        self.place.apply(x / self.em, y / self.em)
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.at = (f64::from(x), f64::from(y));
        self.drawing.move_to(self.map(self.at.0, self.at.1));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.at = (f64::from(x), f64::from(y));
        self.drawing.line_to(self.map(self.at.0, self.at.1));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (control, end) = ((f64::from(x1), f64::from(y1)), (f64::from(x), f64::from(y)));
        let two_thirds = |from: (f64, f64)| {
            self.map(from.0 + (control.0 - from.0) * 2.0 / 3.0, from.1 + (control.1 - from.1) * 2.0 / 3.0)
        };
        let (first, second) = (two_thirds(self.at), two_thirds(end));
        self.drawing.curve_to(first, second, self.map(end.0, end.1));
        self.at = end;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.at = (f64::from(x), f64::from(y));
        let first = self.map(f64::from(x1), f64::from(y1));
        let second = self.map(f64::from(x2), f64::from(y2));
        self.drawing.curve_to(first, second, self.map(self.at.0, self.at.1));
    }

    fn close(&mut self) {
        self.drawing.close();
    }
}
