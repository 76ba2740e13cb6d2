//! A flame graph of the server under load, and the functions in which it spends its own time.

use std::{path::Path, time::Duration};

use tokio::process::Command;

use crate::{Failure, ask::Ask, drive, postgres, say, server::Jobs, settings::Settings, start::World};

/// Draws it into a file.
pub async fn draw(settings: &Settings, what: &str, file: &Path) -> Result<(), Failure> {
    let world = World::make(settings, &[]).await?;
    let template = world.template(settings).await?;
    let ask = match what {
        "start" => Ask::Start,
        "read" => {
            template.multiply(&postgres::connect(&world.url).await?, settings.flows).await?;
            Ask::Read(settings.flows)
        }
        unknown => return Err(format!("no flame graph of '{unknown}': start or read")),
    };
    let server = world.serve(settings, Jobs::Left).await?;
    let samples = world.folder.path().join("perf.data");
    let record = async {
        tokio::time::sleep(settings.warm_up).await;
        let seconds = settings.window.saturating_sub(Duration::from_secs(1)).as_secs();
        // This machine's processors have no counters of their own to give away: the kernel's clock is sampled.
        let record = format!(
            "perf record --quiet --event cpu-clock --freq 499 --call-graph dwarf,16384 --output {} --pid {} -- sleep {seconds}",
            samples.display(),
            server.pid
        );
        shell(&record).await
    };
    let (load, recorded) =
        tokio::join!(drive::measure(settings, &server, Some(&world.postgres), ask, drive::numbers()), record);
    load.and(recorded)?;
    server.end().await?;
    let (from, to) = (samples.display(), file.display());
    say(&shell(&format!(
        "perf report --input {from} --no-children --no-inline --call-graph none --sort symbol --percent-limit 0.6 --stdio 2>/dev/null | grep '%'"
    ))
    .await?);
    shell(&format!(
        "perf script --input {from} --no-inline 2>/dev/null | inferno-collapse-perf | inferno-flamegraph \
         --title 'esign serve: {what}' --minwidth 0.4 --width 1600 > {to}"
    ))
    .await?;
    world.end().await
}

async fn shell(line: &str) -> Result<String, Failure> {
    let output = Command::new("bash").args(["-o", "pipefail", "-c", line]).output().await;
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{line}: {}", String::from_utf8_lossy(&output.stderr)))
}
