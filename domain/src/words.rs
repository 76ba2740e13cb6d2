//! The few words the domain itself speaks: error messages and names of codes, in both languages, from
//! `words/{zh,en}.json`. Pages have message files of their own.

use std::{collections::HashMap, sync::LazyLock};

/// A language people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Simplified Chinese, the first language.
    #[default]
    Zh,
    /// English.
    En,
}

static ZH: LazyLock<HashMap<String, String>> = LazyLock::new(|| read(include_str!("../words/zh.json")));
static EN: LazyLock<HashMap<String, String>> = LazyLock::new(|| read(include_str!("../words/en.json")));

fn read(text: &str) -> HashMap<String, String> {
    serde_json::from_str(text).expect("the message files are checked by a test")
}

impl Lang {
    /// The language an `Accept-Language` header asks for first among ours; Chinese when it asks for neither.
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (0.0_f32, Self::Zh);
        for part in header.split(',') {
            let mut pieces = part.trim().split(';');
            let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = pieces.find_map(|p| p.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            let lang = match tag.split('-').next() {
                Some("zh") => Self::Zh,
                Some("en") => Self::En,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, lang);
            }
        }
        best.1
    }

    /// The word for a key; the key itself when there is none, which a test rules out.
    pub fn say(self, key: &str) -> &'static str {
        let words: &'static HashMap<String, String> = match self {
            Self::Zh => &ZH,
            Self::En => &EN,
        };
        words.get(key).map_or("?", String::as_str)
    }
}

/// What is wrong with a field, as the checks say it in English, and in Chinese; `{}` stands for what varies.
static PROBLEMS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../words/problems.zh.json")).expect("the message files are checked by a test")
});

impl Lang {
    /// What is wrong with a field, in this language. The English text is the key; one without a translation stays as
    /// it is, because half an answer is worse than one in English.
    pub fn problem(self, english: &str) -> String {
        if self == Self::En {
            return english.to_owned();
        }
        // A problem of a text may say with which sample it came to light.
        if let Some((problem, sample)) = english.strip_suffix(')').and_then(|text| text.rsplit_once(" (with: ")) {
            return format!("{}（以 {sample} 试排时）", self.problem(problem));
        }
        // Of several patterns that fit, the one that says most itself.
        let fitting = PROBLEMS.iter().filter_map(|(from, to)| Some((from, to, held(from, english)?)));
        let best = fitting.max_by_key(|(from, _, values)| from.len() - 2 * values.len());
        best.map_or_else(|| english.to_owned(), |(_, to, values)| filled(to, &values))
    }
}

/// What stands in the places of a pattern's `{}`, if the text is of this pattern.
fn held<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut fixed = pattern.split("{}");
    let mut rest = text.strip_prefix(fixed.next()?)?;
    let mut held = Vec::new();
    for part in fixed {
        let at = if part.is_empty() { rest.len() } else { rest.find(part)? };
        held.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    rest.is_empty().then_some(held)
}

/// A pattern with values in the places of its `{}`.
pub(crate) fn filled(pattern: &str, values: &[&str]) -> String {
    let mut text = pattern.to_owned();
    for value in values {
        text = text.replacen("{}", value, 1);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_keys() {
        let keys = |map: &HashMap<String, String>| {
            let mut keys: Vec<_> = map.keys().cloned().collect();
            keys.sort();
            keys
        };
        assert_eq!(keys(&ZH), keys(&EN));
    }

    #[test]
    fn the_first_of_ours_that_is_asked_for_wins() {
        for (header, lang) in [
            ("", Lang::Zh),
            ("fr", Lang::Zh),
            ("en-US,en;q=0.9,zh;q=0.8", Lang::En),
            ("zh-CN,zh;q=0.9,en;q=0.8", Lang::Zh),
            ("fr, en;q=0.5, zh;q=0.4", Lang::En),
        ] {
            assert_eq!(Lang::from_accept_language(header), lang, "{header}");
        }
    }

    #[test]
    fn problems_are_told_in_both_languages() {
        for (english, chinese) in [
            ("is required", "必填"),
            ("must be one of A, B", "须为其中之一：A, B"),
            ("60 to 2592000", "须在 60 到 2592000 之间"),
            ("1-64 characters, no control characters", "须为 1-64 个字符，不含控制字符"),
            ("1-64 characters of A-Z a-z 0-9 - _ . :", "须为 1-64 个字符，可用 A-Z a-z 0-9 - _ . :"),
            ("18 characters with a valid check character (GB 32100)", "须为 18 位，且校验码正确（GB 32100）"),
            ("1-500 characters", "须为 1-500 个字符"),
            ("never heard of", "never heard of"),
            ("is required (with: CORPORATE, COLLECTION)", "必填（以 CORPORATE, COLLECTION 试排时）"),
        ] {
            assert_eq!(Lang::Zh.problem(english), chinese);
            assert_eq!(Lang::En.problem(english), english);
        }
    }

    #[test]
    fn every_translation_fills_as_many_places_as_its_pattern_holds() {
        for (english, chinese) in PROBLEMS.iter() {
            assert_eq!(english.matches("{}").count(), chinese.matches("{}").count(), "{english}");
        }
    }
}
