//! What the console asks, each as the verb that a page calls.

use super::known::Known;
use crate::Failure;
use esign_domain::{
    App, Caller, auth, event,
    flow::{
        entity::sign_flow,
        query::{self, FlowFilter, FlowKey, Order, PersonalKey, Slice, Sort, View},
        secret, stats,
    },
    seal, sms,
    terms::{AuthType, FlowStatus, Scene},
};

/// A question with a name.
#[derive(Debug, Clone, Copy)]
pub enum Question {
    /// A page of the list with its subjects.
    List(&'static str, Pick),
    /// How many each tab holds.
    Counts(&'static str, Pick),
    /// Everything a flow's page shows.
    Flow,
    /// `flowStats` of so many days.
    Stats(i64),
    /// The overview.
    Overview(stats::Span),
}

/// What a list is narrowed to.
pub type Pick = fn(&Known, &sign_flow::Model) -> (FlowFilter, Slice);

fn only(filter: FlowFilter) -> (FlowFilter, Slice) {
    (filter, Slice { limit: 20, ..Slice::default() })
}

fn key(kind: &str, hash: &[u8]) -> Option<PersonalKey> {
    format!("{kind}-{}", hex::encode(hash)).parse().ok()
}

fn ordered(sort: Sort, oldest_first: bool, after: Option<&sign_flow::Model>) -> Slice {
    let order = Order { sort, oldest_first };
    Slice { order, after: after.map(|flow| FlowKey::of(flow, order)), limit: 20, ..Slice::default() }
}

fn of_day(flow: &sign_flow::Model) -> FlowFilter {
    let from = stats::day_of(flow.created_at);
    FlowFilter {
        created_from: Some(from),
        created_to: Some(from + chrono::TimeDelta::days(1)),
        ..FlowFilter::default()
    }
}

/// All of them.
pub const ALL: &[Question] = &[
    Question::List("newest first", |_, _| only(FlowFilter::default())),
    Question::List("newest first, from any place", |_, one| {
        (FlowFilter::default(), ordered(Sort::Started, false, Some(one)))
    }),
    Question::List("back from any place", |_, one| {
        let slice = ordered(Sort::Started, false, Some(one));
        (FlowFilter::default(), Slice { before: slice.after, after: None, backwards: true, ..slice })
    }),
    Question::List("oldest first", |_, _| (FlowFilter::default(), ordered(Sort::Started, true, None))),
    Question::List("last changed first", |_, _| (FlowFilter::default(), ordered(Sort::Changed, false, None))),
    Question::List("changed, from any place", |_, one| {
        (FlowFilter::default(), ordered(Sort::Changed, true, Some(one)))
    }),
    Question::List("on their way", |_, _| only(FlowFilter::default().seen(View::Open))),
    Question::List("on their way, oldest first", |_, _| {
        (FlowFilter::default().seen(View::Open), ordered(Sort::Started, true, None))
    }),
    Question::List("need somebody", |_, _| only(FlowFilter::default().seen(View::Attention))),
    Question::List("completed", |_, _| only(FlowFilter::default().seen(View::Completed))),
    Question::List("unfinished, by change", |_, _| {
        (FlowFilter::default().seen(View::Unfinished), ordered(Sort::Changed, false, None))
    }),
    Question::List("by flowNo", |_, one| {
        only(FlowFilter { number: Some(one.flow_no.clone()), ..FlowFilter::default() })
    }),
    Question::List("by the beginning of a flowNo", |_, one| {
        only(FlowFilter { number: Some(one.flow_no[..10].to_owned()), ..FlowFilter::default() })
    }),
    Question::List("by the first three letters of one", |_, one| {
        only(FlowFilter { number: Some(one.flow_no[..3].to_owned()), ..FlowFilter::default() })
    }),
    Question::List("by subjectNo", |_, one| {
        only(FlowFilter { number: Some(one.subject_no.clone()), ..FlowFilter::default() })
    }),
    Question::List("by name", |_, one| {
        let personal = one.name_hash.as_ref().and_then(|hash| key("name", hash));
        only(FlowFilter { personal, ..FlowFilter::default() })
    }),
    Question::List("by mobile", |_, one| {
        only(FlowFilter { personal: key("mobile", &one.mobile_hash), ..FlowFilter::default() })
    }),
    Question::List("by a mobile of nobody", |_, _| {
        only(FlowFilter { personal: key("mobile", &[7; 32]), ..FlowFilter::default() })
    }),
    Question::List("by id number", |_, one| {
        only(FlowFilter { personal: key("id-number", &one.id_number_hash), ..FlowFilter::default() })
    }),
    Question::List("one status", |_, one| {
        only(FlowFilter { statuses: Some(vec![one.status]), ..FlowFilter::default() })
    }),
    Question::List("two statuses", |_, _| {
        only(FlowFilter { statuses: Some(vec![FlowStatus::Sealing, FlowStatus::Cancelled]), ..FlowFilter::default() })
    }),
    Question::List("a scene", |_, one| only(FlowFilter { scenes: Some(vec![one.scene]), ..FlowFilter::default() })),
    Question::List("a large client", |known, _| {
        only(FlowFilter { client_id: Some(known.large), ..FlowFilter::default() })
    }),
    Question::List("a tiny client", |known, _| {
        only(FlowFilter { client_id: Some(known.tiny), ..FlowFilter::default() })
    }),
    Question::List("an agreement type", |_, one| {
        only(FlowFilter { agreement_type: Some(one.agreement_type.clone()), ..FlowFilter::default() })
    }),
    Question::List("an agreement type of no flow", |_, _| {
        only(FlowFilter { agreement_type: Some("NONE".into()), ..FlowFilter::default() })
    }),
    Question::List("an auth type", |_, _| {
        only(FlowFilter { auth_type: Some(AuthType::FaceVerification), ..FlowFilter::default() })
    }),
    Question::List("a failure", |_, _| {
        only(FlowFilter { failure_code: Some("AUTH_FAILED".into()), ..FlowFilter::default() })
    }),
    Question::List("a rare failure", |_, _| {
        only(FlowFilter { failure_code: Some("SIGN_FAILED".into()), ..FlowFilter::default() })
    }),
    Question::List("a day", |_, one| only(of_day(one))),
    Question::List("a day, a scene, a status, a client", |known, one| {
        only(FlowFilter {
            scenes: Some(vec![Scene::Collection]),
            statuses: Some(vec![FlowStatus::Failed]),
            client_id: Some(known.large),
            ..of_day(one)
        })
    }),
    Question::List("a tiny client's failures of a scene", |known, _| {
        only(FlowFilter {
            scenes: Some(vec![Scene::BatchPayment]),
            statuses: Some(vec![FlowStatus::Failed]),
            client_id: Some(known.tiny),
            ..FlowFilter::default()
        })
    }),
    Question::Counts("all tabs", |_, _| only(FlowFilter::default())),
    Question::Counts("all tabs, a scene", |_, one| {
        only(FlowFilter { scenes: Some(vec![one.scene]), ..FlowFilter::default() })
    }),
    Question::Counts("all tabs, a large client", |known, _| {
        only(FlowFilter { client_id: Some(known.large), ..FlowFilter::default() })
    }),
    Question::Counts("all tabs, a tiny client", |known, _| {
        only(FlowFilter { client_id: Some(known.tiny), ..FlowFilter::default() })
    }),
    Question::Counts("all tabs, a day", |_, one| only(of_day(one))),
    Question::Counts("all tabs, a failure", |_, _| {
        only(FlowFilter { failure_code: Some("AUTH_FAILED".into()), ..FlowFilter::default() })
    }),
    Question::Counts("all tabs, a mobile", |_, one| {
        only(FlowFilter { personal: key("mobile", &one.mobile_hash), ..FlowFilter::default() })
    }),
    Question::Counts("all tabs, three letters of a flowNo", |_, one| {
        only(FlowFilter { number: Some(one.flow_no[..3].to_owned()), ..FlowFilter::default() })
    }),
    Question::Flow,
    Question::Stats(1),
    Question::Stats(7),
    Question::Stats(30),
    Question::Stats(180),
    Question::Overview(stats::Span::Today),
    Question::Overview(stats::Span::Week),
    Question::Overview(stats::Span::Month),
];

impl Question {
    /// Its name in the table.
    pub fn name(self) -> String {
        match self {
            Self::List(name, _) => name.into(),
            Self::Counts(name, _) => format!("counts: {name}"),
            Self::Flow => "a flow's page".into(),
            Self::Stats(days) => format!("flowStats, {days} days"),
            Self::Overview(span) => format!("overview, {}", span.as_str()),
        }
    }

    /// Asks once; gives how much came.
    pub async fn ask(self, app: &App, known: &Known, round: usize) -> Result<usize, Failure> {
        let one = &known.ones[round % known.ones.len()].flow;
        self.answered(app, known, one).await.map_err(|error| format!("{}: {error}", self.name()))
    }

    async fn answered(self, app: &App, known: &Known, one: &sign_flow::Model) -> esign_domain::Result<usize> {
        let caller = Caller::System;
        Ok(match self {
            Self::List(_, pick) => {
                let (filter, slice) = pick(known, one);
                let (flows, _) = query::list(app, &caller, &filter, slice).await?;
                let ids: Vec<_> = flows.iter().map(|flow| flow.id).collect();
                secret::subjects(app, &ids).await?.len()
            }
            Self::Counts(_, pick) => query::counts(app, &caller, &pick(known, one).0).await?.len(),
            Self::Flow => flow_page(app, one).await?,
            Self::Stats(days) => {
                let (to, scene, client) = (app.now(), None, None);
                let question = stats::Question { from: to - chrono::TimeDelta::days(days), to, scene, client };
                stats::flow_stats(app, &caller, question).await?.series.len()
            }
            Self::Overview(span) => stats::overview(app, &caller, span, None).await?.slots.len(),
        })
    }
}

async fn flow_page(app: &App, one: &sign_flow::Model) -> esign_domain::Result<usize> {
    let caller = Caller::System;
    let Some(flow) = query::by_id(app, &caller, one.id).await? else { return Ok(0) };
    let ids = [flow.id];
    query::session(app, flow.id).await?;
    query::restartable(app, &flow).await?;
    let mut of_it = event::tail::Filter::default();
    of_it.flow_ids = Some(vec![flow.id]);
    let events = event::tail::page(app, &caller, of_it, None, 100).await?;
    let seals = seal::query::of_flows(app, &ids).await?;
    let messages = sms::query::of_flows(app, &ids).await?;
    let attempts = auth::query::of_flows(app, &ids).await?;
    secret::subjects(app, &ids).await?;
    Ok(events.len() + seals.len() + messages.len() + attempts.len())
}
