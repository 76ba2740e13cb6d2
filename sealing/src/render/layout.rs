//! Typst from source to finished document, in this process.

use typst::World;
use typst::comemo;
use typst::diag::{SourceDiagnostic, Warned};
use typst::foundations::{Datetime, Smart};
use typst::layout::{Frame, FrameItem};
use typst::model::Destination;
use typst::text::TextItem;
use typst::{WorldExt, compile};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};
use typst_svg::SvgOptions;

use super::failure::{LayoutError, Problem};
use super::world::{Desk, Typefaces};
use super::{LaidOut, Layout, Page, Placed, boxes, text};
use crate::fonts::Fonts;

/// More than anybody reads on a phone.
const PAGES: usize = 100;
/// The longest edge of a page in points: what the PDF format allows.
const EDGE: f64 = 14_400.0;
/// The picture of one page in bytes, so that each fits into one answer of the API.
const PICTURE: usize = 3 << 20;
/// All of a document: its PDF, its pictures, its words.
const DOCUMENT: usize = 40 << 20;
/// Labels a document may have; they name boxes to sign in.
const BOXES: usize = 200;
/// Problems told of one text.
const PROBLEMS: usize = 50;

/// The creation date every document claims: a constant, so that the same input gives the same bytes.
const CREATED: (i32, u8, u8) = (2026, 1, 1);

/// Lays out in this process, with no limit on time or memory: for tests and for texts that are trusted.
pub fn lay_out_in_process(layout: &Layout, fonts: &Fonts) -> Result<LaidOut, LayoutError> {
    lay_out(layout, &Typefaces::of(fonts))
}

pub(super) fn lay_out(layout: &Layout, typefaces: &Typefaces) -> Result<LaidOut, LayoutError> {
    let desk = Desk::new(typefaces, &layout.source, &layout.data);
    let finished = finish(&desk);
    // Nothing may grow from job to job: forget every memoised result.
    comemo::evict(0);
    finished
}

fn finish(desk: &Desk) -> Result<LaidOut, LayoutError> {
    let Warned { output, warnings } = compile::<PagedDocument>(desk);
    let document = output.map_err(|problems| source_error(desk, &problems))?;
    let grave: Vec<_> = warnings.into_iter().filter(is_grave).collect();
    if !grave.is_empty() {
        return Err(source_error(desk, &grave));
    }
    let mut sizes = document.pages().iter().map(|page| page.frame.size());
    at_most(document.pages().len() <= PAGES, || format!("more than {PAGES} pages"))?;
    at_most(sizes.all(|size| size.x.to_pt().max(size.y.to_pt()) <= EDGE), || {
        format!("a page with an edge of more than {EDGE} pt")
    })?;
    if document.pages().iter().any(|page| leads_astray(&page.frame)) {
        let message = "a link may lead to http:, https:, mailto: or tel: and nowhere else";
        return Err(LayoutError::Source { problems: vec![Problem::at((0, 0), message)] });
    }
    if let Some(codepoint) = document.pages().iter().find_map(|page| missing_glyph(&page.frame)) {
        return Err(LayoutError::MissingGlyph { codepoint });
    }
    let pdf = typst_pdf::pdf(&document, &pdf_options()).map_err(|problems| source_error(desk, &problems))?;
    let boxes = boxes::boxes(document.pages());
    at_most(boxes.len() <= BOXES, || format!("more than {BOXES} labelled boxes"))?;
    pictured(pdf, boxes, document.pages())
}

/// Adds pictures and words, page by page, as long as they are within bounds.
fn pictured(pdf: Vec<u8>, boxes: Vec<Placed>, pages: &[typst_layout::Page]) -> Result<LaidOut, LayoutError> {
    let mut laid_out = LaidOut { pages: Vec::with_capacity(pages.len()), boxes, pdf };
    let mut bytes = laid_out.pdf.len();
    for each in pages {
        let page = page(each);
        bytes += page.svg.len() + page.text.len();
        let mib = |bytes: usize| bytes >> 20;
        at_most(page.svg.len() <= PICTURE, || format!("a page whose picture has more than {} MiB", mib(PICTURE)))?;
        at_most(bytes <= DOCUMENT, || format!("more than {} MiB", mib(DOCUMENT)))?;
        laid_out.pages.push(page);
    }
    Ok(laid_out)
}

/// Refuses what is more than that.
fn at_most(within: bool, what: impl FnOnce() -> String) -> Result<(), LayoutError> {
    if within { Ok(()) } else { Err(LayoutError::TooLarge { what: what() }) }
}

fn page(page: &typst_layout::Page) -> Page {
    let size = page.frame.size();
    Page {
        svg: typst_svg::svg(page, &SvgOptions { render_bleed: false, pretty: false }),
        text: text::text(&page.frame),
        width_pt: size.x.to_pt(),
        height_pt: size.y.to_pt(),
    }
}

fn pdf_options() -> PdfOptions {
    let (year, month, day) = CREATED;
    let created = Datetime::from_ymd_hms(year, month, day, 0, 0, 0).expect("a fixed, valid date");
    PdfOptions {
        ident: Smart::Custom("esign".into()),
        creator: Smart::Custom(None),
        timestamp: Some(Timestamp::new_utc(created)),
        page_ranges: None,
        standards: PdfStandards::new(&[PdfStandard::A_2b]).expect("one standard alone is consistent"),
        tagged: true,
        pretty: false,
    }
}

fn source_error(desk: &Desk, problems: &[SourceDiagnostic]) -> LayoutError {
    LayoutError::Source { problems: problems.iter().take(PROBLEMS).map(|problem| describe(desk, problem)).collect() }
}

fn describe(desk: &Desk, problem: &SourceDiagnostic) -> Problem {
    let in_text = problem.span.id() == Some(desk.main());
    let start = if in_text { desk.range(problem.span).map(|range| range.start) } else { None };
    let place = start.and_then(|byte| desk.line_and_column(byte)).unwrap_or((0, 0));
    let mut message = problem.message.to_string();
    for hint in &problem.hints {
        message.push_str("; ");
        message.push_str(&hint.v);
    }
    Problem::at(place, &message)
}

/// Whether the layout engine only warns of what an agreement can't bear: that characters may be left out in silence,
/// because the typeface named for them isn't there, or that its references and page numbers contradict each other.
fn is_grave(warning: &SourceDiagnostic) -> bool {
    warning.message.starts_with("unknown font family") || warning.message.contains("did not converge")
}

/// Whether a link leads to anything but a web page, a mailbox or a phone: a script, a file.
fn leads_astray(frame: &Frame) -> bool {
    let allowed = |url: &str| ["http://", "https://", "mailto:", "tel:"].iter().any(|scheme| url.starts_with(scheme));
    frame.items().any(|(_, item)| match item {
        FrameItem::Group(group) => leads_astray(&group.frame),
        FrameItem::Link(Destination::Url(url), _) => !allowed(url.as_str()),
        _ => false,
    })
}

/// The first character that came out as the typeface's "no such glyph", as `U+4DAE`.
fn missing_glyph(frame: &Frame) -> Option<String> {
    frame.items().find_map(|(_, item)| match item {
        FrameItem::Group(group) => missing_glyph(&group.frame),
        FrameItem::Text(run) => missing_in(run),
        _ => None,
    })
}

fn missing_in(run: &TextItem) -> Option<String> {
    let glyph = run.glyphs.iter().find(|glyph| glyph.id == 0)?;
    let range = usize::from(glyph.range.start)..usize::from(glyph.range.end);
    let character = run.text.get(range).and_then(|text| text.chars().next());
    Some(character.map_or_else(|| "?".to_owned(), |character| format!("U+{:04X}", u32::from(character))))
}
