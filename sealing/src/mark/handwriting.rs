//! Handwriting: a finger's or pen's samples become smooth ink.
//!
//! The samples are cleaned (a device may send anything), joined by a spline through all of them, and inked with a pen
//! that thins as it hurries, as a real one does. What counts is that the line goes where the hand went: the spline
//! passes through every kept sample.

use super::drawing::{Drawing, Point};
use crate::seal::SealError;

/// Samples beyond this many are thinned out evenly.
const MAX_SAMPLES: usize = 6_000;
/// Coordinates beyond this are no screen's.
const FARTHEST: f64 = 1e6;
/// The spline is inked in so many straight pieces between two samples.
const PIECES: usize = 4;

/// The area of a drawing that ink may fill.
#[derive(Clone, Copy)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Inks the strokes, fitted into the area, left edge to left edge, centred in height.
pub(super) fn ink(drawing: &mut Drawing, strokes: &[Vec<[f64; 2]>], area: Area) -> Result<(), SealError> {
    let strokes = clean(strokes);
    if strokes.is_empty() {
        return Err(SealError::Mark("there is no ink"));
    }
    let nib = (area.height * 0.052).clamp(0.7, 2.4);
    for stroke in fit(&strokes, area, nib) {
        ink_stroke(drawing, &stroke, nib);
    }
    Ok(())
}

/// Drops what is no point and what repeats the point before it; thins out what is too much.
fn clean(strokes: &[Vec<[f64; 2]>]) -> Vec<Vec<Point>> {
    let step = strokes.iter().map(Vec::len).sum::<usize>() / MAX_SAMPLES + 1;
    let sane = |&[x, y]: &[f64; 2]| (x.abs() <= FARTHEST && y.abs() <= FARTHEST).then_some(Point { x, y });
    let cleaned = strokes.iter().take(MAX_SAMPLES).map(|stroke| {
        let mut points: Vec<Point> = stroke.iter().step_by(step).filter_map(sane).collect();
        points.dedup();
        points
    });
    cleaned.filter(|points| !points.is_empty()).collect()
}

fn fit(strokes: &[Vec<Point>], area: Area, nib: f64) -> Vec<Vec<Point>> {
    let all = || strokes.iter().flatten();
    let extent = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let (left, right) = extent(&mut all().map(|point| point.x));
    let (top, bottom) = extent(&mut all().map(|point| point.y));
    let room =
        Area { x: area.x + nib, y: area.y + nib, width: area.width - 2.0 * nib, height: area.height - 2.0 * nib };
    // A dot or a perfectly straight line has no extent one way; it is not blown up without end.
    let scale = (room.width / (right - left).max(40.0)).min(room.height / (bottom - top).max(40.0)).max(0.0);
    let rise = (room.height - (bottom - top) * scale) / 2.0;
    let place =
        |point: &Point| Point { x: room.x + (point.x - left) * scale, y: room.y + rise + (bottom - point.y) * scale };
    strokes.iter().map(|stroke| stroke.iter().map(place).collect()).collect()
}

fn ink_stroke(drawing: &mut Drawing, stroke: &[Point], nib: f64) {
    if let [dot] = stroke {
        drawing.circle(*dot, nib * 0.62);
        drawing.fill();
        return;
    }
    let mut width = nib * 0.9;
    for index in 0..stroke.len() - 1 {
        let (from, to) = (stroke[index], stroke[index + 1]);
        // The hand's speed is the distance between two samples; the pen follows it sluggishly.
        let speed = (to.x - from.x).hypot(to.y - from.y) / nib;
        let wanted = nib * (1.15 - 0.09 * speed).clamp(0.5, 1.15);
        let next_width = width + (wanted - width) * 0.35;
        let before = stroke[index.saturating_sub(1)];
        let after = stroke[(index + 2).min(stroke.len() - 1)];
        ink_span(drawing, [before, from, to, after], (width, next_width));
        width = next_width;
    }
}

/// Inks the spline from the second to the third of four points, the pen changing its width on the way.
fn ink_span(drawing: &mut Drawing, points: [Point; 4], (width, next_width): (f64, f64)) {
    let mut from = points[1];
    for piece in 1..=PIECES {
        #[expect(clippy::cast_precision_loss, reason = "the numbers are 1 to 4")]
        let along = piece as f64 / PIECES as f64;
        let to = catmull_rom(points, along);
        drawing.line_width(width + (next_width - width) * along);
        drawing.move_to(from);
        drawing.line_to(to);
        drawing.stroke();
        from = to;
    }
}

fn catmull_rom(points: [Point; 4], t: f64) -> Point {
    let along = |[before, from, to, after]: [f64; 4]| {
        let linear = to - before;
        let square = 2.0 * before - 5.0 * from + 4.0 * to - after;
        let cube = 3.0 * (from - to) + after - before;
        from + 0.5 * t * (linear + t * (square + t * cube))
    };
    Point { x: along(points.map(|point| point.x)), y: along(points.map(|point| point.y)) }
}
