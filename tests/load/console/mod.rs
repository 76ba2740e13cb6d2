//! The console's lists and figures with few flows and with many, in one run: what a page asks must not depend on how many
//! there are.
//!
//! Both databases lie on one server. Each [`questions::Question`] is asked of them in turn, many times, of other flows each
//! time, as a verb in this process; what a page adds to that does not depend on the number of flows.

mod copy;
mod questions;
mod seed;
mod story;

use std::{path::Path, sync::Arc, time::Instant};

use esign_domain::App;
use serde_json::json;
use tempfile::TempDir;

use crate::{Failure, postgres::Postgres, report::Report, sample::percentile, settings::Settings};

use questions::{ALL, Known, Question};

/// So many flows are few.
const FEW: u64 = 10_000;
/// So many are many.
const MANY: u64 = 1_000_000;
/// How often each question is asked of each database, after as many as warm it up.
const TIMES: usize = 60;
const WARM_UP: usize = 10;

/// Fills a database that stays, with the keys in a folder that stays.
pub async fn seed_for_later(folder: &Path, url: &str, count: u64) -> Result<(), Failure> {
    seed::seed(folder, url, count).await.map(drop)
}

/// Fills two databases and measures them.
pub async fn measure(settings: &Settings, report: &mut Report) -> Result<(), Failure> {
    let postgres = Postgres::start(settings, &[]).await?;
    let folder = TempDir::with_prefix("esign-load-").map_err(|error| error.to_string())?;
    let mut sides = Vec::new();
    for (name, count) in [("few", FEW), ("many", MANY)] {
        let url = postgres.create(&format!("esign_load_{name}")).await?;
        let platform = seed::seed(&folder.path().join(name), &url, count).await?;
        sides.push((url, platform.app));
    }
    report.section("The console");
    report.line(&format!("{}. {FEW} flows beside {MANY}.\n", postgres.words));
    compare(report, &sides[0].1, &sides[1].1).await?;
    for (url, app) in sides {
        app.db.write().clone().close().await.map_err(|error| error.to_string())?;
        postgres.drop(&url).await?;
    }
    postgres.end().await
}

/// Measures two databases that were filled before, each with the folder of its keys.
pub async fn measure_known(report: &mut Report, sides: [(&str, &str); 2]) -> Result<(), Failure> {
    let [few, many] = sides;
    let few = seed::platform(few.1.as_ref(), few.0).await?.app;
    let many = seed::platform(many.1.as_ref(), many.0).await?.app;
    report.section("The console");
    compare(report, &few, &many).await
}

async fn compare(report: &mut Report, few: &Arc<App>, many: &Arc<App>) -> Result<(), Failure> {
    let sides = [(few, Known::of(few).await?), (many, Known::of(many).await?)];
    report.line("| | few, p50 ms | p95 | many, p50 ms | p95 | p95, many beside few |\n|---|---|---|---|---|---|");
    for question in ALL {
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..WARM_UP + TIMES {
            for (side, (app, known)) in sides.iter().enumerate() {
                let began = Instant::now();
                question.ask(app, known, round).await?;
                if round >= WARM_UP {
                    times[side].push(began.elapsed().as_secs_f64() * 1e3);
                }
            }
        }
        told(report, *question, times);
    }
    Ok(())
}

fn told(report: &mut Report, question: Question, mut times: [Vec<f64>; 2]) {
    for side in &mut times {
        side.sort_by(f64::total_cmp);
    }
    let [(few, few_most), (many, many_most)] =
        times.each_ref().map(|side| (percentile(side, 0.5), percentile(side, 0.95)));
    let (name, ratio) = (question.name(), many_most / few_most);
    report.line(&format!("| {name} | {few:.1} | {few_most:.1} | {many:.1} | {many_most:.1} | {ratio:.1} |"));
    report
        .figure(&format!("console {name}"), json!({"few": [few, few_most], "many": [many, many_most], "ratio": ratio}));
}
