//! The words of a page in reading order, for the version that reflows and for screen readers.

use typst::layout::Frame;

/// The page's words.
pub(super) fn text(_frame: &Frame) -> String {
    String::new()
}
