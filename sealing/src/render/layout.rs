//! Typst from source to finished document, in this process.

use typst::World;
use typst::comemo;
use typst::diag::{SourceDiagnostic, Warned};
use typst::foundations::{Datetime, Smart};
use typst::layout::{Frame, FrameItem};
use typst::text::TextItem;
use typst::{WorldExt, compile};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};
use typst_svg::SvgOptions;

use super::failure::{LayoutError, Problem};
use super::world::{Desk, Typefaces};
use super::{LaidOut, Layout, Page, boxes, text};
use crate::fonts::Fonts;

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
    let Warned { output, .. } = compile::<PagedDocument>(desk);
    let document = output.map_err(|problems| source_error(desk, &problems))?;
    if let Some(codepoint) = document.pages().iter().find_map(|page| missing_glyph(&page.frame)) {
        return Err(LayoutError::MissingGlyph { codepoint });
    }
    let pdf = typst_pdf::pdf(&document, &pdf_options()).map_err(|problems| source_error(desk, &problems))?;
    let pages = document.pages().iter().map(page).collect();
    Ok(LaidOut { pdf, pages, boxes: boxes::boxes(document.pages()) })
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
    LayoutError::Source { problems: problems.iter().map(|problem| describe(desk, problem)).collect() }
}

fn describe(desk: &Desk, problem: &SourceDiagnostic) -> Problem {
    let in_text = problem.span.id() == Some(desk.main());
    let start = if in_text { desk.range(problem.span).map(|range| range.start) } else { None };
    let (line, column) = start.and_then(|byte| desk.line_and_column(byte)).unwrap_or((0, 0));
    let mut message = problem.message.to_string();
    for hint in &problem.hints {
        message.push_str("; ");
        message.push_str(&hint.v);
    }
    Problem { line, column, message }
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
