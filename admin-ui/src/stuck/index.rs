//! `GET /admin/stuck`: the list.

use esign_domain::{
    caller::Operation,
    event::tail::Filter,
    stuck::{self, Item, Remedy, Stuck},
};
use serde::Serialize;

use crate::{
    flow::{cause, tone},
    moment::{Moment, span},
    nav::Place,
    page::Page,
    visit::{Answer, Visit},
};

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct StuckPage {
    pub groups: Vec<Group>,
    pub total: u64,
}

/// All of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// Its messages are `stuck-{kind}` and `stuck-{kind}-what`.
    pub kind: &'static str,
    pub icon: &'static str,
    /// `fail` or `warn`.
    pub tone: &'static str,
    pub count: u64,
    pub rows: Vec<Row>,
    /// More than are listed.
    pub more: bool,
    /// All of it can be run again at once.
    pub may_run_all: bool,
}

/// One thing.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its id and number.
    pub flow: Option<(String, String)>,
    pub status: Option<(String, &'static str)>,
    /// The key of what the job does.
    pub job: Option<String>,
    pub gateway: Option<String>,
    pub many: Option<u64>,
    pub since: Moment,
    pub dwell: String,
    pub tries: Option<i32>,
    pub next: Option<Moment>,
    pub cause: Option<&'static str>,
    pub told: Option<String>,
    pub remedies: Vec<Way>,
}

/// A remedy and where it leads.
#[derive(Debug, Clone, Serialize)]
pub struct Way {
    /// Its message is `remedy-{name}`.
    pub name: &'static str,
    pub href: String,
    /// It opens a question rather than a page.
    pub asks: bool,
    pub grave: bool,
}

impl Page for StuckPage {
    const TEMPLATE: &'static str = "stuck/index.html";
    const TITLE: &'static str = "stuck-title";
    const PLACE: Place = Place::Stuck;
}

/// `GET /admin/stuck`.
pub async fn show(visit: Visit) -> Answer {
    let (app, caller) = (visit.app(), visit.caller());
    let (counts, items) = (stuck::counts(app, caller).await?, stuck::list(app, caller, None).await?);
    let group = |&kind: &Stuck| {
        let rows: Vec<Row> = items.iter().filter(|item| item.kind == kind).map(|item| row(&visit, item)).collect();
        let count = counts.of(kind).max(rows.len() as u64);
        let (icon, tone) = mark(kind);
        let may_run_all = kind == Stuck::JobDiscarded && visit.may(Operation::RunJobAgain);
        let more = count > rows.len() as u64;
        (!rows.is_empty()).then(|| Group { kind: kind.as_str(), icon, tone, count, rows, more, may_run_all })
    };
    let groups: Vec<_> = Stuck::ALL.iter().filter_map(group).collect();
    visit.page(&StuckPage { total: groups.iter().map(|group| group.count).sum(), groups })
}

/// `GET /admin/stuck/live`.
pub async fn live(visit: Visit) -> Answer {
    crate::live::ticks(&visit, Filter::default())
}

fn mark(kind: Stuck) -> (&'static str, &'static str) {
    match kind {
        Stuck::SealFails => ("rubber-stamp", "fail"),
        Stuck::ChallengeFails => ("building-bank", "fail"),
        Stuck::AuthSilent => ("hourglass", "warn"),
        Stuck::Undelivered => ("message-x", "warn"),
        Stuck::JobDiscarded => ("circle-x", "fail"),
        Stuck::JobFails => ("repeat", "warn"),
        Stuck::GatewayOpen => ("plug-connected", "warn"),
        Stuck::JobsOverdue => ("clock", "fail"),
    }
}

fn row(visit: &Visit, item: &Item) -> Row {
    let (language, now) = (visit.language(), visit.app().now());
    let remedies = item.kind.remedies().iter().filter(|remedy| visit.may(remedy.operation()));
    Row {
        flow: item.flow.as_ref().map(|flow| (flow.id.to_string(), flow.flow_no.clone())),
        status: item.flow.as_ref().map(|flow| (flow.status.to_string(), tone(flow.status))),
        job: item.job.as_ref().map(|(_, kind)| format!("job-{kind}")),
        gateway: item.gateway.clone(),
        many: item.many,
        since: Moment::of(language, item.since, now),
        dwell: span(language, now - item.since),
        tries: item.tries,
        next: item.next.map(|at| Moment::of(language, at, now)),
        cause: item.cause.map(cause),
        told: item.told.clone(),
        remedies: remedies.filter_map(|remedy| way(*remedy, item)).collect(),
    }
}

fn way(remedy: Remedy, item: &Item) -> Option<Way> {
    let at_flow =
        |noun: &str| item.flow.as_ref().map(|flow| format!("/admin/flows/{}/{noun}?back=/admin/stuck", flow.id));
    let at_job = |noun: &str| item.job.as_ref().map(|(id, _)| format!("/admin/stuck/jobs/{id}/{noun}"));
    let href = match remedy {
        Remedy::RetrySeal => at_flow("seal-retry"),
        Remedy::AbandonSeal => at_flow("abandonment"),
        Remedy::AskAuthSystem => at_flow("poll"),
        Remedy::Resend => at_flow("resend"),
        Remedy::CopyLink => at_flow("link"),
        Remedy::Cancel => at_flow("cancellation"),
        Remedy::RunAgain => at_job("run"),
        Remedy::Dismiss => at_job("dismissal"),
        Remedy::EditTemplate => {
            let template = item.flow.as_ref().and_then(|flow| flow.decision["smsTemplateId"].as_str());
            template.map(|id| format!("/admin/sms-templates/{id}"))
        }
    };
    let grave = matches!(remedy, Remedy::AbandonSeal | Remedy::Cancel | Remedy::Dismiss);
    Some(Way { name: remedy.as_str(), href: href?, asks: remedy != Remedy::EditTemplate, grave })
}
