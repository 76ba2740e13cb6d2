//! 拒签: a reason, asked twice.

use serde::Serialize;

use super::Page;

/// The reasons offered, by the ending of their message's key.
pub const REASONS: [&str; 4] = ["content", "facts", "not-mine", "other"];

/// The page before a refusal. It stands inside the step it was opened from.
#[derive(Debug, Clone, Serialize)]
pub struct RefusalPage {
    /// The step the signer is at.
    #[serde(skip)]
    pub within: &'static str,
    /// Its place among the four.
    #[serde(skip)]
    pub progress: Option<u8>,
    /// Who is told.
    pub client: String,
    /// The reason was given; now the second question.
    pub confirming: bool,
    /// The reason chosen, one of [`REASONS`].
    pub reason: Option<String>,
    /// What was added in own words.
    pub details: String,
}

impl Page for RefusalPage {
    fn template(&self) -> &'static str {
        "step/refusal.html"
    }
    fn step(&self) -> &'static str {
        self.within
    }
    fn progress(&self) -> Option<u8> {
        self.progress
    }
    fn title(&self) -> String {
        "page-refusal".into()
    }
}

impl RefusalPage {
    /// The first question.
    pub fn sample() -> Self {
        Self {
            within: "sign",
            progress: Some(2),
            client: "上海云帆供应链管理有限公司".into(),
            confirming: false,
            reason: None,
            details: String::new(),
        }
    }
}
