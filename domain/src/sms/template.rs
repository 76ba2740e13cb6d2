//! SMS templates: turning one into a text.

use std::collections::BTreeMap;

use super::entity::{sms_template, sms_template_version};

/// The row that keeps a template as it is about to be written.
pub(crate) fn version_of(row: &sms_template::ActiveModel) -> sms_template_version::ActiveModel {
    sms_template_version::ActiveModel {
        template_id: row.id.clone(),
        version: row.version.clone(),
        body: row.body.clone(),
        sign_name: row.sign_name.clone(),
        gateway_templates: row.gateway_templates.clone(),
        made_by: row.updated_by.clone(),
        made_at: row.updated_at.clone(),
    }
}

/// Puts values in the place of `{{ name }}`; an unknown name stays as it stands, visible to whoever reads it.
pub fn render(body: &str, variables: &BTreeMap<String, String>) -> String {
    let mut text = String::with_capacity(body.len() + 64);
    let mut rest = body;
    while let Some(open) = rest.find("{{") {
        let Some(close) = rest[open..].find("}}") else { break };
        let name = rest[open + 2..open + close].trim();
        text.push_str(&rest[..open]);
        match variables.get(name) {
            Some(value) => text.push_str(value),
            None => text.push_str(&rest[open..open + close + 2]),
        }
        rest = &rest[open + close + 2..];
    }
    text.push_str(rest);
    text
}

/// The names between double braces, as [`render`] reads them.
pub fn names(body: &str) -> Vec<&str> {
    let (mut names, mut rest) = (Vec::new(), body);
    while let Some((_, opened)) = rest.split_once("{{")
        && let Some((name, behind)) = opened.split_once("}}")
    {
        names.push(name.trim());
        rest = behind;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_and_never_read_again() {
        let variables = BTreeMap::from([("a".to_owned(), "{{ b }}".to_owned()), ("b".to_owned(), "2".to_owned())]);
        for (body, text) in [
            ("x{{ a }}y", "x{{ b }}y"),
            ("{{a}}{{  b  }}", "{{ b }}2"),
            ("{{ c }} {{", "{{ c }} {{"),
            ("}} {{ b", "}} {{ b"),
            ("", ""),
        ] {
            assert_eq!(render(body, &variables), text, "{body}");
        }
    }
}
