//! The console with few flows and with many, in one run: what a page asks must not depend on how many there are.
//!
//! Both databases lie on one server. Each [`pages::Page`] is asked for as staff ask, of a server on either database in
//! turn, many times, by another flow each time; then each [`questions::Question`] as a verb in this process, to see
//! what of a page is whose.

mod beside;
mod copy;
mod desk;
mod known;
mod likeness;
mod model;
mod pages;
mod platform;
mod questions;
mod seed;
mod story;
mod subject;

use std::{path::Path, sync::Arc, time::Instant};

use esign_domain::App;
use serde_json::json;
use tempfile::TempDir;

use crate::{Failure, postgres::Postgres, report::Report, sample::percentile, settings::Settings};

use desk::Desk;
use known::Known;

/// So many flows are few.
const FEW: u64 = 10_000;
/// So many are many.
const MANY: u64 = 1_000_000;
/// How often each question is asked of each database, after as many as warm it up.
const TIMES: usize = 120;
const WARM_UP: usize = 10;
const HEAD: &str =
    "| | few, p50 ms | p95 | many, p50 ms | p95 | p50, many beside few | p95 |\n|---|---|---|---|---|---|---|";

/// One of the two databases.
struct Side<'a> {
    url: &'a str,
    /// Of its keys.
    folder: &'a Path,
    app: Arc<App>,
    known: Known,
}

/// Fills a database that stays, with the keys in a folder that stays.
pub async fn seed_for_later(folder: &Path, url: &str, count: u64) -> Result<(), Failure> {
    seed::seed(folder, url, count).await.map(drop)
}

/// Fills two databases and measures them.
pub async fn measure(settings: &Settings, report: &mut Report) -> Result<(), Failure> {
    let postgres = Postgres::start(settings, &[]).await?;
    let folder = TempDir::with_prefix("esign-load-").map_err(|error| error.to_string())?;
    let folders = ["few", "many"].map(|name| folder.path().join(name));
    let mut urls = Vec::new();
    for (folder, (name, count)) in folders.iter().zip([("few", FEW), ("many", MANY)]) {
        let url = postgres.create(&format!("esign_load_{name}")).await?;
        seed::seed(folder, &url, count)
            .await?
            .app
            .db
            .write()
            .clone()
            .close()
            .await
            .map_err(|error| error.to_string())?;
        urls.push(url);
    }
    measure_known(settings, report, [(&urls[0], &folders[0]), (&urls[1], &folders[1])]).await?;
    for url in urls {
        postgres.drop(&url).await?;
    }
    postgres.end().await
}

/// Measures two databases that were filled before, few flows first, each with the folder of its keys.
pub async fn measure_known(settings: &Settings, report: &mut Report, sides: [(&str, &Path); 2]) -> Result<(), Failure> {
    let [few, many] = sides;
    let sides = [side(few).await?, side(many).await?];
    report.section("The console");
    pages(settings, report, &sides).await?;
    questions(report, &sides).await?;
    for side in sides {
        side.app.db.write().clone().close().await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

async fn side<'a>((url, folder): (&'a str, &'a Path)) -> Result<Side<'a>, Failure> {
    let app = platform::platform(folder, url).await?.app;
    let known = Known::of(&app).await?;
    Ok(Side { url, folder, app, known })
}

/// The pages, from a server on either.
async fn pages(settings: &Settings, report: &mut Report, sides: &[Side<'_>; 2]) -> Result<(), Failure> {
    report.line(HEAD);
    let mut desks = Vec::new();
    for side in sides {
        desks.push(Desk::open(settings, (side.url, side.folder), &side.app).await?);
    }
    for page in pages::ALL.iter().filter(|page| wanted(page.0)) {
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..WARM_UP + TIMES {
            for at in in_turn(round) {
                let began = Instant::now();
                desks[at].ask(*page, &sides[at].known, round).await?;
                times[at].push(began.elapsed().as_secs_f64() * 1e3);
            }
        }
        told(report, page.0, times);
    }
    for desk in desks {
        desk.close().await?;
    }
    Ok(())
}

/// The verbs behind them, in this process.
async fn questions(report: &mut Report, sides: &[Side<'_>; 2]) -> Result<(), Failure> {
    report.line(&format!("\nThe verbs alone:\n\n{HEAD}"));
    for question in questions::ALL.iter().filter(|question| wanted(&question.name())) {
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..WARM_UP + TIMES {
            for at in in_turn(round) {
                let began = Instant::now();
                question.ask(&sides[at].app, &sides[at].known, round).await?;
                times[at].push(began.elapsed().as_secs_f64() * 1e3);
            }
        }
        told(report, &question.name(), times);
    }
    Ok(())
}

/// Neither always follows the other.
fn in_turn(round: usize) -> [usize; 2] {
    if round.is_multiple_of(2) { [0, 1] } else { [1, 0] }
}

/// Whether a name holds what `ESIGN_LOAD_ONLY` says.
fn wanted(name: &str) -> bool {
    std::env::var("ESIGN_LOAD_ONLY").map_or(true, |only| only.split(',').any(|part| name.contains(part)))
}

fn told(report: &mut Report, name: &str, mut times: [Vec<f64>; 2]) {
    for side in &mut times {
        side.drain(..WARM_UP);
        side.sort_by(f64::total_cmp);
    }
    let [few, many] = times.each_ref().map(|side| [percentile(side, 0.5), percentile(side, 0.95)]);
    let ratios = [many[0] / few[0], many[1] / few[1]];
    report.line(&format!(
        "| {name} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
        few[0], few[1], many[0], many[1], ratios[0], ratios[1]
    ));
    report.figure(&format!("console {name}"), json!({"few": few, "many": many, "ratios": ratios}));
}
