//! 认证: the amount of a small transfer, or a face check with its separate consent before it.

use serde::Serialize;

use super::Page;

/// The step `auth-payment`: the transfer's challenge exists.
#[derive(Debug, Clone, Serialize)]
pub struct PaymentPage {
    /// A company's account.
    pub corporate: bool,
    /// The account, masked.
    pub account: String,
    /// Whose account, masked for a person.
    pub holder: String,
    /// The last amount was wrong.
    pub wrong: bool,
    /// How many more amounts may be entered.
    pub tries_left: u32,
    /// One dot a try, lit while it is left.
    pub tries: Vec<bool>,
    /// Until when, in words.
    pub valid_until: String,
    /// Until when no amount is taken for this account, in words.
    pub limited_until: Option<String>,
}

/// The step `auth-face`.
#[derive(Debug, Clone, Serialize)]
pub struct FacePage {
    /// Whose face, masked.
    pub name: String,
    /// Who asks.
    pub client: String,
    /// The separate consent was given before.
    pub consented: bool,
    /// The challenge stands open: its page can be gone to.
    pub link: bool,
    /// Why it is asked again, as the key of a message: `face-rejected` or `face-expired`.
    pub again: Option<&'static str>,
    /// Attempts left, this one included.
    pub tries_left: u32,
    /// What stands open to who refuses, as the key of a message: `face-instead-payment` or `face-instead-outside`.
    pub instead: &'static str,
}

impl Page for PaymentPage {
    fn template(&self) -> &'static str {
        "step/auth-payment.html"
    }
    fn step(&self) -> &'static str {
        "auth-payment"
    }
    fn progress(&self) -> Option<u8> {
        Some(3)
    }
}

impl Page for FacePage {
    fn template(&self) -> &'static str {
        "step/auth-face.html"
    }
    fn step(&self) -> &'static str {
        "auth-face"
    }
    fn progress(&self) -> Option<u8> {
        Some(3)
    }
}

impl PaymentPage {
    /// Dots for the tries: the used ones go out from the right.
    pub fn dots(left: u32, all: u32) -> Vec<bool> {
        (0..all.max(left)).map(|place| place < left).collect()
    }

    /// A first try.
    pub fn sample() -> Self {
        Self {
            corporate: true,
            account: "招商银行 ···· 6688".into(),
            holder: "杭州清禾餐饮管理有限公司".into(),
            wrong: false,
            tries_left: 3,
            tries: Self::dots(3, 3),
            valid_until: "11 月 25 日 14:20".into(),
            limited_until: None,
        }
    }
}

impl FacePage {
    /// Before the consent.
    pub fn sample() -> Self {
        Self {
            name: "林*晴".into(),
            client: "上海云帆供应链管理有限公司".into(),
            consented: false,
            link: false,
            again: None,
            tries_left: 3,
            instead: "face-instead-outside",
        }
    }
}
