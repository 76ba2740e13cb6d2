//! What a form or a query says: names and values, in order, as they were typed.
//!
//! A form is not deserialised into a struct, because a form that can't be read is still to be shown again with
//! everything that was typed.

use std::collections::BTreeMap;

use serde::Serialize;
use url::form_urlencoded;

/// Names and values. A name may stand several times, as boxes that were ticked do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `a=1&b=2`.
    pub fn read(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value of a name without white space around it; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.all(name).next().map_or("", str::trim)
    }

    /// The first value of a name exactly as it was typed; empty when there is none. For passwords and long texts.
    pub fn exact(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// The first value of a name; `None` when it is missing or empty.
    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// All values of a name.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a name has a value: a box that was ticked.
    pub fn has(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    /// A value that is read as something; `None` when it is missing, empty or no such thing.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.given(name)?.parse().ok()
    }

    /// The same with one name set to one value; the empty value takes it away.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut fields = self.without(&[name]);
        if !value.is_empty() {
            fields.0.push((name.to_owned(), value.to_owned()));
        }
        fields
    }

    /// The same with one more value, beside those that the name has.
    #[must_use]
    pub fn and(&self, name: &str, value: &str) -> Self {
        let mut fields = self.clone();
        fields.0.push((name.to_owned(), value.to_owned()));
        fields
    }

    /// The same without these names.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        Self(self.0.iter().filter(|(key, _)| !names.contains(&key.as_str())).cloned().collect())
    }

    /// As a link to a path: `/admin/flows?status=FAILED`.
    pub fn link(&self, path: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// For a form that is shown again: each name's first value, as typed.
    pub fn typed(&self) -> BTreeMap<String, String> {
        self.0.iter().rev().cloned().collect()
    }
}

impl Serialize for Fields {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.typed().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_kept_and_links_are_made_of_it() {
        let fields = Fields::read("status=FAILED&status=TIMED_OUT&q=+a%26b+&empty=".as_bytes());
        assert_eq!(fields.all("status").collect::<Vec<_>>(), ["FAILED", "TIMED_OUT"]);
        assert_eq!((fields.text("q"), fields.exact("q")), ("a&b", " a&b "));
        assert_eq!((fields.given("empty"), fields.has("status"), fields.has("other")), (None, true, false));
        assert_eq!(fields.typed()["status"], "FAILED");
        assert_eq!(fields.with("status", "CREATED").without(&["q", "empty"]).link("/x"), "/x?status=CREATED");
        assert_eq!(Fields::default().link("/x"), "/x");
        assert_eq!(fields.with("n", "12").parsed::<u8>("n"), Some(12));
    }
}
