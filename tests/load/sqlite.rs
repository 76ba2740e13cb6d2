//! A start on SQLite beside a bare transaction of the same inserts, in a loop that does nothing else.

use std::time::{Duration, Instant};

use sea_orm::sqlx::{self, AssertSqlSafe, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use crate::{
    Failure,
    ask::{self, Ask},
    cpu, drive, postgres,
    report::{Report, Side},
    sample::Sample,
    say,
    server::{Jobs, Server},
    settings::Settings,
    template::{FIRST, Template, Value},
};

/// Measures it.
pub async fn measure(settings: &Settings, report: &mut Report) -> Result<(), Failure> {
    let folder = TempDir::with_prefix("esign-load-").map_err(|error| error.to_string())?;
    let file = folder.path().join("data/esign.sqlite");
    let number = drive::numbers();
    let server = Server::start(settings, folder.path(), None, Jobs::Left).await?;
    drive::once(&server, Ask::Start, number, 0).await?;
    server.end().await?;
    let known = postgres::connect(&format!("sqlite://{}", file.display())).await?;
    let template = Template::read(&known, &ask::flow_no(number)).await?;
    known.close().await.map_err(|error| error.to_string())?;
    report.section("Starting a flow on SQLite");
    report.line("WAL, synchronous FULL, one writer.\n");
    let (mut bare, mut start) = (vec![], vec![]);
    for round in 1..=settings.rounds {
        say(&format!("  round {round}"));
        bare.push(bare_window(settings, &file, &template, round as u64).await?);
        let server = Server::start(settings, folder.path(), None, Jobs::Left).await?;
        start.push(drive::measure(settings, &server, None, Ask::Start, drive::numbers()).await?);
        server.end().await?;
    }
    report.sides(
        "sqlite",
        &[
            Side { name: "a bare transaction, one after the other", samples: &bare },
            Side { name: "startSignFlow", samples: &start },
        ],
    );
    Ok(())
}

async fn bare_window(
    settings: &Settings,
    file: &std::path::Path,
    template: &Template,
    round: u64,
) -> Result<Sample, Failure> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(15))
        .pragma("journal_mode", "WAL")
        .pragma("synchronous", "FULL");
    let mut connection = SqliteConnection::connect_with(&options).await.map_err(|error| error.to_string())?;
    let inserts = template.inserts(&word);
    let mut number = FIRST + round * 1_000_000_000;
    until(&mut connection, &inserts, &mut number, settings.warm_up).await?;
    let (began, used) = (Instant::now(), cpu::used(std::process::id())?);
    let operations = until(&mut connection, &inserts, &mut number, settings.window).await?;
    let used = cpu::used(std::process::id())?.since(used).own;
    let seconds = began.elapsed().as_secs_f64();
    connection.close().await.map_err(|error| error.to_string())?;
    #[expect(clippy::cast_precision_loss, reason = "a few thousands")]
    let operations = operations as f64;
    Ok(Sample { operations, seconds, server: used, workers: 0.0, postgres: 0.0, client: 0.0 })
}

/// Transactions one after the other, for so long; gives how many.
async fn until(
    connection: &mut SqliteConnection,
    inserts: &[String],
    number: &mut u64,
    span: Duration,
) -> Result<u64, Failure> {
    let began = Instant::now();
    let mut count = 0;
    while began.elapsed() < span {
        *number += 1;
        flow(connection, inserts, *number).await.map_err(|error| error.to_string())?;
        count += 1;
    }
    Ok(count)
}

async fn flow(connection: &mut SqliteConnection, inserts: &[String], number: u64) -> Result<(), sqlx::Error> {
    sqlx::query("begin immediate").execute(&mut *connection).await?;
    let hash = [number.to_be_bytes(); 4].concat();
    for insert in inserts {
        let mut query = sqlx::query(AssertSqlSafe(insert.as_str())).bind(number.to_string()).bind(hash.clone());
        for row in 0..inserts.len() as u64 {
            query = query.bind(u128::from(number * 100 + row).to_be_bytes().to_vec());
        }
        query.execute(&mut *connection).await?;
    }
    sqlx::query("commit").execute(connection).await?;
    Ok(())
}

/// Parameters: the number, the hash, then the ids.
fn word(value: &Value) -> String {
    match value {
        Value::Literal(literal) => literal.clone(),
        Value::Id(row) => format!("?{}", row + 3),
        Value::Number(head) => format!("'{head}' || ?1"),
        Value::Hash => "?2".into(),
        Value::After(seconds) => format!("datetime('now', '{seconds} seconds')"),
    }
}
