//! The load programme: what a start and a read cost, beside PostgreSQL doing the bare statements in the same run.
//!
//! Who is who. A [`postgres`] server is started for the occasion, with settings as in production; the [`server`] is the
//! built executable on it, asked by [`drive`] over 32 connections ([`http`], [`ask`]). The [`template`] is one real flow,
//! as its rows stand in the database; from it come the scripts with which [`pgbench`] does the same inserts, and as many
//! flows as are wanted to read from. The [`cpu`] clock reads what each side's processes have used. A measurement takes
//! [`sample`]s of both sides in turn; [`report`] writes them down as tables and as JSON.
//!
//! No figure is judged here: figures of one run are compared with each other, in `docs/PERFORMANCE.md`, which also says
//! how to read them.
//!
//! `cargo run --release -p esign-tests --example load [-- MEASUREMENT…]`, after a release build; all, if none is named:
//!
//! | measurement | what |
//! |---|---|
//! | `idle` | time to ready, memory |
//! | `start` | startSignFlow beside the bare inserts; with the jobs that follow, too |
//! | `read` | a flow by id beside the bare select; a repeated start; a list of 20 |
//! | `sqlite` | startSignFlow on SQLite beside a bare transaction |
//! | `events` | from commit to a subscriber |
//! | `console` | the console's pages and their verbs with a million flows beside ten thousand; not among all: it fills both first |
//! | `console URL FOLDER URL FOLDER` | the same with two databases that `console-seed` has filled, few flows first |
//! | `console-seed N FOLDER` | no measurement: fills the empty database `ESIGN_LOAD_DATABASE` with N flows of half a year; their keys go to FOLDER |
//! | `seed N` | no measurement: fills the database `ESIGN_LOAD_DATABASE` with N copies of its oldest flow |
//! | `flame start\|read FILE` | no measurement: a flame graph of the server, its functions, its statements |
//!
//! | variable | means | default |
//! |---|---|---|
//! | `ESIGN_EXECUTABLE` | the server's executable | the one built beside this program |
//! | `ESIGN_LOAD_SECONDS` | a measured window | 8 |
//! | `ESIGN_LOAD_ROUNDS` | windows of each side | 3 |
//! | `ESIGN_LOAD_CONNECTIONS` | connections at once | 32 |
//! | `ESIGN_LOAD_FLOWS` | flows that are there before | 20000 |
//! | `ESIGN_LOAD_DATABASE` | `postgres://…` of a server on this machine on which databases may be created | one is started |
//! | `ESIGN_LOAD_ONLY` | of `console`: what is called so, parts of names with commas between | all |
//! | `ESIGN_LOAD_JSON` | a file for the figures as JSON | none |

mod ask;
mod console;
mod cpu;
mod drive;
mod events;
mod flame;
mod http;
mod idle;
mod pgbench;
mod postgres;
mod read;
mod report;
mod sample;
mod server;
mod settings;
mod sqlite;
mod start;
mod template;

use std::{io::Write, process::ExitCode};

use crate::{report::Report, settings::Settings};

/// What went wrong, in words.
pub type Failure = String;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let settings = Settings::from_environment()?;
    let words: Vec<String> = std::env::args().skip(1).collect();
    // One thread for all connections, as pgbench has one: what asks must not take the processors from who answers.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(match runtime.block_on(run(&settings, &words)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("FAILED: {failure}"));
            ExitCode::FAILURE
        }
    })
}

async fn run(settings: &Settings, words: &[String]) -> Result<(), Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["seed", count] => {
            let count = count.parse().map_err(|_| format!("{count} is not a number"))?;
            let url = settings.database.as_ref().ok_or("seed fills a database that stays: ESIGN_LOAD_DATABASE")?;
            template::seed_for_later(url, count).await
        }
        ["console-seed", count, folder] => {
            let count = count.parse().map_err(|_| format!("{count} is not a number"))?;
            let url =
                settings.database.as_ref().ok_or("console-seed fills a database that stays: ESIGN_LOAD_DATABASE")?;
            console::seed_for_later(folder.as_ref(), url, count).await
        }
        ["console", few, few_keys, many, many_keys] => {
            let mut report = Report::new(settings);
            let sides = [(few, few_keys.as_ref()), (many, many_keys.as_ref())];
            console::measure_known(settings, &mut report, sides).await?;
            report.write(settings.json.as_deref())
        }
        ["flame", what, file] => flame::draw(settings, what, file.as_ref()).await,
        [] => measure(settings, &["idle", "start", "read", "sqlite", "events"]).await,
        _ => measure(settings, &words).await,
    }
}

async fn measure(settings: &Settings, measurements: &[&str]) -> Result<(), Failure> {
    let mut report = Report::new(settings);
    for measurement in measurements {
        say(&format!("\n==== {measurement}"));
        match *measurement {
            "idle" => idle::measure(settings, &mut report).await?,
            "start" => start::measure(settings, &mut report).await?,
            "read" => read::measure(settings, &mut report).await?,
            "sqlite" => sqlite::measure(settings, &mut report).await?,
            "events" => events::measure(settings, &mut report).await?,
            "console" => console::measure(settings, &mut report).await?,
            unknown => return Err(format!("no measurement is called '{unknown}'")),
        }
    }
    say(&format!("\n{}", report.markdown()));
    report.write(settings.json.as_deref())
}

fn say(line: &str) {
    // Nobody to tell is no reason to stop.
    drop(writeln!(std::io::stdout(), "{line}"));
}
