//! 结果: done, or ended without effect, in words a person understands, with what to do now.

use serde::Serialize;

use super::Page;

/// The step `done`.
#[derive(Debug, Clone, Serialize)]
pub struct DonePage {
    /// Who asked.
    pub client: String,
    /// How many documents.
    pub count: usize,
    /// The sealed documents to download.
    pub documents: Vec<SealedDocument>,
    /// Who signed.
    pub party: String,
    /// When all was sealed, in words.
    pub completed_at: String,
    /// The key of the message naming how identity was proved.
    pub auth_method: String,
    /// The flow's number.
    pub flow_no: String,
    /// Whom the way back leads to, when there is one.
    pub return_to: Option<String>,
}

/// A sealed document.
#[derive(Debug, Clone, Serialize)]
pub struct SealedDocument {
    /// Its place in the flow, from 1.
    pub number: i32,
    /// Its name.
    pub name: String,
}

/// How a flow ended without effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The amounts never matched.
    Amount,
    /// The auth system did not confirm the identity.
    Auth,
    /// The auth system could not be reached.
    AuthInit,
    /// The session ended first.
    Session,
    /// The identity check ended first.
    AuthTimeout,
    /// The signer declined.
    Declined,
    /// The other side withdrew.
    Cancelled,
    /// The documents could not be made or sealed.
    Sign,
    /// Anything else.
    Other,
}

/// The steps `failed`, `timed-out` and `cancelled`.
#[derive(Debug, Clone, Serialize)]
pub struct EndedPage {
    #[serde(skip)]
    pub(crate) step: &'static str,
    pub(crate) words: &'static str,
    pub(crate) tone: &'static str,
    pub(crate) icon: &'static str,
    /// Who asked.
    pub client: String,
    /// When the time ended, in words.
    pub deadline: String,
    /// The account to check, masked.
    pub account: Option<String>,
    pub(crate) advice: Vec<Advice>,
    /// The flow's number.
    pub flow_no: String,
    /// The failure's code, small at the foot.
    pub code: Option<String>,
    /// Whom the way back leads to, when there is one.
    pub return_to: Option<String>,
}

/// One thing to do now.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Advice {
    pub(crate) icon: &'static str,
    pub(crate) words: &'static str,
}

impl EndedPage {
    /// The page of an ending; what depends on the flow is to be filled in.
    pub fn new(ending: Ending, client: String, flow_no: String) -> Self {
        let (step, words, tone, icon) = match ending {
            Ending::Amount => ("failed", "amount", "fail", "user-x"),
            Ending::Auth => ("failed", "auth", "fail", "user-x"),
            Ending::AuthInit => ("failed", "auth-init", "fail", "alert-circle"),
            Ending::Session => ("timed-out", "session", "warn", "clock"),
            Ending::AuthTimeout => ("timed-out", "auth-timeout", "warn", "clock"),
            Ending::Declined => ("failed", "declined", "idle", "ban"),
            Ending::Cancelled => ("cancelled", "cancelled", "idle", "ban"),
            Ending::Sign => ("failed", "sign", "fail", "alert-circle"),
            Ending::Other => ("failed", "other", "fail", "alert-circle"),
        };
        let ask = Advice { icon: "phone", words: "advice-ask" };
        let look = Advice { icon: "file-search", words: "advice-account" };
        let advice = match ending {
            Ending::Amount => vec![look, ask],
            Ending::Declined | Ending::Cancelled | Ending::Sign => Vec::new(),
            _ => vec![ask],
        };
        Self {
            step,
            words,
            tone,
            icon,
            client,
            deadline: String::new(),
            account: None,
            advice,
            flow_no,
            code: None,
            return_to: None,
        }
    }

    /// The amounts never matched.
    pub fn sample() -> Self {
        Self {
            account: Some("招商银行 ···· 6688".into()),
            code: Some("AUTH_FAILED".into()),
            return_to: Some("云帆商户通".into()),
            ..Self::new(Ending::Amount, "上海云帆供应链管理有限公司".into(), "MS20261122-00418402".into())
        }
    }
}

/// The step `invalid`: unknown and expired links alike. It holds nothing, so that its bytes can't differ.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct InvalidPage {}

/// What kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Something unexpected.
    Internal,
    /// Too many requests.
    Limited,
    /// The request's body is over its limit.
    Large,
}

/// Not a step of the flow: the request could not be answered at all.
#[derive(Debug, Clone, Serialize)]
pub struct TroublePage {
    pub(crate) words: &'static str,
    pub(crate) code: &'static str,
    /// After how many seconds it makes sense to try again.
    pub seconds: i64,
    /// The id under which the log tells more.
    pub trace: Option<String>,
    /// Where to try again.
    pub back: Option<String>,
}

impl TroublePage {
    /// The page of a kind of trouble.
    pub fn new(trouble: Trouble) -> Self {
        let (words, code) = match trouble {
            Trouble::Internal => ("internal", "INTERNAL"),
            Trouble::Limited => ("limited", "RATE_LIMITED"),
            Trouble::Large => ("large", "INVALID_REQUEST"),
        };
        Self { words, code, seconds: 0, trace: None, back: None }
    }
}

impl Page for DonePage {
    fn template(&self) -> &'static str {
        "step/done.html"
    }
    fn step(&self) -> &'static str {
        "done"
    }
    fn progress(&self) -> Option<u8> {
        None
    }
}

impl Page for EndedPage {
    fn template(&self) -> &'static str {
        "step/ended.html"
    }
    fn step(&self) -> &'static str {
        self.step
    }
    fn progress(&self) -> Option<u8> {
        None
    }
}

impl Page for InvalidPage {
    fn template(&self) -> &'static str {
        "step/invalid.html"
    }
    fn step(&self) -> &'static str {
        "invalid"
    }
    fn progress(&self) -> Option<u8> {
        None
    }
}

impl Page for TroublePage {
    fn template(&self) -> &'static str {
        "step/trouble.html"
    }
    fn step(&self) -> &'static str {
        "trouble"
    }
    fn progress(&self) -> Option<u8> {
        None
    }
}

impl DonePage {
    /// Two sealed documents.
    pub fn sample() -> Self {
        let document = |number, name: &str| SealedDocument { number, name: name.into() };
        Self {
            client: "上海云帆供应链管理有限公司".into(),
            count: 2,
            documents: vec![document(1, "代付授权协议"), document(2, "结算授权委托书")],
            party: "杭州清禾餐饮管理有限公司".into(),
            completed_at: "2026 年 11 月 22 日 14:31".into(),
            auth_method: "auth-PAYMENT_VERIFICATION".into(),
            flow_no: "MS20261122-00418402".into(),
            return_to: Some("云帆商户通".into()),
        }
    }
}
