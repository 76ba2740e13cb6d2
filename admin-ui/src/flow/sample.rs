//! Samples that draw these pages.

use super::{
    act::{ActPage, LinkPage},
    document::DocumentPage,
    facts::{Choice, Due, Hidden, Paper, Party, Record},
    next::{Act, Next, Step},
    reveal::RevealPage,
    show::FlowPage,
    told::{Day, Line},
};
use crate::{drawing::Drawing, fields::Fields, moment::Moment, problem::Problems};

const ID: &str = "flow_019abf5e-7c40-7d31-9b0e-2f6100000000";
const NUMBER: &str = "MS20261122-00418402";

fn at(short: &str) -> Moment {
    Moment { short: short.into(), full: "2026-11-22T14:20:31+08:00".into() }
}

fn line(time: &str, icon: &'static str, tone: Option<&'static str>, what: &str, how: &[&str]) -> Line {
    Line {
        name: time.into(),
        time: time.into(),
        full: "2026-11-22T14:20:31+08:00".into(),
        icon,
        tone,
        what: format!("told-{what}"),
        how: how.iter().map(ToString::to_string).collect(),
        note: None,
        failure: what == "SEAL_FAILED",
    }
}

fn days() -> Vec<Day> {
    let lines = vec![
        line("15:09:12", "SEALING", Some("busy"), "SEAL_FAILED", &["第 6 次失败"]),
        line("14:31:40", "shield-check", None, "AUTH_PASSED", &["第 1 次", "回调先到", "凭证有效至 2027-11-22"]),
        line("14:22:08", "signature", None, "SIGNED", &["手写签名", "2 份协议"]),
        line("14:20:36", "eye", None, "LINK_OPENED", &["112.17.*.*", "WeChat · Android"]),
        line("14:20:31", "CREATED", Some("idle"), "STARTED", &["由 yunfan"]),
    ];
    vec![Day { title: "2026 年 11 月 22 日".into(), lines }]
}

fn rail() -> Vec<Step> {
    let step = |name, state, glyph, tone, took: &str| Step {
        name,
        state,
        glyph,
        tone,
        at: (state == "ok").then(|| at("14:20:31")),
        took: Some(took.to_owned()).filter(|took| !took.is_empty()),
    };
    vec![
        step("start", "ok", "COMPLETED", "done", ""),
        step("sign", "ok", "COMPLETED", "done", "1 分 37 秒"),
        step("auth", "ok", "COMPLETED", "done", "9 分 32 秒"),
        step("seal", "on", "SEALING", "busy", "38 分"),
    ]
}

fn party() -> Party {
    let hidden = |field, masked: &str| Hidden { field, masked: masked.into() };
    Party {
        name: "杭州清禾餐饮管理有限公司".into(),
        kind: "subject-CORPORATE".into(),
        role: "role-of-STORE".into(),
        number: "S-1042".into(),
        hidden: vec![
            hidden("signatoryName", "张*远"),
            hidden("mobile", "138****2077"),
            hidden("bankAccount", "招商银行 5719****6688"),
        ],
    }
}

fn flow() -> FlowPage {
    let act = |noun, icon, grave| Act { noun, icon, grave, why_not: None, from: None };
    FlowPage {
        id: ID.into(),
        flow_no: NUMBER.into(),
        client: "云帆商户通".into(),
        status: "SEALING".into(),
        tone: "busy",
        failure: None,
        next: Next {
            situation: "seal_fails",
            tone: "warn",
            holder: "holder-system",
            dwell: "38 分".into(),
            overdue: true,
            ends: None,
            again: Some(at("15:14:00")),
            cause: Some("cause-timed_out"),
        },
        acts: vec![act("seal-retry", "rubber-stamp", false), act("abandonment", "circle-x", true)],
        rail: rail(),
        days: days(),
        all: false,
        events: 14,
        chain: Some("chain-holds"),
        left_out: false,
        party: Some(party()),
        scene: "scene-MEMBER_SETTLEMENT".into(),
        action: Some("action-PAYMENT_ACTIVATION".into()),
        purpose: "SETTLE_D1".into(),
        agreement: "PAYMENT_AGENCY_AGREEMENT".into(),
        auth_type: "auth-type-PAYMENT_VERIFICATION".into(),
        made: at("14:20:31"),
        papers: papers(),
        records: records(),
        choices: vec![Choice {
            title: "decided-auth",
            href: None,
            selector: "*/CORPORATE/*".into(),
            version: 1,
            beaten: vec!["*/*/*".into()],
        }],
        due: vec![Due {
            kind: "job-seal".into(),
            at: at("15:14:00"),
            state: "job-waits",
            failures: 6,
            cause: Some("cause-timed_out"),
        }],
        claims: None,
        metadata: Some("{\n  \"order\": \"<script>alert(1)</script>\"\n}".into()),
        supersedes: None,
        superseded_by: None,
    }
}

fn papers() -> Vec<Paper> {
    let digest = "9f2c41d6a0b7e41b9f2c41d6a0b7e41b9f2c41d6a0b7e41b9f2c41d6a0b7e41b";
    let paper = |position, name: &str, tone, state: &str| Paper {
        position,
        name: name.into(),
        version: 7,
        tone,
        state: state.into(),
        digest: Some(("9f2c41…e41b".into(), digest.into())),
    };
    vec![paper(1, "代付授权协议", "", "seal-SIGNED"), paper(2, "结算授权委托书", "", "seal-SIGNED")]
}

fn records() -> Vec<Record> {
    let record = |kind: &str, with: &str, state: &str| Record {
        at: at("14:20:31"),
        kind: kind.into(),
        number: 1,
        with: Some(with.into()),
        under: Some("ch_7Qm2…0X9k".into()),
        tone: "done",
        state: state.into(),
        why: None,
        took: Some("9 分 30 秒".into()),
    };
    vec![
        record("record-sms", "aliyun", "sms-DELIVERED"),
        record("auth-type-PAYMENT_VERIFICATION", "招商银行 ···· 6688", "auth-PASSED"),
    ]
}

fn act(noun: &'static str, grave: bool) -> ActPage {
    ActPage {
        id: ID.into(),
        flow_no: NUMBER.into(),
        status: "COMPLETED".into(),
        noun,
        grave,
        typed: Fields::default(),
        problems: Problems::default(),
        back: format!("/admin/flows/{ID}"),
        conflict: false,
        wait: None,
        spent: false,
    }
}

fn reveal(value: Option<&str>) -> RevealPage {
    RevealPage {
        id: ID.into(),
        flow_no: NUMBER.into(),
        field: "mobile",
        typed: Fields::default(),
        problems: Problems::default(),
        value: value.map(ToOwned::to_owned),
    }
}

fn waiting() -> FlowPage {
    let act = |noun, icon, grave| Act { noun, icon, grave, why_not: None, from: None };
    let resend = Act { why_not: Some("why-not-before"), from: Some(at("14:21:33")), ..act("resend", "send", false) };
    let next = Next { situation: "to_sign", tone: "acc", holder: "holder-signer", overdue: false, ..flow().next };
    FlowPage {
        status: "PENDING_SIGN".into(),
        tone: "wait",
        next: Next { again: None, cause: None, ends: Some(at("11-25 14:20")), ..next },
        acts: vec![resend, act("link", "link", false), act("cancellation", "ban", true)],
        all: true,
        chain: None,
        left_out: true,
        due: Vec::new(),
        party: None,
        ..flow()
    }
}

fn over() -> FlowPage {
    let next = Next { situation: "superseded", tone: "acc", holder: "holder-nobody", again: None, ..flow().next };
    FlowPage {
        status: "FAILED".into(),
        tone: "fail",
        failure: Some("failure-SIGN_FAILED".into()),
        next,
        acts: Vec::new(),
        chain: Some("chain-broken"),
        claims: Some("{\n  \"status\": \"FAILED\"\n}".into()),
        supersedes: Some(ID.into()),
        superseded_by: Some((ID.into(), "MS2".into())),
        ..flow()
    }
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    let problems = Problems::default().and("reason", "1–500 个字".into());
    let document = DocumentPage {
        id: ID.into(),
        flow_no: NUMBER.into(),
        position: 1,
        name: "代付授权协议".into(),
        content_digest: "9f2c".into(),
        sealed_digest: Some("03d8".into()),
        level: Some("PAdES-B-LT".into()),
        sealed: true,
        pages: vec![1, 2],
    };
    let unsealed = DocumentPage { sealed: false, sealed_digest: None, level: None, ..document.clone() };
    let mut all = vec![
        Drawing::new("flow", flow()),
        Drawing::new("flow-waiting", waiting()),
        Drawing::new("flow-over", over()),
        Drawing::new("flow-conflict", ActPage { conflict: true, ..act("cancellation", true) }),
        Drawing::new("flow-wrong", ActPage { problems: problems.clone(), ..act("abandonment", true) }),
        Drawing::new("flow-too-soon", ActPage { wait: Some(42), ..act("resend", false) }),
        Drawing::new("flow-spent", ActPage { spent: true, ..act("resend", false) }),
        Drawing::new(
            "flow-link",
            LinkPage { id: ID.into(), flow_no: NUMBER.into(), link: "https://sign.example/s/x".into() },
        ),
        Drawing::new("flow-reveal", reveal(None)),
        Drawing::new("flow-reveal-wrong", RevealPage { problems, ..reveal(None) }),
        Drawing::new("flow-revealed", reveal(Some("+8613800132077"))),
        Drawing::new("flow-document", document),
        Drawing::new("flow-document-unsealed", unsealed),
    ];
    let acts = ["link", "poll", "seal-retry", "cancellation", "abandonment", "resend"];
    let names = ["act-link", "act-poll", "act-seal-retry", "act-cancellation", "act-abandonment", "act-resend"];
    for (noun, name) in acts.into_iter().zip(names) {
        all.push(Drawing::new(name, act(noun, noun == "cancellation" || noun == "abandonment")));
    }
    all
}
