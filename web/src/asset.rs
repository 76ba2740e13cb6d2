//! Style sheets, scripts and marks: put together once, named by their content, cached for good.
//!
//! The dark colours stand in one file and are set in twice: for the system's dark mode and for a theme chosen by
//! hand. So no script has to run before the first paint, and the two can't drift apart.

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// The media type of a style sheet.
pub const CSS: &str = "text/css; charset=utf-8";
/// The media type of a script.
pub const SCRIPT: &str = "text/javascript; charset=utf-8";
/// The media type of a picture.
pub const SVG: &str = "image/svg+xml";

/// The platform's mark.
pub const LOGO: &str = include_str!("../assets/logo.svg");

/// One file as it is served.
#[derive(Debug)]
pub struct Asset {
    /// The name templates use, such as `h5.css`.
    name: &'static str,
    /// The name in the URL: version or stem, digest, ending.
    file: String,
    content_type: &'static str,
    body: String,
}

impl Asset {
    /// A file that templates call `name`. In URLs it is called `stem`, the mark of its content, and the name's ending.
    pub fn new(name: &'static str, stem: &str, content_type: &'static str, body: String) -> Self {
        let mark = hex::encode(&digest(&SHA256, body.as_bytes()).as_ref()[..6]);
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        Self { name, file: format!("{stem}.{mark}.{ending}"), content_type, body }
    }
}

/// The files of one set of pages, below one path.
#[derive(Debug)]
pub struct Assets {
    base: &'static str,
    files: Vec<Asset>,
}

impl Assets {
    /// Files below `base`, such as `/s/assets`.
    pub fn new(base: &'static str, files: Vec<Asset>) -> Self {
        Self { base, files }
    }

    /// The URL path of an asset; `None` for a name that does not exist.
    pub fn path(&self, name: &str) -> Option<String> {
        self.files.iter().find(|asset| asset.name == name).map(|asset| format!("{}/{}", self.base, asset.file))
    }

    /// The file of this name in URLs, to be kept for good; 404 when there is none.
    pub fn serve(&self, file: &str) -> Response {
        let Some(asset) = self.files.iter().find(|asset| asset.file == file) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let headers = [
            (header::CONTENT_TYPE, asset.content_type),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ];
        (headers, asset.body.clone()).into_response()
    }
}

/// A style sheet: the tokens, light and dark, then these sheets.
pub fn style_sheet(sheets: &[&str]) -> String {
    let dark = include_str!("../assets/dark.css");
    let sheet = format!(
        "{}@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}:root[data-theme=dark]{{{dark}}}{}",
        include_str!("../assets/tokens.css"),
        sheets.concat(),
    );
    without_comments(&sheet)
}

/// Drops `/* … */` and the white space at the ends of lines: comments are for us, not for the reader's browser.
fn without_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_keeps_its_braces_and_loses_its_comments() {
        let sheet = style_sheet(&["a{b:c}/* d */"]);
        assert!(!sheet.contains("/*") && sheet.ends_with("a{b:c}"));
        assert_eq!(sheet.matches('{').count(), sheet.matches('}').count());
        assert_eq!(sheet.matches("--bg: #0d1014").count(), 2);
    }

    #[test]
    fn names_change_with_the_content_only() {
        let of = |body: &str| Asset::new("a.css", "a-1.2", CSS, body.to_owned());
        assert_eq!(of("x").file, of("x").file);
        assert_ne!(of("x").file, of("y").file);
        let assets = Assets::new("/x", vec![of("x")]);
        assert!(
            assets
                .path("a.css")
                .is_some_and(|path| path.starts_with("/x/a-1.2.") && path.rsplit('.').next() == Some("css"))
        );
        assert_eq!(assets.path("other.css"), None);
        assert_eq!(assets.serve("a.css").status(), StatusCode::NOT_FOUND);
    }
}
