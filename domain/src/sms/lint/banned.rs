//! Words that carriers refuse or hold back. The list stands in `words/banned.json`, each group under its reason; it is
//! what the large carriers' published rules for notices name, and no two of them have the same.

use std::sync::LazyLock;

use serde::Deserialize;

/// Words that are refused for one reason.
#[derive(Deserialize)]
struct Group {
    /// In English, with `{}` for the word; in Chinese among the problems.
    reason: String,
    words: Vec<String>,
}

static GROUPS: LazyLock<Vec<Group>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../words/banned.json")).expect("the word list is checked by a test")
});

/// The words that stand in a text, each with what there is to say about it.
pub(super) fn words(text: &str) -> impl Iterator<Item = (&'static str, String)> {
    // Blanks between the characters of a word hide it from people no more than from carriers.
    let text: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    let all = GROUPS.iter().flat_map(|group| group.words.iter().map(move |word| (group, word.as_str())));
    all.filter(move |(_, word)| text.contains(word)).map(|(group, word)| (word, group.reason.replace("{}", word)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::words::Lang;

    #[test]
    fn every_word_is_found_and_its_reason_told_in_both_languages() {
        let mut seen = BTreeSet::new();
        for group in GROUPS.iter() {
            for word in &group.words {
                assert!(seen.insert(word), "{word} is there twice");
                assert!(words(&format!("请查收{word}。")).any(|(found, _)| found == word), "{word}");
                let reason = group.reason.replace("{}", word);
                assert_ne!(Lang::Zh.problem(&reason), reason);
                assert!(Lang::Zh.problem(&reason).contains(word.as_str()), "{}", Lang::Zh.problem(&reason));
            }
        }
        assert_eq!(words("您的贷 款已批").map(|(word, _)| word).collect::<Vec<_>>(), ["贷款"]);
        assert_eq!(words("请您签署《代付授权协议》").count(), 0);
    }
}
