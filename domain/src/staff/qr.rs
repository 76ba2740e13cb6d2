//! A QR code as an SVG of its own: black squares on white, nothing fetched and nothing styled, so that a page under the
//! strictest policy can show it.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

use crate::error::{Error, Result};

/// The margin the standard asks for, in modules.
const QUIET: i32 = 4;

/// The code of a text.
pub(super) fn svg(text: &str) -> Result<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(Error::internal)?;
    let side = code.size() + 2 * QUIET;
    let mut squares = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|&x| code.get_module(x, y)) {
            write!(squares, "M{} {}h1v1h-1z", x + QUIET, y + QUIET).map_err(Error::internal)?;
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path fill=\"#000\" d=\"{squares}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_is_square_and_says_nothing_but_squares() {
        let drawn = svg("otpauth://totp/esign:li.wei?secret=GEZDGNBVGY3TQOJQ").unwrap();
        assert!(drawn.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "), "{drawn}");
        // The corner of the first finder pattern stands behind the margin.
        assert!(drawn.contains("d=\"M4 4h1v1h-1z"), "{drawn}");
        assert!(!drawn.contains("style") && !drawn.contains("otpauth") && !drawn.contains("href"));
        assert_ne!(drawn, svg("otpauth://totp/esign:li.wei?secret=GEZDGNBVGY3TQOJR").unwrap());
    }
}
