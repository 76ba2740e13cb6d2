//! The signer's templates, drawn in the language of the request.

use std::sync::LazyLock;

use esign_web::{engine::engine, language::Language};
use tera::{Context, Tera, TeraResult};

use crate::{frame::Frame, kit::KIT, page::Page};

macro_rules! templates {
    ($($name:literal)*) => { &[$(($name, include_str!(concat!("../templates/", $name)))),*] };
}

const TEMPLATES: &[(&str, &str)] = templates! {
    "layout.html"
    "part/top.html" "part/steps.html" "part/submission.html" "part/decline.html" "part/send.html" "part/finish.html"
    "part/tries.html" "part/company-seal.html" "part/document.html" "part/pad.html" "part/rosette.html"
    "step/read.html" "step/sign.html" "step/refusal.html" "step/auth-payment.html" "step/auth-face.html"
    "step/wait.html" "step/done.html" "step/ended.html" "step/invalid.html" "step/trouble.html"
};

static CHINESE: LazyLock<Tera> = LazyLock::new(|| engine(&KIT, Language::Chinese, TEMPLATES));
static ENGLISH: LazyLock<Tera> = LazyLock::new(|| engine(&KIT, Language::English, TEMPLATES));

/// A page as HTML.
pub fn render<P: Page>(frame: &Frame, page: &P) -> TeraResult<String> {
    let engine = match frame.language() {
        Language::Chinese => &*CHINESE,
        Language::English => &*ENGLISH,
    };
    let mut context = Context::new();
    context.insert("frame", frame);
    context.insert("page", page);
    context.insert("step", page.step());
    context.insert("progress", &page.progress());
    context.insert("page_title", &page.title());
    context.insert("words", &KIT.words.of_script(frame.language()));
    engine.render(page.template(), &context)
}
