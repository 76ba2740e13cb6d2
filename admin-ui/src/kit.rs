//! What the console is drawn with: words, icons, files. One message file, style sheet and script a capability, so that
//! what belongs to a page is found under the page's name.

use std::sync::LazyLock;

use axum::{extract::Path, response::Response};
use esign_web::{
    asset::{Asset, Assets, CSS, LOGO, SCRIPT, SVG, style_sheet},
    engine::Kit,
    outline::Outlines,
    words::Words,
};

macro_rules! files {
    ($folder:literal, $ending:literal, $($name:literal)*) => {
        &[$(include_str!(concat!("../", $folder, "/", $name, $ending))),*]
    };
}

const CHINESE: &[&str] = files!("locales/zh-CN", ".ftl", "shell" "terms" "trouble" "sign-in" "overview" "flow" "stuck"
    "sms" "rule" "agreement" "client" "audit" "staff");
const ENGLISH: &[&str] = files!("locales/en", ".ftl", "shell" "terms" "trouble" "sign-in" "overview" "flow" "stuck"
    "sms" "rule" "agreement" "client" "audit" "staff");
const SHEETS: &[&str] = files!("assets/css", ".css", "bridge" "console" "form" "overview" "flow" "stuck" "sms" "rule"
    "agreement" "client" "audit" "staff");
const SCRIPTS: &[&str] = files!("assets/js", ".js", "shell" "dialog" "live" "list" "overview" "flow" "stuck" "sms"
    "rule" "agreement" "client" "audit" "staff");

/// Everything a page is drawn with.
pub static KIT: LazyLock<Kit> = LazyLock::new(|| Kit {
    words: Words::new(CHINESE, ENGLISH),
    outlines: Outlines::new(include_str!("../assets/icons.json"), include_str!("../assets/glyphs.json")),
    assets: Assets::new(
        "/admin/assets",
        vec![
            Asset::new(
                "tabler.css",
                "tabler-1.6.1",
                CSS,
                without_map(include_str!("../assets/vendor/tabler-1.6.1.min.css")),
            ),
            Asset::new("console.css", "console", CSS, style_sheet(SHEETS)),
            Asset::new("theme.js", "theme", SCRIPT, include_str!("../assets/js/theme.js").to_owned()),
            Asset::new(
                "htmx.js",
                "htmx-2.0.11",
                SCRIPT,
                include_str!("../assets/vendor/htmx-2.0.11.min.js").to_owned(),
            ),
            Asset::new("console.js", "console", SCRIPT, SCRIPTS.concat()),
            Asset::new(
                "uplot.js",
                "uPlot-1.6.32",
                SCRIPT,
                include_str!("../assets/vendor/uPlot-1.6.32.iife.min.js").to_owned(),
            ),
            Asset::new(
                "uplot.css",
                "uPlot-1.6.32",
                CSS,
                include_str!("../assets/vendor/uPlot-1.6.32.min.css").to_owned(),
            ),
            Asset::new("logo.svg", "logo", SVG, LOGO.to_owned()),
        ],
    ),
});

/// `GET /admin/assets/{file}`.
pub async fn asset(Path(file): Path<String>) -> Response {
    KIT.assets.serve(&file)
}

/// The kit's sheet names a source map, which browsers would ask for and we don't serve.
fn without_map(sheet: &str) -> String {
    sheet.split("/*# sourceMappingURL").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use esign_web::language::Language;

    use super::*;

    #[test]
    fn both_languages_have_the_same_keys_in_the_same_order() {
        assert_eq!(KIT.words.keys(Language::Chinese), KIT.words.keys(Language::English));
    }

    #[test]
    fn nothing_names_another_host() {
        for sheet in SHEETS.iter().chain(SCRIPTS) {
            assert!(!sheet.contains("http://") && !sheet.contains("https://") && !sheet.contains("@import"), "{sheet}");
        }
    }
}
