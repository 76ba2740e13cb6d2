//! A server that does nothing: how soon it is ready, and how much memory it holds.

use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::{
    Failure, cpu,
    report::{Report, words},
    sample::Spread,
    server::{Jobs, Server},
    settings::Settings,
    start::World,
};

/// Starts after the first one.
const STARTS: usize = 7;
/// How long it has been idle when its memory is read.
const REST: Duration = Duration::from_secs(3);

/// Measures it.
pub async fn measure(settings: &Settings, report: &mut Report) -> Result<(), Failure> {
    let world = World::make(settings, &[]).await?;
    report.section("At rest");
    report.line(
        "| | ready, first start, ms | ready, later starts, ms | memory of the server, MB | of its layout workers, MB |",
    );
    report.line("|---|---|---|---|---|");
    on(settings, report, "PostgreSQL", Some(&world.url)).await?;
    on(settings, report, "SQLite", None).await?;
    world.end().await
}

async fn on(settings: &Settings, report: &mut Report, name: &str, database: Option<&str>) -> Result<(), Failure> {
    let folder = TempDir::with_prefix("esign-load-").map_err(|error| error.to_string())?;
    let mut ready = Vec::new();
    let mut memory = Vec::new();
    for _ in 0..=STARTS {
        let server = Server::start(settings, folder.path(), database, Jobs::Done).await?;
        ready.push(server.ready_after.as_secs_f64() * 1e3);
        if ready.len() <= 3 {
            tokio::time::sleep(REST).await;
            memory.push(cpu::memory(server.pid)?);
        }
        server.end().await?;
    }
    let later = Spread::of(ready[1..].iter().copied());
    let own = Spread::of(memory.iter().map(|(own, _)| *own));
    let below = Spread::of(memory.iter().map(|(_, below)| *below));
    let first = ready[0];
    report.line(&format!("| {name} | {first:.0} | {} | {} | {} |", words(later, 0), words(own, 1), words(below, 0)));
    report.figure(&format!("idle {name}"), json!({"first": first, "later": later, "memory": own, "workers": below}));
    Ok(())
}
