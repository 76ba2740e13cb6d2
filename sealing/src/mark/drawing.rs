//! A drawing: the operators of a PDF content stream, and the affine maps that place its parts.

use std::fmt::Write;

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

    pub(super) fn apply(&self, x: f64, y: f64) -> Point {
        Point { x: self.a * x + self.c * y + self.e, y: self.b * x + self.d * y + self.f }
    }
}

/// A drawing on a sheet of its own, origin at the bottom left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drawing {
    operators: String,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Drawing {
    /// An empty sheet, in PDF points.
    pub(super) fn sheet(width: f64, height: f64) -> Self {
        Self { operators: String::new(), width, height }
    }

    /// The content stream.
    pub(crate) fn content(&self) -> &[u8] {
        self.operators.as_bytes()
    }

    pub(super) fn fill_colour(&mut self, rgb: [f64; 3]) {
        self.emit(&rgb, "rg");
    }

    pub(super) fn stroke_colour(&mut self, rgb: [f64; 3]) {
        self.emit(&rgb, "RG");
        // Round caps and joins, for all that is stroked here.
        self.operators.push_str("1 J 1 j\n");
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
        self.operators.push_str("h\n");
    }

    pub(super) fn fill(&mut self) {
        self.operators.push_str("f\n");
    }

    pub(super) fn stroke(&mut self) {
        self.operators.push_str("S\n");
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
        for number in numbers {
            // Thousandths of a point are finer than any printer; the addition turns a rounded -0.00 into 0.00.
            let rounded = (number * 1000.0).round() / 1000.0 + 0.0;
            write!(self.operators, "{rounded} ").expect("writing to a string cannot fail");
        }
        self.operators.push_str(operator);
        self.operators.push('\n');
    }
}
