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
    pub fn say(self, key: &str) -> &str {
        let words: &'static HashMap<String, String> = match self {
            Self::Zh => &ZH,
            Self::En => &EN,
        };
        words.get(key).map_or("?", String::as_str)
    }
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
}
