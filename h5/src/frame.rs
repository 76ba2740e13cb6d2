//! What every page carries around its own content: language, looks, where it belongs, what to say on top.

use serde::Serialize;

use esign_web::{language::Language, preference::Preference};

/// The frame of one page. A page outside any flow (an invalid link) has neither base nor submission id, so that its
/// bytes say nothing about the link it answers.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    #[serde(skip)]
    language: Language,
    tag: &'static str,
    other: &'static str,
    theme: &'static str,
    large: bool,
    base: Option<String>,
    version: String,
    submission: String,
    notice: Option<String>,
}

impl Frame {
    /// A frame outside any flow.
    pub fn new(preference: Preference) -> Self {
        Self {
            language: preference.language,
            tag: preference.language.tag(),
            other: preference.language.other(),
            theme: preference.theme.name(),
            large: preference.large,
            base: None,
            version: String::new(),
            submission: String::new(),
            notice: None,
        }
    }

    /// The frame of a flow's page. `version` changes whenever what the page shows changes; `submission` is the id its
    /// forms are posted with.
    #[must_use]
    pub fn of_flow(mut self, base: String, version: String, submission: String) -> Self {
        (self.base, self.version, self.submission) = (Some(base), version, submission);
        self
    }

    /// Says something on top of the page, by the key of the message.
    #[must_use]
    pub fn with_notice(mut self, notice: Option<String>) -> Self {
        self.notice = notice;
        self
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        self.language
    }
}
