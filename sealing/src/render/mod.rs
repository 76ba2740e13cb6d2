//! Laying out: a text and its data become a PDF, pictures of pages, words, and boxes to sign in.
//!
//! Three rooms, one inside the other. `layout` knows typst and runs in whatever process it is called in. `worker` is
//! the child process: it limits itself, then answers requests over its standard input and output until they close.
//! `pool` keeps a few such children warm in the platform's process, gives each one job at a time, and replaces the
//! ones that overstay, overeat or die. Only the first two need the layout engine, and only with the feature `layout` are
//! they there. A text that is not published yet goes through a `trial`: which `variables` it reads, and whether it can be
//! laid out with every kind of data.

#[cfg(feature = "layout")]
mod boxes;
mod failure;
mod frame;
#[cfg(feature = "layout")]
mod layout;
mod pool;
#[cfg(feature = "layout")]
mod text;
mod trial;
#[cfg(feature = "layout")]
mod variables;
#[cfg(feature = "layout")]
mod worker;
#[cfg(feature = "layout")]
mod world;

pub use failure::{LayoutError, Problem};
#[cfg(feature = "layout")]
pub use layout::lay_out_in_process;
pub use pool::{Renderer, RendererConfig};
#[cfg(feature = "layout")]
pub use trial::check_in_process;
pub use trial::{Checked, Reading, Sample, Trial};
#[cfg(feature = "layout")]
pub use variables::read_in_process;
#[cfg(feature = "layout")]
pub use worker::render_worker_main;

use serde::{Deserialize, Serialize};

/// What is to be laid out.
#[derive(Clone, Serialize, Deserialize)]
pub struct Layout {
    /// The agreement's text: a typst document that reads its values with `json("/data.json")`.
    pub source: String,
    /// The values. They print literally; they can't become markup.
    pub data: serde_json::Value,
}

/// The finished layout.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct LaidOut {
    /// A PDF/A-2b, the same bytes for the same input.
    #[serde(with = "frame::base64_bytes")]
    pub pdf: Vec<u8>,
    /// The pages, first to last.
    pub pages: Vec<Page>,
    /// The labelled boxes of the text, such as `sign_signatory`, in reading order.
    pub boxes: Vec<Placed>,
}

/// One page.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The page as a picture that needs no font.
    pub svg: String,
    /// The page's words in reading order, paragraphs separated by `\n`; headers and footers left out.
    pub text: String,
    /// Width in PDF points.
    pub width_pt: f64,
    /// Height in PDF points.
    pub height_pt: f64,
}

/// Where a label of the text ended up. PDF points, origin at the page's bottom left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// The label without its angle brackets.
    pub label: String,
    /// The page, counted from 0.
    pub page: usize,
    /// Left edge.
    pub x: f64,
    /// Bottom edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl std::fmt::Debug for Layout {
    /// Says how much there is, never what: the data are personal.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Layout").field("source_bytes", &self.source.len()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for LaidOut {
    /// Says how much there is, never what: the pages are personal.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("LaidOut");
        shown.field("pdf_bytes", &self.pdf.len()).field("pages", &self.pages.len()).field("boxes", &self.boxes);
        shown.finish()
    }
}

impl std::fmt::Debug for Page {
    /// Says how large the page is, never what stands on it.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Page");
        shown.field("width_pt", &self.width_pt).field("height_pt", &self.height_pt).finish_non_exhaustive()
    }
}
