//! What a person agrees to: the very words on the page, their version and their digest, for the evidence.
//!
//! Whoever changes a word of these messages makes a new version: the test at the end says so until it is done.

use aws_lc_rs::digest::{SHA256, digest};
use esign_domain::flow::h5::Consent;
use esign_web::{language::Language, words::text_value};
use fluent_bundle::FluentArgs;

use crate::{
    kit::KIT,
    page::{FacePage, SignPage},
};

/// The version of all consent texts.
const VERSION: &str = "1";

/// To the documents and to signing electronically, as the page of the step `sign` says it.
pub fn agreement(language: Language, page: &SignPage) -> Consent {
    let mut words = vec![say(language, "consent", &[])];
    words.extend(page.documents.iter().map(|document| say(language, "title-marks", &[("name", &document.name)])));
    words.push(say(language, "consent-rest", &[]));
    if page.passes_account_on {
        words.push(say(language, "consent-account", &[]));
    }
    of("agreement", language, &words)
}

/// To the collection of face data, as the page of the step `auth-face` says it.
pub fn face(language: Language, page: &FacePage) -> Consent {
    let mut words = vec![say(language, "face-title", &[]), say(language, "face-lead", &[("name", &page.name)])];
    for row in ["what", "why", "who", "long"] {
        words.push(say(language, &format!("face-{row}"), &[]));
        words.push(say(language, &format!("face-{row}-text"), &[]));
    }
    words.push(say(language, "face-consent", &[]));
    of("face", language, &words)
}

/// To another way than the face: what the page said would follow.
pub fn face_refused(language: Language, page: &FacePage) -> Consent {
    of("face-refused", language, &[say(language, page.instead, &[]), say(language, "refuse-face", &[])])
}

fn of(kind: &str, language: Language, words: &[String]) -> Consent {
    Consent {
        text_version: format!("{kind}/{}/{VERSION}", language.tag()),
        text_sha256: hex::encode(digest(&SHA256, words.join("\n").as_bytes())),
    }
}

fn say(language: Language, key: &str, values: &[(&'static str, &str)]) -> String {
    let mut args = FluentArgs::new();
    for (name, value) in values {
        args.set(*name, text_value(value));
    }
    KIT.words.say(language, key, &args).expect("a test says every message of a consent")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_words_are_another_version() {
        let mut digests = Vec::new();
        for language in Language::ALL {
            digests.push(agreement(language, &SignPage::sample()).text_sha256);
            digests.push(face(language, &FacePage::sample()).text_sha256);
            digests.push(face_refused(language, &FacePage::sample()).text_sha256);
        }
        let all = hex::encode(digest(&SHA256, digests.concat().as_bytes()));
        assert_eq!((VERSION, all.as_str()), ("1", "40f6b01ac59ffa5882f7277989b033debef603110e51e9637e8901fb32e64d8d"));
    }

    #[test]
    fn the_names_of_the_documents_are_part_of_what_is_agreed_to() {
        let page = SignPage::sample();
        let mut other = page.clone();
        other.documents[0].name.push('甲');
        let digest = |page| agreement(Language::Chinese, page).text_sha256;
        assert_ne!(digest(&page), digest(&other));
    }
}
