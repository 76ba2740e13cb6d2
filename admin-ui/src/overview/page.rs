//! The overview as a page. Charts are drawn from the tables beside them, so they have the same numbers.

use chrono::{DateTime, TimeDelta, Utc};
use esign_domain::{
    caller::Operation,
    client,
    flow::stats::{Earlier, Funnel, GatewayFigures, Overview, Slot, Span},
    ids::ClientId,
    stuck::{Counts, Stuck},
    terms::{AuthType, FlowStatus, Scene},
};
use esign_web::{language::Language, moment::in_china};
use serde::Serialize;

use super::{
    figure::{Change, percent, rate, seconds},
    needs::{Need, needs, stuck},
};
use crate::{
    drawing::Drawing,
    flow::tone,
    nav::Place,
    number::thousands,
    page::Page,
    visit::{Refusal, Visit},
};

/// Below so much of the step before, a step of the funnel stands out.
const LOW: f64 = 0.9;

/// The overview.
#[derive(Debug, Clone, Serialize)]
pub struct OverviewPage {
    span: &'static str,
    spans: Vec<(&'static str, String)>,
    clients: Vec<(String, String)>,
    client: String,
    started: String,
    started_change: Option<Change>,
    completed: Option<String>,
    completed_change: Option<Change>,
    median: Option<String>,
    /// The same as numbers and units.
    median_parts: Vec<(String, String)>,
    ninth: Option<String>,
    accepted: Option<String>,
    unaccepted: u64,
    needs: Vec<Need>,
    needs_many: u64,
    /// How much of that is stuck work.
    stuck: u64,
    funnel: Vec<Step>,
    step: &'static str,
    scenes: Vec<(&'static str, String)>,
    auth_types: Vec<&'static str>,
    slots: Vec<Line>,
    /// Whether any of the flows has been completed.
    any_median: bool,
    gateways: Vec<Gateway>,
    statuses: Vec<Standing>,
}

/// A step of the funnel.
#[derive(Debug, Clone, Serialize)]
struct Step {
    name: &'static str,
    count: String,
    /// Of the first, in percent.
    width: String,
    /// Of the one before, in percent.
    rate: Option<String>,
    low: bool,
}

/// A piece of the time.
#[derive(Debug, Clone, Serialize)]
struct Line {
    at: i64,
    said: String,
    started: Vec<u64>,
    /// In minutes, with one decimal.
    medians: Vec<Option<String>>,
}

/// A gateway's line.
#[derive(Debug, Clone, Serialize)]
struct Gateway {
    name: String,
    handed: String,
    accepted: String,
    rate: Option<String>,
    low: bool,
    delivered: Option<String>,
    median: Option<String>,
    left_out: bool,
}

/// How many stand in a status.
#[derive(Debug, Clone, Serialize)]
struct Standing {
    status: &'static str,
    tone: &'static str,
    count: String,
}

impl Page for OverviewPage {
    const TEMPLATE: &'static str = "overview/index.html";
    const TITLE: &'static str = "overview-title";
    const PLACE: Place = Place::Overview;
}

impl OverviewPage {
    /// Dresses what was read, and asks what needs somebody.
    pub async fn of(visit: &Visit, seen: &Overview, client: Option<ClientId>) -> Result<Self, Refusal> {
        let mut clients = Vec::new();
        if visit.may(Operation::Clients) {
            let all = client::query::list(visit.app(), visit.caller()).await?;
            clients = all.into_iter().map(|client| (client.id.to_string(), client.name)).collect();
        }
        let client = client.map(|id| id.to_string()).unwrap_or_default();
        Ok(Self::dressed(visit.language(), seen, (clients, client), needs(visit).await?))
    }

    fn dressed(
        language: Language,
        seen: &Overview,
        (clients, client): (Vec<(String, String)>, String),
        needs: Vec<Need>,
    ) -> Self {
        let (funnel, earlier) = (&seen.funnel, &seen.earlier);
        let to = |span: Span| {
            crate::fields::Fields::default().with("span", span.as_str()).with("client", &client).link("/admin")
        };
        Self {
            span: seen.span.as_str(),
            spans: Span::ALL.into_iter().map(|span| (span.as_str(), to(span))).collect(),
            clients,
            started: thousands(funnel.started),
            started_change: Change::of_count(funnel.started, earlier.started),
            completed: percent(funnel.completed, funnel.started),
            completed_change: Change::of_rate((funnel.completed, funnel.started), (earlier.completed, earlier.started)),
            median: seen.median_seconds.map(|median| seconds(language, median)),
            median_parts: seen.median_seconds.map(|median| parts(&seconds(language, median))).unwrap_or_default(),
            ninth: seen.ninth_seconds.map(|ninth| seconds(language, ninth)),
            accepted: seen.sms_accepted_rate.map(rate),
            unaccepted: funnel.started.saturating_sub(funnel.accepted),
            needs_many: needs.iter().map(Need::many).sum(),
            stuck: needs.iter().filter(|need| need.is_stuck()).map(Need::many).sum(),
            needs,
            funnel: steps(funnel),
            step: match seen.span {
                Span::Today => "overview-step-today",
                Span::Week => "overview-step-week",
                Span::Month => "overview-step-month",
            },
            scenes: scenes(seen),
            auth_types: AuthType::ALL.iter().map(|kind| kind.as_str()).collect(),
            slots: seen.slots.iter().map(|slot| line(slot, seen.span)).collect(),
            any_median: seen.median_seconds.is_some(),
            gateways: seen.gateways.iter().map(|gateway| dressed(language, gateway)).collect(),
            statuses: seen.by_status.iter().map(|(status, count)| standing(*status, *count)).collect(),
            client,
        }
    }
}

/// `6 分 42 秒` as its numbers with their units.
fn parts(said: &str) -> Vec<(String, String)> {
    let words: Vec<&str> = said.split(' ').collect();
    words.chunks(2).map(|pair| (pair[0].to_owned(), pair.get(1).copied().unwrap_or_default().to_owned())).collect()
}

#[expect(clippy::cast_precision_loss, reason = "nobody starts 2^53 flows")]
fn steps(funnel: &Funnel) -> Vec<Step> {
    let names = ["started", "accepted", "opened", "signed", "passed", "completed"];
    let counts = funnel.steps();
    let step = |place: usize| {
        let before = place.checked_sub(1).map(|before| counts[before]);
        let low = before.is_some_and(|before| before > 0 && (counts[place] as f64 / before as f64) < LOW);
        Step {
            name: names[place],
            count: thousands(counts[place]),
            width: percent(counts[place], counts[0]).unwrap_or_else(|| "0".into()),
            rate: before.and_then(|before| percent(counts[place], before)),
            low,
        }
    };
    (0..counts.len()).map(step).collect()
}

fn scenes(seen: &Overview) -> Vec<(&'static str, String)> {
    let of = |place: usize| seen.slots.iter().map(|slot| slot.started[place]).sum();
    Scene::ALL.iter().enumerate().map(|(place, scene)| (scene.as_str(), thousands(of(place)))).collect()
}

fn line(slot: &Slot, span: Span) -> Line {
    let here = in_china(slot.at);
    let said = match span {
        Span::Today => here.format("%H:%M"),
        Span::Week => here.format("%m-%d %H:%M"),
        Span::Month => here.format("%m-%d"),
    };
    let minutes = |median: &Option<f64>| median.map(|seconds| format!("{:.1}", seconds / 60.0));
    Line {
        at: slot.at.timestamp(),
        said: said.to_string(),
        started: slot.started.to_vec(),
        medians: slot.median_seconds.iter().map(minutes).collect(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody sends 2^53 messages")]
fn dressed(language: Language, gateway: &GatewayFigures) -> Gateway {
    let low = gateway.handed > 0 && (gateway.accepted as f64 / gateway.handed as f64) < 0.98;
    let unit = if language == Language::Chinese { "秒" } else { "s" };
    Gateway {
        name: gateway.name.clone(),
        handed: thousands(gateway.handed),
        accepted: thousands(gateway.accepted),
        rate: percent(gateway.accepted, gateway.handed),
        low,
        delivered: percent(gateway.delivered, gateway.accepted),
        median: gateway.median_seconds.map(|median| format!("{median:.2} {unit}")),
        left_out: gateway.left_out,
    }
}

fn standing(status: FlowStatus, count: u64) -> Standing {
    Standing { status: status.as_str(), tone: tone(status), count: thousands(count) }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let from: DateTime<Utc> = "2026-11-21T16:00:00Z".parse().expect("a time");
    let slot = |number: u64| Slot {
        at: from + TimeDelta::minutes(30 * i64::try_from(number).unwrap_or_default()),
        started: [number * 3 % 40, number * 7 % 31, number * 5 % 23],
        median_seconds: [Some(1_400.0), (!number.is_multiple_of(4)).then_some(190.0)],
    };
    let gateway = |name: &str, accepted, left_out| GatewayFigures {
        name: name.into(),
        handed: 186,
        accepted,
        delivered: accepted - 3,
        median_seconds: Some(0.31),
        left_out,
    };
    let busy = Overview {
        span: Span::Today,
        from,
        to: from + TimeDelta::hours(15),
        funnel: Funnel { started: 1_284, accepted: 1_274, opened: 1_136, signed: 1_042, passed: 968, completed: 961 },
        earlier: Earlier { started: 1_187, completed: 869 },
        by_status: FlowStatus::ALL.iter().map(|status| (*status, 12)).collect(),
        median_seconds: Some(402.0),
        ninth_seconds: Some(2_460.0),
        sms_accepted_rate: Some(0.992),
        slots: (0..30).map(slot).collect(),
        step: TimeDelta::minutes(30),
        gateways: vec![gateway("aliyun", 185, false), gateway("tencent", 176, true)],
    };
    let quiet = Overview {
        span: Span::Month,
        funnel: Funnel::default(),
        earlier: Earlier { started: 0, completed: 0 },
        by_status: FlowStatus::ALL.iter().map(|status| (*status, 0)).collect(),
        median_seconds: None,
        ninth_seconds: None,
        sms_accepted_rate: None,
        slots: vec![Slot { at: from, started: [0; 3], median_seconds: [None; 2] }],
        gateways: vec![],
        ..busy.clone()
    };
    let counts = Counts([(Stuck::SealFails, 2), (Stuck::Undelivered, 3), (Stuck::GatewayOpen, 1)].into());
    let clients = || (vec![("client_1".to_owned(), "云帆商户通".to_owned())], String::new());
    vec![
        Drawing::new("overview", OverviewPage::dressed(Language::Chinese, &busy, clients(), stuck(&counts))),
        Drawing::new("overview-quiet", OverviewPage::dressed(Language::Chinese, &quiet, clients(), vec![])),
    ]
}
