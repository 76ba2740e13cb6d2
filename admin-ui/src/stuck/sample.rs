//! Samples that draw these pages.

use super::{
    act::{JobPage, question},
    index::{Group, Row, StuckPage, Way},
};
use crate::{drawing::Drawing, moment::Moment, problem::Problems};

fn at(short: &str) -> Moment {
    Moment { short: short.into(), full: "2026-11-22T14:20:31+08:00".into() }
}

fn way(name: &'static str, grave: bool) -> Way {
    Way { name, href: "/admin/stuck/runs".into(), asks: name != "edit_template", grave }
}

fn row() -> Row {
    Row {
        flow: Some(("flow_019abf5e-7c40-7d31-9b0e-2f6100000000".into(), "MS20261122-00418402".into())),
        status: Some(("SEALING".into(), "busy")),
        job: Some("job-seal".into()),
        gateway: None,
        many: None,
        since: at("14:31:42"),
        dwell: "38 分".into(),
        tries: Some(6),
        next: Some(at("15:14:00")),
        cause: Some("cause-timed_out"),
        told: Some("internal error the timestamp authority timed out".into()),
        remedies: vec![way("retry_seal", false), way("abandon_seal", true)],
    }
}

fn group(kind: &'static str, icon: &'static str, tone: &'static str, rows: Vec<Row>) -> Group {
    Group { kind, icon, tone, count: rows.len() as u64, rows, more: false, may_run_all: kind == "job_discarded" }
}

fn list() -> StuckPage {
    let of =
        |name: &'static str, job: &str, remedies| Row { job: Some(job.into()), cause: Some(name), remedies, ..row() };
    let undelivered = Row {
        job: None,
        cause: None,
        told: None,
        next: None,
        tries: None,
        status: Some(("CREATED".into(), "idle")),
        remedies: ["resend", "copy_link", "edit_template", "cancel"].map(|name| way(name, name == "cancel")).into(),
        ..row()
    };
    let nobody =
        Row { flow: None, status: None, job: None, cause: None, told: None, tries: None, remedies: vec![], ..row() };
    let gateway = Row { gateway: Some("aliyun".into()), ..nobody.clone() };
    let overdue = Row { many: Some(312), next: None, ..nobody };
    let ask = || vec![way("ask_auth_system", false)];
    let again = || vec![way("run_again", false), way("dismiss", true)];
    let groups = vec![
        group("seal_fails", "rubber-stamp", "fail", vec![row(), row()]),
        group("challenge_fails", "building-bank", "fail", vec![of("cause-unreachable", "job-create_challenge", ask())]),
        group(
            "auth_silent",
            "hourglass",
            "warn",
            vec![Row { cause: None, told: None, job: None, remedies: ask(), ..row() }],
        ),
        group("undelivered", "message-x", "warn", vec![undelivered]),
        Group {
            more: true,
            count: 1_000,
            ..group("job_discarded", "circle-x", "fail", vec![of("cause-gone", "job-fetch_evidence", again())])
        },
        group("job_fails", "repeat", "warn", vec![of("cause-other", "job-withdraw_challenge", again())]),
        group("gateway_open", "plug-connected", "warn", vec![gateway]),
        group("jobs_overdue", "clock", "fail", vec![overdue]),
    ];
    StuckPage { total: groups.iter().map(|group| group.count).sum(), groups }
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    let ask = |act| question(act, "/admin/stuck/runs".into());
    let problems = Problems::default().and("reason", "1–500 个字".into());
    vec![
        Drawing::new("stuck", list()),
        Drawing::new("stuck-none", StuckPage { groups: Vec::new(), total: 0 }),
        Drawing::new("stuck-run", ask("run")),
        Drawing::new("stuck-run-all", ask("run-all")),
        Drawing::new("stuck-dismissal", ask("dismissal")),
        Drawing::new("stuck-dismissal-wrong", JobPage { problems, ..ask("dismissal") }),
    ]
}
