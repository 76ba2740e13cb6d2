//! Finds the labelled boxes of a finished document.
//!
//! A text marks the place of a signature with a label on a box: `#box(width: 60mm, height: 20mm) <sign_signatory>`.
//! The layout engine keeps the label on the group it makes of the box, so place and size come from the layout itself.

use typst::layout::{Frame, FrameItem, Point};

use super::Placed;

/// The labelled boxes of all pages, in reading order.
pub(super) fn boxes(pages: &[typst_layout::Page]) -> Vec<Placed> {
    let mut found = Vec::new();
    for (index, page) in pages.iter().enumerate() {
        let height = page.frame.size().y.to_pt();
        collect(&page.frame, Point::zero(), &mut |label, origin, frame| {
            let size = frame.size();
            found.push(Placed {
                label,
                page: index,
                x: origin.x.to_pt(),
                y: height - origin.y.to_pt() - size.y.to_pt(),
                width: size.x.to_pt(),
                height: size.y.to_pt(),
            });
        });
    }
    found
}

fn collect(frame: &Frame, origin: Point, found: &mut impl FnMut(String, Point, &Frame)) {
    for (position, item) in frame.items() {
        let FrameItem::Group(group) = item else { continue };
        // Rotated or scaled groups are followed by their shift alone: a signature stands upright.
        let shift = Point::new(group.transform.tx, group.transform.ty);
        let at = origin + *position + shift;
        if let Some(label) = group.label {
            found(label.resolve().as_str().to_owned(), at, &group.frame);
        }
        collect(&group.frame, at, found);
    }
}
