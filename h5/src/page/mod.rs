//! What each step shows: one typed context a template, each with samples that a test and the gallery render.
//!
//! A context holds what stands on the page, ready to print: names already masked where they must be, times already in
//! words. How it comes about from a flow is `view`'s matter.

mod authenticate;
mod end;
mod read;
mod refusal;
mod sign;
mod wait;

use serde::Serialize;

pub use authenticate::{FacePage, PaymentPage};
pub use end::{Advice, DonePage, EndedPage, Ending, InvalidPage, SealedDocument, Trouble, TroublePage};
pub use read::{Document, Leaf, ReadPage};
pub use refusal::{REASONS, RefusalPage};
pub use sign::{Company, SignPage};
pub use wait::{Phase, Stage, WaitPage};

/// One page of the signer's.
pub trait Page: Serialize {
    /// Its template below `templates/`.
    fn template(&self) -> &'static str;
    /// What `main` carries as `data-step`.
    fn step(&self) -> &'static str;
    /// Which of the four steps is lit; end pages have none.
    fn progress(&self) -> Option<u8>;
    /// The key of the page's title. It never names a person, a company or a document.
    fn title(&self) -> String {
        format!("page-{}", self.step())
    }
}

#[cfg(test)]
mod tests {
    use esign_web::{
        language::Language,
        preference::{Preference, Theme},
    };

    use crate::{
        frame::Frame,
        gallery::{Drawing, drawings},
    };

    fn frame(language: Language) -> Frame {
        let preference = Preference { language, theme: Theme::Auto, large: false };
        Frame::new(preference).of_flow("/s/abc".into(), "v1".into(), "sub_1".into())
    }

    #[test]
    fn every_page_renders_in_both_languages() {
        for language in Language::ALL {
            for Drawing { name, draw } in drawings() {
                let html = draw(&frame(language)).unwrap_or_else(|error| panic!("{name}: {error:?}"));
                assert!(html.contains("data-step=\""), "{name}");
                assert_eq!(html.matches("<h1").count(), 1, "{name}: one heading");
                assert!(!html.contains(" style="), "{name}: the policy allows no style attribute");
                assert!(!html.contains("<script>") && !html.contains(" onclick"), "{name}: no inline script");
                assert!(html.contains(&format!("<html lang=\"{}\"", language.tag())), "{name}");
            }
        }
    }

    #[test]
    fn what_upstream_names_is_never_markup() {
        let page = super::ReadPage { client: "<img src=x onerror=alert(1)>".into(), ..super::ReadPage::sample() };
        let html = crate::template::render(&frame(Language::Chinese), &page).expect("the page renders");
        assert!(!html.contains("<img src=x"));
        assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;"));
    }

    #[test]
    fn the_invalid_page_is_always_the_same_bytes() {
        let draw = || {
            let frame = Frame::new(Preference { language: Language::Chinese, theme: Theme::Auto, large: false });
            crate::template::render(&frame, &super::InvalidPage {}).expect("the page renders")
        };
        let first = draw();
        assert!((0..20).all(|_| draw() == first));
    }

    #[test]
    fn titles_name_nobody() {
        for Drawing { name, draw } in drawings() {
            let html = draw(&frame(Language::Chinese)).expect("the page renders");
            let title = html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_default();
            for private in ["清禾", "云帆", "张", "林", "6688"] {
                assert!(!title.contains(private), "{name}: {title}");
            }
        }
    }
}
