//! A company's electronic seal: a ring, the company's name on an arc, the words 电子签章, the flow's number at the foot.
//!
//! It says what it is. There is no star and no registration number, so that nobody takes it for the carved seal of a
//! company, which the police register.

use std::f64::consts::{FRAC_PI_2, TAU};
use std::sync::Arc;

use super::drawing::{Affine, Drawing, Point, VERMILION};
use super::lettering::{Letter, Weight, letters, set_line, width};
use crate::fonts::Fonts;
use crate::seal::{Company, SealError};

/// What the seal says it is.
const LEGEND: &str = "电子签章";

/// The smallest box for a seal, width and height in points.
pub(crate) const SMALLEST_SEAL: (f64, f64) = (40.0, 40.0);

/// Draws the seal on a sheet of the box's size, as large as fits, centred.
pub(crate) fn company_seal(
    fonts: &Fonts,
    company: Company<'_>,
    (box_width, box_height): (f64, f64),
) -> Result<Drawing, SealError> {
    let radius = box_width.min(box_height) / 2.0;
    if box_width < SMALLEST_SEAL.0 || box_height < SMALLEST_SEAL.1 {
        return Err(SealError::Mark("the box for the seal is too small"));
    }
    let name = company.name.trim();
    if name.is_empty() {
        return Err(SealError::Mark("the company has no name"));
    }
    let mut drawing = Drawing::sheet(box_width, box_height);
    let centre = Point { x: box_width / 2.0, y: box_height / 2.0 };
    let mut ring = Ring { drawing: &mut drawing, centre, radius };
    ring.circles();
    ring.name(&letters(fonts, name, Weight::Bold)?);
    ring.legend(&letters(fonts, LEGEND, Weight::Bold)?);
    ring.foot(&letters(fonts, company.flow_no.trim(), Weight::Regular)?);
    Ok(drawing)
}

struct Ring<'a> {
    drawing: &'a mut Drawing,
    centre: Point,
    radius: f64,
}

impl Ring<'_> {
    fn circles(&mut self) {
        self.drawing.stroke_colour(VERMILION);
        self.drawing.fill_colour(VERMILION);
        for (width, radius) in [(0.062, 0.965), (0.012, 0.905)] {
            self.drawing.line_width(self.radius * width);
            self.drawing.circle(self.centre, self.radius * radius);
            self.drawing.stroke();
        }
    }

    /// Sets the name clockwise over the top. Long names get a longer arc, then narrower, then smaller letters.
    #[expect(clippy::cast_precision_loss, reason = "a name has far fewer letters than 2^52")]
    fn name(&mut self, letters: &[Arc<Letter>]) {
        let count = letters.len() as f64;
        let size = (self.radius * 0.27).min(self.radius * 7.6 / count);
        let baseline = self.radius * 0.85 - size * 0.88;
        let middle = baseline + size * 0.38;
        let pitch = (TAU * 0.095).min(TAU * 0.70 / count);
        let narrow = (pitch * middle / (size * 1.04)).min(1.0);
        for (index, letter) in letters.iter().enumerate() {
            let angle = FRAC_PI_2 - (index as f64 - (count - 1.0) / 2.0) * pitch;
            self.letter(letter, (size * narrow, size), angle, baseline);
        }
    }

    fn legend(&mut self, letters: &[Arc<Letter>]) {
        let size = self.radius * 0.235;
        let start = Point { x: self.centre.x - width(letters) * size / 2.0, y: self.centre.y - size * 0.42 };
        set_line(self.drawing, letters, start, size);
    }

    /// Sets the number in one line at the foot, narrower the longer it is.
    fn foot(&mut self, letters: &[Arc<Letter>]) {
        let size = (self.radius * 0.125).min(self.radius * 1.16 / width(letters).max(1.0));
        let start = Point { x: self.centre.x - width(letters) * size / 2.0, y: self.centre.y - self.radius * 0.52 };
        set_line(self.drawing, letters, start, size);
    }

    /// Draws one letter standing on the circle of radius `baseline`, its feet towards the centre.
    fn letter(&mut self, letter: &Letter, (width, height): (f64, f64), angle: f64, baseline: f64) {
        let turn = angle - FRAC_PI_2;
        let (sin, cos) = turn.sin_cos();
        let half = letter.advance * width / 2.0;
        let foot = Point {
            x: self.centre.x + angle.cos() * baseline - half * cos,
            y: self.centre.y + angle.sin() * baseline - half * sin,
        };
        self.drawing.letter(letter, Affine::placed(width, height, foot).turned(turn));
    }
}

#[cfg(test)]
mod tests {
    use super::{Company, company_seal};
    use crate::fonts::Fonts;

    #[test]
    fn names_of_any_length_make_a_seal_but_none_does_not() {
        let fonts = Fonts::find(None).unwrap();
        for length in [1, 4, 14, 40, 120] {
            let name = "司".repeat(length);
            let seal = company_seal(&fonts, Company { name: &name, flow_no: &"9".repeat(64) }, (119.0, 119.0));
            assert_eq!(seal.unwrap().operators().matches(" cm\n").count(), length + 4 + 64);
        }
        assert!(company_seal(&fonts, Company { name: " ", flow_no: "1" }, (119.0, 119.0)).is_err());
        assert!(company_seal(&fonts, Company { name: "司", flow_no: "1" }, (10.0, 119.0)).is_err());
    }
}
