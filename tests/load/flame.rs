//! Where the time goes: a flame graph of the server under load, the functions in which it spends it, and the statements it
//! sends. Needs `perf`, `inferno-collapse-perf` and `inferno-flamegraph`, and an executable with its symbols.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    time::Duration,
};

use tokio::process::Command;

use crate::{
    Failure,
    ask::Ask,
    drive,
    postgres::{self, all, run},
    say,
    server::Jobs,
    settings::Settings,
    start::World,
};

/// What pg_stat_statements counts, an operation; the transactions' own words are statements to it as well.
const STATEMENTS: &str = "select to_char(calls::numeric / {operations}, '990.00') || ' x ' || \
    to_char(total_exec_time * 1000 / {operations}, '9990') || ' µs  ' || left(regexp_replace(query, '\\s+', ' ', 'g'), 150) \
    from pg_stat_statements where calls > {operations} / 50 order by calls desc, total_exec_time desc";

/// What the names of functions hold that say what is done; others only say how it is called.
const TELLING: [&str; 11] = [
    "esign_",
    "sqlx",
    "sea_orm",
    "sea_query",
    "graphql",
    "hyper",
    "jsonwebtoken",
    "aws_lc",
    "serde",
    "malloc",
    "__x64_sys",
];

/// Draws it into a file.
pub async fn draw(settings: &Settings, what: &str, file: &Path) -> Result<(), Failure> {
    let extra = ["shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_planning=off"];
    let world = World::make(settings, &extra).await?;
    let template = world.template(settings).await?;
    let connection = postgres::connect(&world.url).await?;
    run(&connection, "create extension pg_stat_statements").await?;
    template.multiply(&connection, settings.flows).await?;
    let ask = match what {
        "start" => Ask::Start,
        "read" => Ask::Read(settings.flows),
        unknown => return Err(format!("no flame graph of '{unknown}': start or read")),
    };
    let server = world.serve(settings, Jobs::Left).await?;
    let samples = world.folder.path().join("perf.data");
    let record = async {
        tokio::time::sleep(settings.warm_up).await;
        run(&connection, "select pg_stat_statements_reset()").await?;
        let seconds = settings.window.saturating_sub(Duration::from_secs(1)).as_secs();
        // The kernel's clock is sampled: a virtual processor may have no counters of its own. Stacks of futures are deep.
        shell(&format!(
            "perf record --quiet --event cpu-clock --freq 199 --call-graph dwarf,65528 --output {} --pid {} -- sleep {seconds}",
            samples.display(),
            server.pid
        ))
        .await
    };
    let (load, recorded) =
        tokio::join!(drive::measure(settings, &server, Some(&world.postgres), ask, drive::numbers()), record);
    recorded?;
    let operations = load?.operations;
    server.end().await?;
    say(&format!("\nStatements an operation ({operations} operations):"));
    for line in all(&connection, &STATEMENTS.replace("{operations}", &operations.to_string())).await? {
        say(&line);
    }
    let folded = world.folder.path().join("folded");
    let (from, between, to) = (samples.display(), folded.display(), file.display());
    shell(&format!("perf script --input {from} --no-inline 2>/dev/null | inferno-collapse-perf > {between}")).await?;
    tell(&std::fs::read_to_string(&folded).map_err(|error| error.to_string())?);
    let title = format!("--title 'esign serve: {what}' --minwidth 0.4 --width 1600");
    shell(&format!("inferno-flamegraph {title} {between} > {to}")).await?;
    world.end().await
}

/// Tells the functions that have most: by themselves, and with all they call.
fn tell(folded: &str) {
    let (mut own, mut whole, mut all) = (HashMap::new(), HashMap::new(), 0);
    for line in folded.lines() {
        let Some((stack, count)) = line.rsplit_once(' ') else { continue };
        let count: u64 = count.parse().unwrap_or_default();
        all += count;
        *own.entry(stack.rsplit(';').next().unwrap_or_default()).or_default() += count;
        for function in stack.split(';').collect::<BTreeSet<_>>() {
            *whole.entry(function).or_default() += count;
        }
    }
    whole.retain(|function, _| TELLING.iter().any(|word| function.contains(word)));
    list("By itself:", own, all, 30);
    list("With all it calls:", whole, all, 60);
}

fn list(title: &str, counts: HashMap<&str, u64>, all: u64, longest: usize) {
    say(&format!("\n{title}"));
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (function, count) in counts.into_iter().take(longest) {
        say(&format!("{:3}.{} %  {function:.160}", count * 100 / all, count * 1_000 / all % 10));
    }
}

async fn shell(line: &str) -> Result<(), Failure> {
    let output = Command::new("bash").args(["-o", "pipefail", "-c", line]).output().await;
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{line}: {}", String::from_utf8_lossy(&output.stderr)))
}
