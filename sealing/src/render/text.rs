//! The words of a page in reading order, for the version that reflows and for screen readers.
//!
//! A finished page knows where each run of text stands, and, through the tags that make a PDF accessible, where
//! paragraphs, headings and cells begin and which parts (headers, footers) are only repeated furniture. Lines of one
//! paragraph are joined again: Chinese without a space, words of Latin letters and numbers with one.

use typst::foundations::Content;
use typst::introspection::{Location, Tag};
use typst::layout::{Frame, FrameItem, GridCell, Point};
use typst::model::{HeadingElem, ParElem, TableCell, TitleElem};
use typst::pdf::ArtifactElem;
use typst::text::TextItem;

/// The page's words, paragraphs separated by `\n`.
pub(super) fn text(frame: &Frame) -> String {
    let mut reading = Reading::default();
    reading.frame(frame, Point::zero());
    reading.end_paragraph();
    reading.paragraphs.join("\n")
}

#[derive(Default)]
struct Reading {
    paragraphs: Vec<String>,
    current: String,
    /// Where the last run ended: its right edge and baseline, in points.
    last: Option<(f64, f64)>,
    /// The furniture that is being passed over.
    furniture: Option<Location>,
}

impl Reading {
    fn frame(&mut self, frame: &Frame, origin: Point) {
        for (position, item) in frame.items() {
            let at = origin + *position;
            match item {
                FrameItem::Group(group) => {
                    self.frame(&group.frame, at + Point::new(group.transform.tx, group.transform.ty));
                }
                FrameItem::Tag(tag) => self.tag(tag),
                FrameItem::Text(run) if self.furniture.is_none() => self.run(run, at),
                _ => {}
            }
        }
    }

    fn tag(&mut self, tag: &Tag) {
        match tag {
            Tag::Start(element, _) if self.furniture.is_none() => {
                if element.is::<ArtifactElem>() {
                    self.furniture = element.location();
                } else if begins_paragraph(element) {
                    self.end_paragraph();
                }
            }
            Tag::End(location, ..) if self.furniture == Some(*location) => self.furniture = None,
            _ => {}
        }
    }

    fn run(&mut self, run: &TextItem, at: Point) {
        let (left, baseline, size) = (at.x.to_pt(), at.y.to_pt(), run.size.to_pt());
        if let Some((right, last_baseline)) = self.last {
            let new_line = (baseline - last_baseline).abs() > size * 0.6;
            // Upwards is another column; far down is another block, even where no tag says so.
            if new_line && !(0.0..size * 3.0).contains(&(baseline - last_baseline)) {
                self.end_paragraph();
            } else if new_line && self.current.ends_with(is_latin) && run.text.starts_with(is_latin)
                || !new_line && left - right > size * 0.8
            {
                self.current.push(' ');
            }
        }
        self.current.push_str(&run.text);
        self.last = Some((left + run.width().to_pt(), baseline));
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.current);
        if !paragraph.trim().is_empty() {
            self.paragraphs.push(paragraph.trim().to_owned());
        }
        self.last = None;
    }
}

fn begins_paragraph(element: &Content) -> bool {
    element.is::<ParElem>()
        || element.is::<HeadingElem>()
        || element.is::<TitleElem>()
        || element.is::<TableCell>()
        || element.is::<GridCell>()
}

fn is_latin(character: char) -> bool {
    character.is_ascii_alphanumeric()
}
