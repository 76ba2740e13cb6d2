//! Style sheet, scripts and mark: put together once, named by their content, cached for good.
//!
//! The dark colours stand in one file and are set in twice: for the system's dark mode and for a theme chosen by
//! hand. So no script has to run before the first paint, and the two can't drift apart.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

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

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    vec![
        asset("h5.css", "h5", "css", CSS, style_sheet()),
        asset("h5.js", "h5", "js", SCRIPT, script()),
        asset(
            "signature_pad.js",
            "signature_pad-5.1.4",
            "js",
            SCRIPT,
            include_str!("../assets/vendor/signature_pad-5.1.4.min.js").to_owned(),
        ),
        asset("logo.svg", "logo", "svg", "image/svg+xml", include_str!("../assets/logo.svg").to_owned()),
    ]
});

/// The URL path of an asset; `None` for a name that does not exist.
pub fn path(name: &str) -> Option<String> {
    ASSETS.iter().find(|asset| asset.name == name).map(|asset| format!("/s/assets/{}", asset.file))
}

/// `GET /s/assets/{file}`.
pub async fn show(Path(file): Path<String>) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.file == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers =
        [(header::CONTENT_TYPE, asset.content_type), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, asset.body.as_str()).into_response()
}

fn asset(name: &'static str, stem: &str, ending: &str, content_type: &'static str, body: String) -> Asset {
    let mark = hex::encode(&digest(&SHA256, body.as_bytes()).as_ref()[..6]);
    Asset { name, file: format!("{stem}.{mark}.{ending}"), content_type, body }
}

fn style_sheet() -> String {
    let dark = include_str!("../assets/dark.css");
    let sheet = format!(
        "{}@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}:root[data-theme=dark]{{{dark}}}{}",
        include_str!("../assets/tokens.css"),
        include_str!("../assets/h5.css"),
    );
    without_comments(&sheet)
}

fn script() -> String {
    [
        include_str!("../assets/h5/frame.js"),
        include_str!("../assets/h5/send.js"),
        include_str!("../assets/h5/read.js"),
        include_str!("../assets/h5/sign.js"),
        include_str!("../assets/h5/forms.js"),
        include_str!("../assets/h5/live.js"),
        include_str!("../assets/h5/start.js"),
    ]
    .concat()
}

/// Drops `/* … */` and the white space at the ends of lines: comments are for us, not for the phone.
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
        let sheet = style_sheet();
        assert!(!sheet.contains("/*"));
        assert_eq!(sheet.matches('{').count(), sheet.matches('}').count());
        assert_eq!(sheet.matches("--bg: #0d1014").count(), 2);
    }

    #[test]
    fn names_change_with_the_content_only() {
        let of = |body: &str| asset("a.css", "a", "css", CSS, body.to_owned()).file;
        assert_eq!(of("x"), of("x"));
        assert_ne!(of("x"), of("y"));
        assert!(path("h5.css").is_some_and(|path| path.starts_with("/s/assets/h5.")));
        assert_eq!(path("other.css"), None);
    }
}
