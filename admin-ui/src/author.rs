//! Who made something, as people say it: a colleague by their name, what was there from the start as such.

use esign_web::language::Language;

use crate::kit::KIT;

/// A name as it is kept (`staff:lan`, `shipped`) in the reader's words.
pub fn author(language: Language, kept: Option<&str>) -> Option<String> {
    match kept? {
        "shipped" => KIT.words.plain(language, "by-shipped"),
        name => Some(name.trim_start_matches("staff:").to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colleagues_have_names_and_what_was_there_has_a_word() {
        let said = |kept| author(Language::English, kept);
        assert_eq!(said(Some("staff:lan")).as_deref(), Some("lan"));
        assert_eq!(said(Some("client:demo")).as_deref(), Some("client:demo"));
        assert_eq!(said(Some("shipped")).as_deref(), Some("built in"));
        assert_eq!(said(None), None);
    }
}
