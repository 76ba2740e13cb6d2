//! Templates, drawn in the language of the request. Each capability lists its own.

use std::sync::LazyLock;

use esign_web::{engine::engine, language::Language};
use tera::{Context, Tera, TeraResult};

use crate::{frame::Frame, kit::KIT, page::Page};

/// Names and sources of templates below `templates/`.
macro_rules! templates {
    ($($name:literal)*) => { &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $name)))),*] };
}
pub(crate) use templates;

/// Names and sources of templates.
pub type Templates = &'static [(&'static str, &'static str)];

/// Draws a page in a frame.
pub type Draw = dyn Fn(&Frame) -> TeraResult<String> + Send + Sync;

const SHARED: Templates = templates! {
    "layout.html" "outside.html" "part/components.html" "part/head.html" "part/rosette.html"
};

static CHINESE: LazyLock<Tera> = LazyLock::new(|| engine(&KIT, Language::Chinese, &all()));
static ENGLISH: LazyLock<Tera> = LazyLock::new(|| engine(&KIT, Language::English, &all()));

fn all() -> Vec<(&'static str, &'static str)> {
    [&[SHARED][..], crate::TEMPLATES].concat().concat()
}

/// A page as HTML.
pub fn render<P: Page>(frame: &Frame, page: &P) -> TeraResult<String> {
    let engine = match frame.language() {
        Language::Chinese => &*CHINESE,
        Language::English => &*ENGLISH,
    };
    let mut context = Context::new();
    context.insert("frame", &frame.clone().at(P::PLACE));
    context.insert("page", page);
    context.insert("page_title", page.title());
    context.insert("words", &KIT.words.of_script(frame.language()));
    engine.render(page.template(), &context)
}
