//! The worker: claims, runs, gives back; woken by commits, with a slow timer as the net.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::{sync::watch, task::JoinSet};
use tracing::Instrument;

use super::{Claimed, Job, Outcome, claim, finish, next_due, take_back};
use crate::{App, alert::Alert, db::answered, error::Result};

/// Gaps after an error nobody foresaw, in seconds; the last repeats.
const UNFORESEEN_GAPS: [i64; 6] = [1, 5, 15, 60, 300, 600];
/// How often lapsed leases are looked for.
const LAPSE: Duration = Duration::from_secs(1);
/// How long a worker waits before it tries again to write down what came of a job.
const GIVE_BACK_GAP: Duration = Duration::from_millis(500);
/// How often completed jobs are swept out.
const SWEEP: Duration = Duration::from_mins(10);

/// Runs jobs until `stop` turns true, then lets those in hand finish. With a concurrency of 0 it runs none, and leaves
/// them all to other processes.
pub async fn run_worker(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    if app.settings.jobs.concurrency == 0 {
        // An error says that nobody is left who could tell us to stop.
        drop(stop.wait_for(|stopped| *stopped).await);
        return;
    }
    let mut running = JoinSet::new();
    let (mut lapse, mut sweep) = (tokio::time::interval(LAPSE), tokio::time::interval(SWEEP));
    while !*stop.borrow() {
        while running.try_join_next().is_some() {}
        let free = app.settings.jobs.concurrency.saturating_sub(running.len());
        let claimed =
            if free == 0 { Vec::new() } else { told(claim(&app, free as u64), "jobs can't be claimed").await };
        let (found, has_room) = (!claimed.is_empty(), claimed.len() < free);
        for job in claimed {
            let app = app.clone();
            running.spawn(async move { execute_in_time(&app, job).await });
        }
        if found && has_room {
            continue;
        }
        tokio::select! {
            _ = stop.changed() => {}
            Some(_) = running.join_next(), if !running.is_empty() => {}
            () = app.wake.jobs.notified(), if has_room => {}
            () = until_due(&app), if has_room => {}
            _ = lapse.tick() => drop(told(take_back(&app), "lapsed leases can't be taken back").await),
            _ = sweep.tick() => drop(told(super::forget_finished(&app), "finished jobs can't be swept out").await),
        }
    }
    while running.join_next().await.is_some() {}
}

/// The database's answer, or nothing and a line in the log: whoever asks will ask again.
async fn told<T: Default>(question: impl Future<Output = Result<T>>, trouble: &str) -> T {
    answered(question).await.unwrap_or_else(|error| {
        tracing::error!(%error, source = error.cause(), "{trouble}");
        T::default()
    })
}

async fn until_due(app: &App) {
    let net = Duration::from_millis(app.settings.jobs.poll_milliseconds);
    let due = answered(next_due(app)).await.ok().flatten();
    let wait = due.map_or(net, |due| (due - app.now()).to_std().unwrap_or_default());
    // Never a busy loop, even when a due job can't be claimed.
    tokio::time::sleep(wait.clamp(Duration::from_millis(10), net)).await;
}

/// Runs everything that is due now, one after the other, until nothing is: for tests and for the end of a command.
/// Gives how many ran.
pub async fn drain(app: &App) -> Result<usize> {
    let mut count = 0;
    take_back(app).await?;
    loop {
        let claimed = claim(app, 1).await?;
        let Some(job) = claimed.into_iter().next() else { return Ok(count) };
        execute(app, job).await;
        count += 1;
    }
}

/// A job that waits for an answer that never comes is let go, as a kill would: somebody else has long taken it over.
async fn execute_in_time(app: &App, claimed: Claimed) {
    let leases = u64::try_from(app.settings.jobs.lease_seconds).unwrap_or_default() * 2;
    let (id, kind) = (claimed.id, claimed.kind.clone());
    if tokio::time::timeout(Duration::from_secs(leases), execute(app, claimed)).await.is_err() {
        tracing::error!(job = id, kind, "a job took twice its lease and was let go");
    }
}

async fn execute(app: &App, claimed: Claimed) {
    let span = tracing::info_span!(
        "job",
        kind = claimed.kind,
        job = claimed.id,
        flow = claimed.flow_id.map(tracing::field::display),
        attempt = claimed.attempt
    );
    async {
        let outcome = outcome(app, &claimed).await;
        if let Outcome::Discard(why) = &outcome {
            app.alerts.raise(Alert::JobDiscarded, format_args!("job {} {}: {why}", claimed.id, claimed.kind));
        }
        give_back(app, &claimed, &outcome).await;
    }
    .instrument(span)
    .await;
}

/// Writes down what came of a job. While the database is away this is tried again, for as long as the lease holds: its
/// lapse would cost more time than the outage.
async fn give_back(app: &App, claimed: &Claimed, outcome: &Outcome) {
    let seconds = u128::try_from(app.settings.jobs.lease_seconds).unwrap_or_default();
    let tries = seconds * 1_000 / GIVE_BACK_GAP.as_millis();
    for _ in 0..=tries {
        match finish(app, claimed, outcome).await {
            Ok(true) => return tracing::debug!(?outcome, "job ran"),
            Ok(false) => return tracing::warn!(?outcome, "the lease was lost: somebody else has this job"),
            Err(error) => tracing::warn!(%error, "the job's outcome can't be written yet"),
        }
        tokio::time::sleep(GIVE_BACK_GAP).await;
    }
    tracing::error!(?outcome, "the job's outcome can't be written; its lease will lapse");
}

async fn outcome(app: &App, claimed: &Claimed) -> Outcome {
    let job: Job = match serde_json::from_value(claimed.payload.clone()) {
        Ok(job) => job,
        Err(error) => return Outcome::Discard(format!("unreadable payload: {error}")),
    };
    match job.perform(app).await {
        Ok(outcome) => outcome,
        Err(error) => {
            let source = error.cause();
            tracing::error!(%error, source, "job failed");
            let gap = usize::try_from(claimed.failures).unwrap_or_default().min(UNFORESEEN_GAPS.len() - 1);
            Outcome::Retry(format!("{error} {source}"), jittered(app, UNFORESEEN_GAPS[gap]))
        }
    }
}

fn jittered(app: &App, seconds: i64) -> TimeDelta {
    app.random.jittered(seconds)
}
