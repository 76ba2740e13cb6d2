//! What a page is, and every page drawn from samples.

use serde::Serialize;
use tera::TeraResult;

use crate::{
    frame::Frame,
    nav::Place,
    template::{Draw, render},
};

/// The content of one page: everything its template needs, and nothing else.
pub trait Page: Serialize {
    /// The template that draws it.
    fn template(&self) -> &'static str;

    /// The key of its title. It never names a person: titles stand in histories and on shared screens.
    fn title(&self) -> &'static str;

    /// Where it stands in the navigation.
    fn place(&self) -> Place;
}

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
