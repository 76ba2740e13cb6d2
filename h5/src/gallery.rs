//! Every page in every shape it takes, drawn from samples: for the test that renders them all, and for eyes
//! (`cargo run -p esign-h5 --example gallery`).

use tera::TeraResult;

use crate::{
    frame::Frame,
    page::{
        DonePage, EndedPage, Ending, FacePage, InvalidPage, Page, PaymentPage, Phase, ReadPage, RefusalPage, SignPage,
        Trouble, TroublePage, WaitPage,
    },
    template::render,
};

/// One page of the gallery.
pub struct Drawing {
    /// Its name in the gallery.
    pub name: &'static str,
    /// Draws it in a frame.
    pub draw: Box<Draw>,
}

/// Draws a page in a frame.
pub type Draw = dyn Fn(&Frame) -> TeraResult<String> + Send + Sync;

/// All of them.
pub fn drawings() -> Vec<Drawing> {
    let mut all = signing();
    all.extend(authenticating());
    all.extend(waiting());
    all.extend(ended());
    all
}

fn drawing<P: Page + Send + Sync + 'static>(name: &'static str, page: P) -> Drawing {
    Drawing { name, draw: Box::new(move |frame| render(frame, &page)) }
}

fn signing() -> Vec<Drawing> {
    let one = || {
        let mut page = ReadPage::sample();
        page.documents.truncate(1);
        ReadPage { count: 1, ..page }
    };
    let person = SignPage { company: None, passes_account_on: false, ..SignPage::sample() };
    vec![
        drawing("read", ReadPage::sample()),
        drawing("read-one", one()),
        drawing("read-again", ReadPage { again: true, ..ReadPage::sample() }),
        drawing("sign", SignPage::sample()),
        drawing("sign-person", person),
        drawing("refusal", RefusalPage::sample()),
        drawing(
            "refusal-confirm",
            RefusalPage {
                confirming: true,
                reason: Some("facts".into()),
                details: "第二条的收款账户应为农行尾号 0219".into(),
                ..RefusalPage::sample()
            },
        ),
    ]
}

fn authenticating() -> Vec<Drawing> {
    let pay = PaymentPage::sample;
    let face = FacePage::sample;
    vec![
        drawing("auth-payment", pay()),
        drawing(
            "auth-payment-wrong",
            PaymentPage { wrong: true, tries_left: 2, tries: PaymentPage::dots(2, 3), ..pay() },
        ),
        drawing(
            "auth-payment-last",
            PaymentPage { wrong: true, tries_left: 1, tries: PaymentPage::dots(1, 3), ..pay() },
        ),
        drawing("auth-face", face()),
        drawing("auth-face-payment", FacePage { instead: "face-instead-payment", ..face() }),
        drawing("auth-face-go", FacePage { consented: true, link: true, ..face() }),
        drawing("auth-face-again", FacePage { consented: true, again: Some("face-rejected"), tries_left: 2, ..face() }),
        drawing("auth-payment-limited", PaymentPage { limited_until: Some("11 月 23 日 14:20".into()), ..pay() }),
    ]
}

fn waiting() -> Vec<Drawing> {
    let wait = |phase| WaitPage {
        tries_left: 2,
        until: "11 月 23 日 14:20".into(),
        ..WaitPage::new(phase, 2, Some("14:22".into()), None)
    };
    vec![
        drawing("wait-sending", wait(Phase::Sending)),
        drawing("wait-facing", wait(Phase::Facing)),
        drawing("wait-verifying", wait(Phase::Verifying)),
        drawing("wait", WaitPage::sample()),
        drawing("wait-again", wait(Phase::Again)),
        drawing("wait-lapsed", wait(Phase::Lapsed)),
        drawing("wait-blocked", wait(Phase::Blocked)),
    ]
}

fn ended() -> Vec<Drawing> {
    let end = |ending| EndedPage {
        deadline: "11 月 25 日 18:00".into(),
        return_to: Some("云帆商户通".into()),
        ..EndedPage::new(ending, "上海云帆供应链管理有限公司".into(), "MS20261122-00418402".into())
    };
    vec![
        drawing("done", DonePage::sample()),
        drawing("failed", EndedPage::sample()),
        drawing("failed-auth", end(Ending::Auth)),
        drawing("failed-auth-init", end(Ending::AuthInit)),
        drawing("failed-declined", end(Ending::Declined)),
        drawing("failed-sign", end(Ending::Sign)),
        drawing("failed-other", end(Ending::Other)),
        drawing("timed-out-session", end(Ending::Session)),
        drawing("timed-out", end(Ending::AuthTimeout)),
        drawing("cancelled", end(Ending::Cancelled)),
        drawing("invalid", InvalidPage {}),
        drawing(
            "trouble-internal",
            TroublePage { trace: Some("7f3a09c2".into()), ..TroublePage::new(Trouble::Internal) },
        ),
        drawing("trouble-limited", TroublePage { seconds: 42, ..TroublePage::new(Trouble::Limited) }),
        drawing("trouble-large", TroublePage { back: Some("/s/abc".into()), ..TroublePage::new(Trouble::Large) }),
    ]
}
