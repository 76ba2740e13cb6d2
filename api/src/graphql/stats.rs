//! Figures about flows.

use async_graphql::{Context, Object, SimpleObject};
use esign_domain::flow::stats::{self, Point, Question};

use super::{
    access::{app, caller},
    error::ApiResult,
    scalar::Moment,
    terms::{FlowStatus, Scene},
};

/// The flows that were started within a time, and what has become of them by now.
#[derive(Clone, Debug, SimpleObject)]
pub struct FlowStats {
    /// How many were started.
    started: i32,
    /// How they stand now: every status once.
    by_status: Vec<StatusCount>,
    /// Of the completed ones, from start to completion; null when none was completed.
    median_seconds_to_complete: Option<f64>,
    /// How many had an SMS that a gateway accepted, of those who were to have one: from 0 to 1; null when none was to.
    sms_accepted_rate: Option<f64>,
    /// Hour by hour for up to three days, day by day (in China) beyond; without gaps.
    series: Vec<StatsPoint>,
}

/// How many flows stand in a status.
#[derive(Clone, Debug, SimpleObject)]
pub struct StatusCount {
    /// The status.
    status: FlowStatus,
    /// How many.
    count: i32,
}

/// The flows that were started within an hour or a day.
#[derive(Clone, Debug, SimpleObject)]
pub struct StatsPoint {
    /// When the hour or day begins.
    at: Moment,
    /// How many were started.
    started: i32,
    /// How many of them have been completed by now.
    completed: i32,
    /// How many of them have ended otherwise by now.
    failed: i32,
}

impl From<Point> for StatsPoint {
    fn from(point: Point) -> Self {
        Self {
            at: point.at.into(),
            started: int(point.started),
            completed: int(point.completed),
            failed: int(point.failed),
        }
    }
}

impl From<stats::FlowStats> for FlowStats {
    fn from(stats: stats::FlowStats) -> Self {
        let of_status = |(status, count): (esign_domain::terms::FlowStatus, u64)| StatusCount {
            status: status.into(),
            count: int(count),
        };
        Self {
            started: int(stats.started),
            by_status: stats.by_status.into_iter().map(of_status).collect(),
            median_seconds_to_complete: stats.median_seconds,
            sms_accepted_rate: stats.sms_accepted_rate,
            series: stats.series.into_iter().map(Into::into).collect(),
        }
    }
}

/// GraphQL's integers have 32 bits.
fn int(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// What may be asked about many flows together.
#[derive(Default)]
pub struct StatsQuery;

/// What may be asked about many flows together.
#[Object]
impl StatsQuery {
    /// Figures about the flows that were started within a time, at most 400 days long. Scope: flows:read.
    async fn flow_stats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Started then or later.")] from: Moment,
        #[graphql(desc = "Started before then.")] to: Moment,
        #[graphql(desc = "Only of this scene.")] scene: Option<Scene>,
    ) -> ApiResult<FlowStats> {
        let question = Question { from: from.0, to: to.0, scene: scene.map(Into::into), client: None };
        Ok(stats::flow_stats(app(ctx), caller(ctx)?, question).await?.into())
    }
}
