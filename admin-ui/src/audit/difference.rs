//! What an act changed, field by field: what it was, what it is.

use std::collections::BTreeMap;

use esign_web::language::Language;
use serde::Serialize;
use serde_json::Value;

use crate::kit::KIT;

/// One field of what was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Field {
    /// Its path: `settings.sessionSeconds`.
    path: String,
    /// What it is called, where there is a word for it.
    word: Option<String>,
    before: Option<String>,
    after: Option<String>,
    pub(super) changed: bool,
}

/// The fields of both sides, in the order of their paths.
pub(super) fn fields(language: Language, before: Option<&Value>, after: Option<&Value>) -> Vec<Field> {
    let (before, after) = (flat(language, before), flat(language, after));
    let paths = before.keys().chain(after.keys().filter(|path| !before.contains_key(*path)));
    let mut fields: Vec<_> = paths
        .map(|path| {
            let (old, new) = (before.get(path).cloned(), after.get(path).cloned());
            let word = KIT.words.plain(language, &format!("field-{}", path.replace('.', "-")));
            Field { path: path.clone(), word, changed: old != new, before: old, after: new }
        })
        .collect();
    fields.sort_by(|one, other| one.path.cmp(&other.path));
    fields
}

/// The paths that changed, for a line of the list.
pub(super) fn changed(language: Language, before: Option<&Value>, after: Option<&Value>) -> Vec<String> {
    // The version changes with everything: it says nothing.
    let told = |field: &Field| field.changed && field.path != "version";
    let name = |field: Field| field.word.unwrap_or(field.path);
    fields(language, before, after).into_iter().filter(told).map(name).collect()
}

fn flat(language: Language, value: Option<&Value>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if let Some(value) = value {
        gather(language, "", value, &mut found);
    }
    found
}

fn gather(language: Language, path: &str, value: &Value, found: &mut BTreeMap<String, String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| gather(language, &below(key), value, found)),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            for (index, item) in items.iter().enumerate() {
                gather(language, &below(&(index + 1).to_string()), item, found);
            }
        }
        _ => {
            found.insert(path.to_owned(), text(language, value));
        }
    }
}

fn text(language: Language, value: &Value) -> String {
    let word = |key| KIT.words.plain(language, key).unwrap_or_default();
    match value {
        Value::Null => "—".into(),
        Value::Bool(true) => word("yes"),
        Value::Bool(false) => word("no"),
        Value::String(text) if text.is_empty() => "—".into(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "—".into(),
        Value::Array(items) => items.iter().map(|item| text_of_item(language, item)).collect::<Vec<_>>().join(" · "),
        other => other.to_string(),
    }
}

fn text_of_item(language: Language, item: &Value) -> String {
    text(language, item)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_fields_lists_and_sides_that_are_missing() {
        let before = json!({"name": "商城", "settings": {"attempts": 3}, "scopes": ["a", "b"], "version": 1});
        let after = json!({"name": "商城", "settings": {"attempts": 5}, "scopes": [], "version": 2, "enabled": true});
        let found = fields(Language::Chinese, Some(&before), Some(&after));
        let of = |path: &str| {
            let field = found.iter().find(|field| field.path == path).expect("the field");
            (field.before.as_deref(), field.after.as_deref(), field.changed)
        };
        assert_eq!(of("name"), (Some("商城"), Some("商城"), false));
        assert_eq!(of("settings.attempts"), (Some("3"), Some("5"), true));
        assert_eq!(of("scopes"), (Some("a · b"), Some("—"), true));
        assert_eq!(of("enabled"), (None, Some("是"), true));
        assert_eq!(changed(Language::Chinese, Some(&before), Some(&after)).len(), 3, "the version is not told");
        assert!(fields(Language::English, None, None).is_empty());
        let texts = json!({"texts": [{"a": 1}, {"a": 2}]});
        assert_eq!(changed(Language::Chinese, None, Some(&texts)), ["texts.1.a", "texts.2.a"]);
    }
}
