//! A drawing: the operators of a PDF content stream, and the affine maps that place its parts.

use super::lettering::Letter;
use super::packed::Packed;

/// Thousandths of a point are finer than any printer.
const COORDINATE: u32 = 3;
/// A letter's scale multiplies coordinates of thousands.
const SCALE: u32 = 8;

/// The deep blue of handwriting.
pub(super) const INK_BLUE: [f64; 3] = [0.063, 0.137, 0.435];
/// The vermilion of seals.
pub(super) const VERMILION: [f64; 3] = [0.827, 0.145, 0.098];
/// The grey of small print.
pub(super) const GREY: [f64; 3] = [0.36, 0.36, 0.38];

/// A point in PDF points, y upwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A map of the plane: x' = a x + c y + e, y' = b x + d y + f.
#[derive(Clone, Copy, Debug)]
pub(super) struct Affine {
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) c: f64,
    pub(super) d: f64,
    pub(super) e: f64,
    pub(super) f: f64,
}

impl Affine {
    /// Scales both ways, then shifts.
    pub(super) fn placed(scale_x: f64, scale_y: f64, to: Point) -> Self {
        Self { a: scale_x, b: 0.0, c: 0.0, d: scale_y, e: to.x, f: to.y }
    }

    /// The same, turned about the origin by `radians` before the shift.
    pub(super) fn turned(self, radians: f64) -> Self {
        let (sin, cos) = radians.sin_cos();
        let Self { a, b, c, d, e, f } = self;
        Self { a: a * cos - b * sin, b: a * sin + b * cos, c: c * cos - d * sin, d: c * sin + d * cos, e, f }
    }
}

/// A drawing on a sheet of its own, origin at the bottom left.
pub(crate) struct Drawing {
    packed: Packed,
    /// Operators behind what is packed.
    fresh: Vec<u8>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Drawing {
    /// An empty sheet, in PDF points.
    pub(super) fn sheet(width: f64, height: f64) -> Self {
        Self { packed: Packed::new(), fresh: Vec::new(), width, height }
    }

    /// The content stream, packed.
    pub(crate) fn stream(&self) -> Vec<u8> {
        let mut packed = self.packed.clone();
        packed.add(&self.fresh);
        packed.stream()
    }

    /// The operators: for tests.
    #[cfg(test)]
    pub(super) fn operators(&self) -> String {
        String::from_utf8(super::packed::unpacked(&self.stream())).expect("operators are text")
    }

    /// Fills a letter: its origin on the baseline goes where `place` puts (0, 0), one unit being the type size.
    pub(super) fn letter(&mut self, letter: &Letter, place: Affine) {
        let Affine { a, b, c, d, e, f } = place;
        self.fresh.extend(b"q ");
        for scale in [a, b, c, d] {
            number(&mut self.fresh, scale / letter.units, SCALE);
        }
        self.emit(&[e, f], "cm");
        self.packed.add(&self.fresh);
        self.fresh.clear();
        // It fills itself and ends what `q` began.
        self.packed.append(&letter.outline);
    }

    pub(super) fn fill_colour(&mut self, rgb: [f64; 3]) {
        self.emit(&rgb, "rg");
    }

    pub(super) fn stroke_colour(&mut self, rgb: [f64; 3]) {
        self.emit(&rgb, "RG");
        // Round caps and joins, for all that is stroked here.
        self.fresh.extend(b"1 J 1 j\n");
    }

    pub(super) fn line_width(&mut self, width: f64) {
        self.emit(&[width], "w");
    }

    pub(super) fn move_to(&mut self, to: Point) {
        self.emit(&[to.x, to.y], "m");
    }

    pub(super) fn line_to(&mut self, to: Point) {
        self.emit(&[to.x, to.y], "l");
    }

    pub(super) fn curve_to(&mut self, first: Point, second: Point, to: Point) {
        self.emit(&[first.x, first.y, second.x, second.y, to.x, to.y], "c");
    }

    pub(super) fn close(&mut self) {
        self.fresh.extend(b"h\n");
    }

    pub(super) fn fill(&mut self) {
        self.fresh.extend(b"f\n");
    }

    pub(super) fn stroke(&mut self) {
        self.fresh.extend(b"S\n");
    }

    /// The outline of a circle, ready to be stroked or filled.
    pub(super) fn circle(&mut self, centre: Point, radius: f64) {
        // The usual four cubic arcs; the constant puts their handles.
        let handle = radius * 0.552_284_75;
        let at = |x: f64, y: f64| Point { x: centre.x + x, y: centre.y + y };
        self.move_to(at(radius, 0.0));
        self.curve_to(at(radius, handle), at(handle, radius), at(0.0, radius));
        self.curve_to(at(-handle, radius), at(-radius, handle), at(-radius, 0.0));
        self.curve_to(at(-radius, -handle), at(-handle, -radius), at(0.0, -radius));
        self.curve_to(at(handle, -radius), at(radius, -handle), at(radius, 0.0));
        self.close();
    }

    fn emit(&mut self, numbers: &[f64], operator: &str) {
        operate(&mut self.fresh, numbers, operator);
    }
}

/// Writes an operator behind its numbers.
pub(super) fn operate(out: &mut Vec<u8>, numbers: &[f64], operator: &str) {
    for &value in numbers {
        number(out, value, COORDINATE);
    }
    out.extend(operator.as_bytes());
    out.push(b'\n');
}

/// Writes a number rounded to so many decimals, no more digits than it needs, and a blank. Marks are made of thousands
/// of numbers, and the standard library's way of writing them takes ten times as long.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "coordinates are small; it saturates")]
fn number(out: &mut Vec<u8>, value: f64, decimals: u32) {
    let one = 10_u64.pow(decimals);
    let rounded = (value * one as f64).round() as i64;
    if rounded < 0 {
        out.push(b'-');
    }
    let (whole, mut part) = (rounded.unsigned_abs() / one, rounded.unsigned_abs() % one);
    digits(out, whole, 1);
    if part > 0 {
        let mut places = decimals;
        while part.is_multiple_of(10) {
            (part, places) = (part / 10, places - 1);
        }
        out.push(b'.');
        digits(out, part, places);
    }
    out.push(b' ');
}

/// Writes a whole number with at least so many digits.
fn digits(out: &mut Vec<u8>, mut value: u64, least: u32) {
    let places = usize::try_from(least).expect("a few");
    let mut text = [b'0'; 20];
    let mut start = text.len();
    while value > 0 || text.len() - start < places {
        start -= 1;
        text[start] = b'0' + u8::try_from(value % 10).expect("a digit");
        value /= 10;
    }
    out.extend(&text[start..]);
}

#[cfg(test)]
mod tests {
    use super::number;
    use proptest::prelude::*;

    fn written(value: f64, decimals: u32) -> String {
        let mut out = Vec::new();
        number(&mut out, value, decimals);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_have_the_digits_they_need() {
        let table = [(0.0, "0 "), (-0.0001, "0 "), (-0.5, "-0.5 "), (12.3, "12.3 "), (7.0, "7 "), (0.0104, "0.01 ")];
        for (value, text) in table {
            assert_eq!(written(value, 3), text);
        }
        assert_eq!(written(0.002_833_333_33, 8), "0.00283333 ");
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_the_standard_library_writes_them(value in -1e9..1e9_f64) {
            let rounded = (value * 1000.0).round() / 1000.0 + 0.0;
            prop_assert_eq!(written(value, 3), format!("{rounded} "));
        }
    }
}
