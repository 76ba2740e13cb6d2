//! The console's pages, each with what its address is made of.
//!
//! What is looked for is there: it belongs to a flow that was taken by chance, another one each time.

use esign_domain::flow::{
    query::{FlowKey, Order, Sort},
    stats,
};

use super::known::{Known, One};

/// How a page is asked for.
#[derive(Clone, Copy)]
pub enum Way {
    /// Its address is followed.
    At(fn(&Known, &One) -> String),
    /// It is typed into the search box, and the address that leads to is followed.
    Typed(fn(&One) -> String),
    /// It is sent piece by piece: until the first has come.
    Begun(&'static str),
}

/// A page by its name in the report.
pub type Page = (&'static str, Way);

/// All of them.
pub const ALL: &[Page] = &[
    ("the list", Way::At(|_, _| flows(""))),
    ("tab: on their way", Way::At(|_, _| flows("view=open"))),
    ("tab: need somebody", Way::At(|_, _| flows("view=attention"))),
    ("tab: completed", Way::At(|_, _| flows("view=completed"))),
    ("tab: unfinished", Way::At(|_, _| flows("view=unfinished"))),
    ("oldest first", Way::At(|_, _| flows("sort=started-first"))),
    ("last changed first", Way::At(|_, _| flows("sort=changed"))),
    ("longest unchanged first", Way::At(|_, _| flows("sort=changed-first"))),
    ("completed, last changed first", Way::At(|_, _| flows("view=completed&sort=changed"))),
    ("from any place", Way::At(|_, one| flows(&format!("after={}", place(one, Sort::Started))))),
    ("back from any place", Way::At(|_, one| flows(&format!("before={}", place(one, Sort::Started))))),
    (
        "by change, from any place",
        Way::At(|_, one| flows(&format!("sort=changed&after={}", place(one, Sort::Changed)))),
    ),
    (
        "on their way, from any place",
        Way::At(|_, one| flows(&format!("view=open&after={}", place(one, Sort::Started)))),
    ),
    (
        "unfinished, from any place",
        Way::At(|_, one| flows(&format!("view=unfinished&after={}", place(one, Sort::Started)))),
    ),
    ("a status", Way::At(|_, one| flows(&format!("status={}", one.flow.status)))),
    ("two statuses", Way::At(|_, _| flows("status=SEALING&status=CANCELLED"))),
    ("a status of few", Way::At(|_, _| flows("status=AUTHENTICATING"))),
    ("a scene", Way::At(|_, one| flows(&format!("scene={}", one.flow.scene)))),
    ("a large client", Way::At(|known, _| flows(&format!("client={}", known.large)))),
    ("a tiny client", Way::At(|known, _| flows(&format!("client={}", known.tiny)))),
    ("an auth type", Way::At(|_, one| flows(&format!("auth={}", one.flow.auth_type)))),
    ("an agreement type", Way::At(|_, one| flows(&format!("agreement={}", one.flow.agreement_type)))),
    ("an agreement type of no flow", Way::At(|_, _| flows("agreement=NONE"))),
    ("a failure", Way::At(|_, _| flows("failure=AUTH_FAILED"))),
    ("a rare failure", Way::At(|_, _| flows("failure=SIGN_FAILED"))),
    ("a failure of no flow", Way::At(|_, _| flows("failure=SMS_TEMPLATE_NOT_FOUND"))),
    ("a day", Way::At(|_, one| flows(&days(one, 0)))),
    ("a week", Way::At(|_, one| flows(&days(one, 6)))),
    ("a month", Way::At(|_, one| flows(&days(one, 29)))),
    (
        "a day, a scene, a status, a client",
        Way::At(|known, one| flows(&format!("{}&scene=COLLECTION&status=FAILED&client={}", days(one, 0), known.large))),
    ),
    (
        "a tiny client's failures of a scene",
        Way::At(|known, _| flows(&format!("client={}&scene=BATCH_PAYMENT&status=FAILED", known.tiny))),
    ),
    (
        "a scene, a failure, last changed first",
        Way::At(|_, _| flows("scene=MEMBER_SETTLEMENT&failure=SIGN_FAILED&sort=changed")),
    ),
    ("search: a flowNo", Way::Typed(|one| one.flow.flow_no.clone())),
    ("search: ten characters of a flowNo", Way::Typed(|one| one.flow.flow_no[..10].to_owned())),
    ("search: three characters of a flowNo", Way::Typed(|one| one.flow.flow_no[..3].to_owned())),
    ("search: a flowNo of nobody", Way::Typed(|_| "XX-1".into())),
    ("search: a subjectNo", Way::Typed(|one| one.subject.subject_no.clone())),
    ("search: a flow's id", Way::Typed(|one| one.flow.id.to_string())),
    (
        "search: a message's id",
        Way::Typed(|one| one.message.map_or_else(|| one.flow.id.to_string(), |id| id.to_string())),
    ),
    ("search: a mobile number", Way::Typed(|one| one.subject.mobile.expose().to_owned())),
    ("search: a mobile number of nobody", Way::Typed(|_| "13800000001".into())),
    ("search: an id number", Way::Typed(|one| one.subject.id_number.expose().to_owned())),
    ("search: a name", Way::Typed(|one| one.subject.name().to_owned())),
    ("a flow's page", Way::At(|_, one| format!("/admin/flows/{}", one.flow.id))),
    ("the export, its first piece", Way::Begun("/admin/flows/export.csv")),
    ("overview, today", Way::At(|_, _| "/admin".into())),
    ("overview, a week", Way::At(|_, _| "/admin?span=week".into())),
    ("overview, a month", Way::At(|_, _| "/admin?span=month".into())),
    ("stuck work", Way::At(|_, _| "/admin/stuck".into())),
    ("a page with little but the badge", Way::At(|_, _| "/admin/account".into())),
    ("audit log", Way::At(|_, _| "/admin/audit".into())),
    ("audit log, of a member of staff", Way::At(|_, _| "/admin/audit?actor=staff%3Alin.lei".into())),
    ("audit log, of an act", Way::At(|_, _| "/admin/audit?action=copyLink".into())),
    (
        "audit log, until any time",
        Way::At(|_, one| format!("/admin/audit?to={}", one.flow.created_at.format("%Y-%m-%dT%H:%M"))),
    ),
];

fn flows(query: &str) -> String {
    format!("/admin/flows?{query}")
}

fn place(one: &One, sort: Sort) -> FlowKey {
    FlowKey::of(&one.flow, Order { sort, oldest_first: false })
}

/// The day on which a flow was started and so many after it.
fn days(one: &One, more: i64) -> String {
    let china = chrono::TimeDelta::hours(8);
    let first = (stats::day_of(one.flow.created_at) + china).date_naive();
    format!("from={first}&to={}", first + chrono::TimeDelta::days(more))
}
