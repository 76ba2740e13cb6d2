//! Pages drawn from samples.

use tera::TeraResult;

use crate::{
    frame::Frame,
    page::Page,
    template::{Draw, render},
};

/// One page of the gallery: every page in every shape it takes has one, for the test that draws them all and for eyes
/// (`cargo run -p esign-admin-ui --example console`).
pub struct Drawing {
    /// Its name in the gallery.
    pub name: &'static str,
    /// Draws it in a frame.
    pub draw: Box<Draw>,
}

impl Drawing {
    /// A page of the gallery.
    pub fn new<P: Page + Send + Sync + 'static>(name: &'static str, page: P) -> Self {
        Self { name, draw: Box::new(move |frame: &Frame| -> TeraResult<String> { render(frame, &page) }) }
    }
}
