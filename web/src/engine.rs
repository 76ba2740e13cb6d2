//! Templates to HTML: one engine a language, so that a template asks for words by key alone.
//!
//! Three functions are all that templates may call: `t` (a message), `icon` (an outline, inline) and `asset` (the URL of
//! a file). Whatever a template prints is escaped; only what these functions return is markup.

use fluent_bundle::{FluentArgs, FluentValue};
use tera::{Kwargs, State, Tera, TeraResult, Value};

use crate::{
    asset::Assets,
    language::Language,
    outline::Outlines,
    words::{Words, text_value},
};

/// What a set of pages is drawn with.
pub struct Kit {
    /// Its messages.
    pub words: Words,
    /// Its icons.
    pub outlines: Outlines,
    /// Its files.
    pub assets: Assets,
}

/// An engine that speaks one language, with these templates (name, source).
///
/// # Panics
/// When a template can't be read: a test of whoever owns them draws them all.
pub fn engine(kit: &'static Kit, language: Language, templates: &[(&'static str, &'static str)]) -> Tera {
    let mut tera = Tera::new();
    tera.register_function("t", move |values: Kwargs, _: &State| say(&kit.words, language, &values));
    tera.register_function("icon", move |values: Kwargs, _: &State| icon(&kit.outlines, &values));
    tera.register_function("asset", move |values: Kwargs, _: &State| {
        let name = values.must_get::<&str>("name")?;
        kit.assets.path(name).ok_or_else(|| tera::Error::message(format!("no asset {name}")))
    });
    tera.add_raw_templates(templates.iter().copied()).expect("a test renders every template");
    tera
}

fn say(words: &Words, language: Language, values: &Kwargs) -> TeraResult<Value> {
    let key = values.must_get::<&str>("key")?;
    let mut set_in = FluentArgs::new();
    for (name, value) in values.iter().filter(|(name, _)| name.as_str() != Some("key")) {
        if let Some(name) = name.as_str() {
            set_in.set(name.to_owned(), message_value(value));
        }
    }
    let said = words.say(language, key, &set_in);
    said.map(|text| Value::safe_string(&text)).ok_or_else(|| tera::Error::message(format!("no message {key}")))
}

fn message_value(value: &Value) -> FluentValue<'static> {
    match (value.as_i64(), value.as_str()) {
        (Some(number), _) => FluentValue::from(number),
        (None, Some(text)) => text_value(text),
        (None, None) => FluentValue::None,
    }
}

fn icon(outlines: &Outlines, values: &Kwargs) -> TeraResult<Value> {
    let name = values.must_get::<&str>("name")?;
    let class = values.get::<&str>("class")?.unwrap_or_default();
    let drawn = outlines.draw(name, class).ok_or_else(|| tera::Error::message(format!("no icon {name}")))?;
    Ok(Value::safe_string(&drawn))
}
