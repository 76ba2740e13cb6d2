//! Figures about flows: how many there were, what became of them, how long it took.
//!
//! A figure is always about a **cohort**: the flows that were started within a time. "Completed: 961" says how many of them
//! have been completed by now, so the figures of one answer add up, and a chart and its table can't disagree. What a cohort
//! costs is what lies in its time, however many flows there are besides.
//!
//! A day is a day in China, wherever the process runs.

use chrono::{DateTime, FixedOffset, NaiveTime, TimeDelta, Utc};

use crate::{
    App, Caller,
    caller::Operation,
    error::{Error, FieldProblem, Result},
    ids::ClientId,
    terms::{FlowStatus, Scene},
};

mod cohort;
mod gateways;
mod kept;
mod overview;

pub use gateways::GatewayFigures;
pub use kept::Kept;
pub use overview::{Earlier, Funnel, Overview, Slot, Span, overview};

use cohort::Cohort;

/// China has one time zone and no summer time.
const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours");
/// The longest time one may ask about.
const LONGEST: TimeDelta = TimeDelta::days(400);
/// Up to so long a series has a point an hour, beyond a point a day.
const BY_HOUR: TimeDelta = TimeDelta::days(3);

/// Which flows are meant.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Started at or after.
    pub from: DateTime<Utc>,
    /// Started before.
    pub to: DateTime<Utc>,
    /// Of this scene; none: of all.
    pub scene: Option<Scene>,
    /// Of this client; none: of all that the caller may see.
    pub client: Option<ClientId>,
}

/// The flows started within a time.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowStats {
    /// How many.
    pub started: u64,
    /// How they stand now; every status, in the order of the vocabulary.
    pub by_status: Vec<(FlowStatus, u64)>,
    /// Of the completed ones, from start to completion; none: none was completed.
    pub median_seconds: Option<f64>,
    /// How many of a hundred had a message that a gateway accepted, as a fraction of one; none: none was to have any.
    pub sms_accepted_rate: Option<f64>,
    /// Hour by hour or day by day, without gaps.
    pub series: Vec<Point>,
}

/// The flows started within an hour or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// When it begins.
    pub at: DateTime<Utc>,
    /// How many were started.
    pub started: u64,
    /// How many of them have been completed.
    pub completed: u64,
    /// How many of them have ended otherwise.
    pub failed: u64,
}

/// The verb behind `flowStats`.
pub async fn flow_stats(app: &App, caller: &Caller, question: Question) -> Result<FlowStats> {
    caller.require(Operation::FlowStats)?;
    check(&question)?;
    let (from, to) = (question.from, question.to);
    let (origin, step) =
        if to - from <= BY_HOUR { (hour_of(from), TimeDelta::hours(1)) } else { (day_of(from), TimeDelta::days(1)) };
    let cohort = Cohort::of(caller, question, (origin, step));
    let groups = cohort.groups(app).await?;
    let mut series = empty_series(origin, to, step);
    for group in &groups {
        let Some(point) = series.get_mut(group.slot) else { continue };
        point.started += group.started;
        match group.status {
            FlowStatus::Completed => point.completed += group.started,
            status if status.is_terminal() => point.failed += group.started,
            _ => {}
        }
    }
    let started = groups.iter().map(|group| group.started).sum();
    let texted = groups.iter().map(|group| group.texted).sum();
    Ok(FlowStats {
        started,
        by_status: cohort::by_status(&groups),
        median_seconds: cohort.time_to_complete(app).await?.map(|times| times.median),
        sms_accepted_rate: rate(groups.iter().map(|group| group.accepted).sum(), texted),
        series,
    })
}

fn check(question: &Question) -> Result<()> {
    let problem =
        |problem: &str| Err(Error::InvalidArgument(vec![FieldProblem { path: "to".into(), problem: problem.into() }]));
    if question.to <= question.from {
        return problem("must be after from");
    }
    if question.to - question.from > LONGEST {
        return problem("at most 400 days after from");
    }
    Ok(())
}

fn empty_series(origin: DateTime<Utc>, to: DateTime<Utc>, step: TimeDelta) -> Vec<Point> {
    let points = std::iter::successors(Some(origin), |at| Some(*at + step)).take_while(|at| *at < to);
    points.map(|at| Point { at, started: 0, completed: 0, failed: 0 }).collect()
}

/// A part of a whole; none when there is no whole.
#[expect(clippy::cast_precision_loss, reason = "nobody starts 2^53 flows")]
fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// When the day of this moment began in China.
pub fn day_of(moment: DateTime<Utc>) -> DateTime<Utc> {
    let day = moment.with_timezone(&CHINA).date_naive().and_time(NaiveTime::MIN);
    day.and_local_timezone(CHINA).single().expect("an offset has no gaps").to_utc()
}

fn hour_of(moment: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = moment.timestamp();
    DateTime::from_timestamp(seconds - seconds.rem_euclid(3600), 0).expect("an hour before a moment is one")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for (moment, day) in [
            ("2026-11-24T15:59:59.999999Z", "2026-11-23T16:00:00Z"),
            ("2026-11-24T16:00:00Z", "2026-11-24T16:00:00Z"),
            ("2026-11-25T03:20:00Z", "2026-11-24T16:00:00Z"),
        ] {
            assert_eq!(day_of(at(moment)), at(day), "{moment}");
        }
        assert_eq!(hour_of(at("2026-11-25T03:20:00Z")), at("2026-11-25T03:00:00Z"));
    }

    #[test]
    fn a_series_has_no_gaps_and_ends_before_its_end() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let series = empty_series(at("2026-11-25T00:00:00Z"), at("2026-11-25T03:00:00Z"), TimeDelta::hours(1));
        assert_eq!(series.iter().map(|point| point.at.timestamp() % 86_400 / 3600).collect::<Vec<_>>(), [0, 1, 2]);
    }
}
