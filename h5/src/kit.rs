//! What the pages are drawn with: words, icons, files.

use std::sync::LazyLock;

use axum::{extract::Path, response::Response};
use esign_web::{
    asset::{Asset, Assets, CSS, LOGO, SCRIPT, SVG, style_sheet},
    engine::Kit,
    outline::Outlines,
    words::Words,
};

/// Everything a page is drawn with.
pub static KIT: LazyLock<Kit> = LazyLock::new(|| Kit {
    words: Words::new(&[include_str!("../locales/zh-CN.ftl")], &[include_str!("../locales/en.ftl")]),
    outlines: Outlines::new(include_str!("../assets/icons.json"), include_str!("../assets/glyphs.json")),
    assets: Assets::new(
        "/s/assets",
        vec![
            Asset::new("h5.css", "h5", CSS, style_sheet(&[include_str!("../assets/h5.css")])),
            Asset::new("h5.js", "h5", SCRIPT, script()),
            Asset::new(
                "signature_pad.js",
                "signature_pad-5.1.4",
                SCRIPT,
                include_str!("../assets/vendor/signature_pad-5.1.4.min.js").to_owned(),
            ),
            Asset::new("logo.svg", "logo", SVG, LOGO.to_owned()),
        ],
    ),
});

/// `GET /s/assets/{file}`.
pub async fn asset(Path(file): Path<String>) -> Response {
    KIT.assets.serve(&file)
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

#[cfg(test)]
mod tests {
    use esign_web::language::Language;

    use super::*;

    #[test]
    fn both_languages_have_the_same_keys_in_the_same_order() {
        let (chinese, english) = (KIT.words.keys(Language::Chinese), KIT.words.keys(Language::English));
        assert!(chinese.len() > 150, "{}", chinese.len());
        assert_eq!(chinese, english);
    }
}
