//! Templates to HTML: one engine a language, so that a template asks for words by key alone.
//!
//! Three functions are all that templates may call: `t` (a message), `icon` (an outline, inline) and `asset` (the URL of
//! a file). Whatever a template prints is escaped; only what these functions return is markup.

use std::{collections::HashMap, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentValue};
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

use crate::{
    asset,
    frame::Frame,
    language::{Language, text_value},
    page::Page,
};

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

static CHINESE: LazyLock<Tera> = LazyLock::new(|| engine(Language::Chinese));
static ENGLISH: LazyLock<Tera> = LazyLock::new(|| engine(Language::English));

static ICONS: LazyLock<HashMap<String, String>> = LazyLock::new(|| outlines(include_str!("../assets/icons.json")));
static GLYPHS: LazyLock<HashMap<String, String>> = LazyLock::new(|| outlines(include_str!("../assets/glyphs.json")));

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
    context.insert("words", &frame.language().script_words());
    engine.render(page.template(), &context)
}

fn engine(language: Language) -> Tera {
    let mut tera = Tera::new();
    tera.register_function("t", move |values: Kwargs, _: &State| say(language, &values));
    tera.register_function("icon", |values: Kwargs, _: &State| icon(&values));
    tera.register_function("asset", |values: Kwargs, _: &State| {
        let name = values.must_get::<&str>("name")?;
        asset::path(name).ok_or_else(|| tera::Error::message(format!("no asset {name}")))
    });
    tera.add_raw_templates(TEMPLATES.iter().copied()).expect("a test renders every template");
    tera
}

fn say(language: Language, values: &Kwargs) -> TeraResult<Value> {
    let key = values.must_get::<&str>("key")?;
    let mut set_in = FluentArgs::new();
    for (name, value) in values.iter().filter(|(name, _)| name.as_str() != Some("key")) {
        if let Some(name) = name.as_str() {
            set_in.set(name.to_owned(), message_value(value));
        }
    }
    let said = language.say(key, &set_in);
    said.map(|text| Value::safe_string(&text)).ok_or_else(|| tera::Error::message(format!("no message {key}")))
}

fn message_value(value: &Value) -> FluentValue<'static> {
    match (value.as_i64(), value.as_str()) {
        (Some(number), _) => FluentValue::from(number),
        (None, Some(text)) => text_value(text),
        (None, None) => FluentValue::None,
    }
}

/// Status glyphs stand on a 16 px grid and bring their own strokes, icons on one of 24 px with the family's stroke.
fn icon(values: &Kwargs) -> TeraResult<Value> {
    let name = values.must_get::<&str>("name")?;
    if let Some(glyph) = GLYPHS.get(name) {
        return Ok(Value::safe_string(&format!(
            r#"<svg class="sg" viewBox="0 0 16 16" aria-hidden="true">{glyph}</svg>"#
        )));
    }
    let outline = ICONS.get(name).ok_or_else(|| tera::Error::message(format!("no icon {name}")))?;
    let class = values.get::<&str>("class")?.unwrap_or_default();
    Ok(Value::safe_string(&format!(r#"<svg class="i {class}" viewBox="0 0 24 24" aria-hidden="true">{outline}</svg>"#)))
}

fn outlines(source: &str) -> HashMap<String, String> {
    serde_json::from_str(source).expect("a test reads the outlines")
}
