//! Words: every text on a page comes from message files (Fluent), by key, in the language of the request.
//!
//! Messages may hold inline HTML because they are ours; the values set into them are escaped first, because they are
//! not. A key that is missing is a defect that a test finds, so asking for it here is an error and not an empty text.

use std::borrow::Cow;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::language::Language;

type Bundle = FluentBundle<FluentResource>;
type Sources = &'static [&'static str];

/// The messages of one set of pages, in both languages.
pub struct Words {
    chinese: (Bundle, Sources),
    english: (Bundle, Sources),
}

impl Words {
    /// Reads message files; each language may have several.
    ///
    /// # Panics
    /// When a file can't be read or a key stands twice: a test of whoever owns the files draws every page.
    pub fn new(chinese: Sources, english: Sources) -> Self {
        let bundle = |language, sources| (bundle(language, sources), sources);
        Self { chinese: bundle(Language::Chinese, chinese), english: bundle(Language::English, english) }
    }

    /// The message for a key with values set in, as HTML; `None` when there is no such message or it lacks a value.
    pub fn say(&self, language: Language, key: &str, values: &FluentArgs) -> Option<String> {
        let (bundle, _) = self.of(language);
        let pattern = bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(values), &mut errors).into_owned();
        errors.is_empty().then_some(text)
    }

    /// A message without values.
    pub fn plain(&self, language: Language, key: &str) -> Option<String> {
        self.say(language, key, &FluentArgs::new())
    }

    /// What the script says: the messages whose key begins with `js-`, keys without it.
    pub fn of_script(&self, language: Language) -> Vec<(String, String)> {
        let keys = self.keys(language).into_iter().filter(|key| key.starts_with("js-"));
        keys.filter_map(|key| Some((key["js-".len()..].to_owned(), self.plain(language, &key)?))).collect()
    }

    /// All keys in the order of the files.
    pub fn keys(&self, language: Language) -> Vec<String> {
        let lines = self.of(language).1.iter().flat_map(|source| source.lines());
        let keys = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()));
        keys.filter_map(|line| Some(line.split_once(" =")?.0.to_owned())).collect()
    }

    fn of(&self, language: Language) -> &(Bundle, Sources) {
        match language {
            Language::Chinese => &self.chinese,
            Language::English => &self.english,
        }
    }
}

/// Escapes a value for HTML text and quoted attributes.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

/// A text as a value to be set into a message, escaped.
pub fn text_value(text: &str) -> FluentValue<'static> {
    FluentValue::from(escape(text).into_owned())
}

fn bundle(language: Language, sources: Sources) -> Bundle {
    let tag = language.tag().parse().expect("our own language tags are well formed");
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // The invisible marks around values are for mixed writing directions, which our two languages don't have.
    bundle.set_use_isolating(false);
    for source in sources {
        let resource = FluentResource::try_new((*source).to_owned()).map_err(|(_, errors)| errors);
        let added = bundle.add_resource(resource.expect("a test reads the message files"));
        added.expect("a test finds a key that stands twice");
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &[&str] = &["title-marks = 《{ $name }》\njs-busy = …\n", "second = 2\n"];

    #[test]
    fn a_value_is_never_markup() {
        let words = Words::new(SOURCE, SOURCE);
        let mut values = FluentArgs::new();
        values.set("name", text_value("<script>\"'&"));
        let said = words.say(Language::Chinese, "title-marks", &values).expect("the message exists");
        assert_eq!(said, "《&lt;script&gt;&quot;&#39;&amp;》");
    }

    #[test]
    fn a_missing_value_is_an_error() {
        let words = Words::new(SOURCE, SOURCE);
        assert_eq!(words.plain(Language::English, "title-marks"), None);
        assert_eq!(words.plain(Language::English, "no-such-key"), None);
    }

    #[test]
    fn several_files_are_one_set_and_scripts_get_theirs() {
        let words = Words::new(SOURCE, SOURCE);
        assert_eq!(words.keys(Language::English), ["title-marks", "js-busy", "second"]);
        assert_eq!(words.of_script(Language::English), [("busy".to_owned(), "…".to_owned())]);
    }
}
