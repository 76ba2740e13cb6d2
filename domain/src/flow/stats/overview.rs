//! What the console's first page shows.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Cohort, Question,
    cohort::{self, Group},
    day_of,
    gateways::{self, GatewayFigures},
    rate,
};
use crate::{
    App, Caller,
    caller::Operation,
    error::Result,
    ids::ClientId,
    terms::{AuthType, FlowStatus, Scene},
};

/// How far back the overview looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Span {
    /// Since midnight in China.
    #[default]
    Today,
    /// Today and the six days before.
    Week,
    /// Today and the 29 days before.
    Month,
}

impl Span {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Today, Self::Week, Self::Month];

    /// The name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    fn days_before(self) -> i64 {
        match self {
            Self::Today => 0,
            Self::Week => 6,
            Self::Month => 29,
        }
    }

    fn step(self) -> TimeDelta {
        match self {
            Self::Today => TimeDelta::minutes(30),
            Self::Week => TimeDelta::hours(6),
            Self::Month => TimeDelta::days(1),
        }
    }

    /// When what it is compared with was: a week or a month earlier.
    fn earlier(self) -> TimeDelta {
        TimeDelta::days(if self == Self::Month { 30 } else { 7 })
    }
}

/// How far the flows of a time have come: each number is a part of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Funnel {
    /// Started.
    pub started: u64,
    /// A gateway accepted a message.
    pub accepted: u64,
    /// The link was opened.
    pub opened: u64,
    /// The signer signed.
    pub signed: u64,
    /// The signer was authenticated.
    pub passed: u64,
    /// Completed.
    pub completed: u64,
}

impl Funnel {
    /// Its steps in order.
    pub fn steps(&self) -> [u64; 6] {
        [self.started, self.accepted, self.opened, self.signed, self.passed, self.completed]
    }
}

/// The same time a week or a month earlier, as it stood after as long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// Started.
    pub started: u64,
    /// Completed by then.
    pub completed: u64,
}

/// A piece of the time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// When it begins.
    pub at: DateTime<Utc>,
    /// Flows started in it, by scene, in the order of the vocabulary.
    pub started: [u64; Scene::ALL.len()],
    /// How long the completed ones of them took, by auth type, in the order of the vocabulary: the median, in seconds.
    pub median_seconds: [Option<f64>; AuthType::ALL.len()],
}

/// What the console's first page shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// How far back it looks.
    pub span: Span,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when: now.
    pub to: DateTime<Utc>,
    /// How far the flows have come.
    pub funnel: Funnel,
    /// What it is compared with.
    pub earlier: Earlier,
    /// How they stand; every status, in the order of the vocabulary.
    pub by_status: Vec<(FlowStatus, u64)>,
    /// Half of the completed ones took no longer, in seconds.
    pub median_seconds: Option<f64>,
    /// Nine of ten of them took no longer, in seconds.
    pub ninth_seconds: Option<f64>,
    /// Of those who were to have a message, how many had one that a gateway accepted, as a fraction of one.
    pub sms_accepted_rate: Option<f64>,
    /// Piece by piece, without gaps.
    pub slots: Vec<Slot>,
    /// How long a piece is.
    pub step: TimeDelta,
    /// The SMS gateways, in the order in which they are tried.
    pub gateways: Vec<GatewayFigures>,
}

/// Reads the overview, of all clients or of one; of many flows as it was a moment ago.
pub async fn overview(app: &App, caller: &Caller, span: Span, client: Option<ClientId>) -> Result<Overview> {
    caller.require(Operation::FlowStats)?;
    let now = app.now();
    let from = day_of(now) - TimeDelta::days(span.days_before());
    let key = (caller.tenant(), client, span);
    app.overviews.or_made(key, (from, now), worked_out(app, caller, (from, span), client)).await
}

async fn worked_out(
    app: &App,
    caller: &Caller,
    (from, span): (DateTime<Utc>, Span),
    client: Option<ClientId>,
) -> Result<Overview> {
    let (to, step) = (app.now(), span.step());
    let question = Question { from, to, scene: None, client };
    let cohort = Cohort::of(caller, question, (from, step));
    let groups = cohort.groups(app).await?;
    let whole = cohort.time_to_complete(app).await?;
    Ok(Overview {
        span,
        from,
        to,
        funnel: funnel(&groups, cohort.opened(app).await?),
        earlier: earlier(app, caller, question, span.earlier()).await?,
        by_status: cohort::by_status(&groups),
        median_seconds: whole.as_ref().map(|times| times.median),
        ninth_seconds: whole.as_ref().map(|times| times.ninth),
        sms_accepted_rate: rate(sum(&groups, |group| group.accepted), sum(&groups, |group| group.texted)),
        slots: slots(app, &cohort, &groups, (from, to, step)).await?,
        step,
        gateways: gateways::figures(app, from, to).await?,
    })
}

fn sum(groups: &[Group], figure: impl Fn(&Group) -> u64) -> u64 {
    groups.iter().map(figure).sum()
}

fn funnel(groups: &[Group], opened: u64) -> Funnel {
    let completed = groups.iter().filter(|group| group.status == FlowStatus::Completed);
    Funnel {
        started: sum(groups, |group| group.started),
        accepted: sum(groups, |group| group.accepted),
        opened,
        signed: sum(groups, |group| group.signed),
        passed: sum(groups, |group| group.passed),
        completed: completed.map(|group| group.started).sum(),
    }
}

async fn earlier(app: &App, caller: &Caller, now: Question, by: TimeDelta) -> Result<Earlier> {
    let then = Question { from: now.from - by, to: now.to - by, ..now };
    let cohort = Cohort::of(caller, then, (then.from, by));
    let (started, completed) = cohort.completed_by(app, then.to).await?;
    Ok(Earlier { started, completed })
}

async fn slots(
    app: &App,
    cohort: &Cohort,
    groups: &[Group],
    (from, to, step): (DateTime<Utc>, DateTime<Utc>, TimeDelta),
) -> Result<Vec<Slot>> {
    let begins = std::iter::successors(Some(from), |at| Some(*at + step)).take_while(|at| *at <= to);
    let mut slots: Vec<Slot> = begins
        .map(|at| Slot { at, started: [0; Scene::ALL.len()], median_seconds: [None; AuthType::ALL.len()] })
        .collect();
    for group in groups {
        let scene = Scene::ALL.iter().position(|scene| *scene == group.scene);
        if let (Some(slot), Some(scene)) = (slots.get_mut(group.slot), scene) {
            slot.started[scene] += group.started;
        }
    }
    for times in cohort.times_to_complete(app).await? {
        let kind = AuthType::ALL.iter().position(|kind| *kind == times.auth_type);
        if let (Some(slot), Some(kind)) = (slots.get_mut(times.slot), kind) {
            slot.median_seconds[kind] = Some(times.median);
        }
    }
    Ok(slots)
}
