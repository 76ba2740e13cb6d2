//! Icons and glyphs, drawn inline: no request, no font, and they take the colour of the text around them.

use std::collections::HashMap;

use crate::words::escape;

/// The outlines of one set of pages, by name.
pub struct Outlines {
    icons: HashMap<String, String>,
    glyphs: HashMap<String, String>,
}

impl Outlines {
    /// Reads two JSON objects of name to SVG content: icons on a grid of 24 px with the family's stroke, and glyphs on
    /// one of 16 px that bring their own.
    ///
    /// # Panics
    /// When one is no such object: whoever owns the files draws every page in a test.
    pub fn new(icons: &str, glyphs: &str) -> Self {
        let read = |source| serde_json::from_str(source).expect("a test reads the outlines");
        Self { icons: read(icons), glyphs: read(glyphs) }
    }

    /// The outline of this name as an SVG element; `None` when there is none. `class` may be empty.
    pub fn draw(&self, name: &str, class: &str) -> Option<String> {
        let class = escape(class);
        let (family, size, content) = match self.glyphs.get(name) {
            Some(glyph) => ("sg", 16, glyph),
            None => ("i", 24, self.icons.get(name)?),
        };
        let space = if class.is_empty() { "" } else { " " };
        Some(format!(
            r#"<svg class="{family}{space}{class}" viewBox="0 0 {size} {size}" aria-hidden="true">{content}</svg>"#
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glyphs_come_before_icons_and_what_is_unknown_is_nothing() {
        let outlines = Outlines::new(r#"{"a":"<path d='1'/>","b":"<i/>"}"#, r#"{"a":"<path d='2'/>"}"#);
        assert_eq!(
            outlines.draw("a", "").as_deref(),
            Some(r#"<svg class="sg" viewBox="0 0 16 16" aria-hidden="true"><path d='2'/></svg>"#)
        );
        assert!(outlines.draw("b", "big").is_some_and(|svg| svg.starts_with(r#"<svg class="i big" viewBox="0 0 24"#)));
        assert_eq!(outlines.draw("c", ""), None);
    }
}
