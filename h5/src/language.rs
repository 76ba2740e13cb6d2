//! Words: every text a signer reads comes from `locales/*.ftl`, by key, in the language of the request.
//!
//! Messages may hold inline HTML because they are ours; the values set into them are escaped first, because they are
//! not. A key that is missing is a defect that a test finds, so asking for it here is an error and not an empty text.

use std::{borrow::Cow, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

/// A language people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Simplified Chinese, the first language.
    #[default]
    Chinese,
    /// English.
    English,
}

type Bundle = FluentBundle<FluentResource>;

static CHINESE: LazyLock<Bundle> = LazyLock::new(|| bundle("zh-CN", include_str!("../locales/zh-CN.ftl")));
static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle("en", include_str!("../locales/en.ftl")));

impl Language {
    /// Both, for tests and galleries.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// The BCP 47 tag, as in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The tag of the one that can be switched to.
    pub fn other(self) -> &'static str {
        match self {
            Self::Chinese => "en",
            Self::English => "zh",
        }
    }

    /// The language a tag stands for, if it is one of ours.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next()?.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// What an `Accept-Language` header asks for first among ours; Chinese when it asks for neither.
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (0.0_f32, Self::Chinese);
        for part in header.split(',') {
            let mut pieces = part.split(';').map(str::trim);
            let language = pieces.next().and_then(Self::from_tag);
            let weight = pieces.find_map(|piece| piece.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            if let Some(language) = language.filter(|_| weight > best.0) {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The message for a key with values set in, as HTML; `None` when there is no such message or it lacks a value.
    pub fn say(self, key: &str, values: &FluentArgs) -> Option<String> {
        let bundle = self.bundle();
        let pattern = bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(values), &mut errors).into_owned();
        errors.is_empty().then_some(text)
    }

    /// What the script says: the messages whose key begins with `js-`, keys without it.
    pub fn script_words(self) -> Vec<(String, String)> {
        let keys = message_keys(self).into_iter().filter(|key| key.starts_with("js-"));
        keys.filter_map(|key| Some((key["js-".len()..].to_owned(), self.say(&key, &FluentArgs::new())?))).collect()
    }

    fn bundle(self) -> &'static Bundle {
        match self {
            Self::Chinese => &CHINESE,
            Self::English => &ENGLISH,
        }
    }

    fn source(self) -> &'static str {
        match self {
            Self::Chinese => include_str!("../locales/zh-CN.ftl"),
            Self::English => include_str!("../locales/en.ftl"),
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

fn message_keys(language: Language) -> Vec<String> {
    let lines = language.source().lines();
    let keys = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()));
    keys.filter_map(|line| Some(line.split_once(" =")?.0.to_owned())).collect()
}

fn bundle(tag: &str, source: &str) -> Bundle {
    let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| errors);
    let mut bundle = Bundle::new_concurrent(vec![tag.parse().expect("our own language tags are well formed")]);
    // The invisible marks around values are for mixed writing directions, which our two languages don't have.
    bundle.set_use_isolating(false);
    let added = bundle.add_resource(resource.expect("a test reads the message files"));
    added.expect("a test finds a key that stands twice");
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_keys_in_the_same_order() {
        let (chinese, english) = (message_keys(Language::Chinese), message_keys(Language::English));
        assert!(chinese.len() > 150, "{}", chinese.len());
        assert_eq!(chinese, english);
    }

    #[test]
    fn the_first_of_ours_that_is_asked_for_wins() {
        for (header, language) in [
            ("", Language::Chinese),
            ("fr", Language::Chinese),
            ("en-US,en;q=0.9,zh;q=0.8", Language::English),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("fr, en;q=0.5, zh;q=0.4", Language::English),
        ] {
            assert_eq!(Language::from_accept_language(header), language, "{header}");
        }
    }

    #[test]
    fn a_value_is_never_markup() {
        let mut values = FluentArgs::new();
        values.set("name", text_value("<script>\"'&"));
        let said = Language::Chinese.say("title-marks", &values).expect("the message exists");
        assert_eq!(said, "《&lt;script&gt;&quot;&#39;&amp;》");
    }

    #[test]
    fn a_missing_value_is_an_error() {
        assert_eq!(Language::English.say("title-marks", &FluentArgs::new()), None);
        assert_eq!(Language::English.say("no-such-key", &FluentArgs::new()), None);
    }
}
