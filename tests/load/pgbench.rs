//! PostgreSQL alone: pgbench with a script of our own, measured in the same way as the server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
};
use url::Url;

use crate::{
    Failure, cpu,
    postgres::{self, Postgres},
    sample::Sample,
    settings::Settings,
    template::{self, Template, Value},
};

/// A script of pgbench.
pub struct Script(PathBuf);

/// Where the numbers of the next run's flows begin: no two runs may meet.
static NEXT: AtomicU64 = AtomicU64::new(template::FIRST + SPAN);
/// Far more than the flows of a run.
const SPAN: u64 = 100_000_000_000;

impl Script {
    /// The rows of one flow, a statement each, in a transaction.
    pub fn inserts(folder: &Path, template: &Template) -> Result<Self, Failure> {
        let statements = template.inserts(&word).join(";\n");
        Self::write(folder, "inserts.sql", &format!("{FRESH}begin;\n{statements};\ncommit;\n"))
    }

    /// The same rows by one statement.
    pub fn one_statement(folder: &Path, template: &Template) -> Result<Self, Failure> {
        Self::write(folder, "one_statement.sql", &format!("{FRESH}{};\n", template.as_one_statement(&word)))
    }

    /// A flow by its id, all of its columns.
    pub fn select(folder: &Path, template: &Template, flows: u64) -> Result<Self, Failure> {
        let columns = template.columns_of("sign_flow").join(", ");
        let id = template::in_postgres(&Value::Id(0), ":no::bigint");
        let sql = format!(
            "\\set no {} + random(0, {flows} - 1)\nselect {columns} from sign_flow where id = {id};\n",
            template::FIRST
        );
        Self::write(folder, "select.sql", &sql)
    }

    fn write(folder: &Path, name: &str, text: &str) -> Result<Self, Failure> {
        let file = folder.join(name);
        fs::write(&file, text).map_err(|error| error.to_string())?;
        Ok(Self(file))
    }

    /// Runs it for a window, and measures.
    pub async fn measure(&self, settings: &Settings, postgres: &Postgres, url: &str) -> Result<Sample, Failure> {
        postgres.checkpoint().await?;
        let mut bench = self.spawn(settings, url)?;
        let pid = bench.id().ok_or("pgbench ended at once")?;
        let mut lines = BufReader::new(bench.stderr.take().ok_or("pgbench has no stderr")?).lines();
        for _ in 0..settings.warm_up.as_secs() {
            progress(&mut lines).await?;
        }
        let (began, used, client) = (Instant::now(), postgres.used()?, cpu::used(pid)?);
        let mut operations = 0.0;
        let mut last = began;
        for _ in 0..settings.window.as_secs() {
            let rate = progress(&mut lines).await?;
            operations += rate * last.elapsed().as_secs_f64();
            last = Instant::now();
        }
        let sample = Sample {
            operations,
            seconds: began.elapsed().as_secs_f64(),
            server: 0.0,
            workers: 0.0,
            postgres: postgres.used()? - used,
            client: cpu::used(pid)?.since(client).all(),
        };
        finish(bench, lines).await?;
        Ok(sample)
    }

    fn spawn(&self, settings: &Settings, url: &str) -> Result<Child, Failure> {
        let url = Url::parse(url).map_err(|error| error.to_string())?;
        let seconds = settings.warm_up + settings.window + Duration::from_secs(2);
        let mut command = Command::new(postgres::programs()?.join("pgbench"));
        command
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=1", "--progress=1"])
            .arg(format!("--client={}", settings.connections))
            .arg(format!("--time={}", seconds.as_secs()))
            .arg(format!("--define=base={}", NEXT.fetch_add(SPAN, Ordering::Relaxed)))
            .arg("--define=turn=0")
            .arg("--file")
            .arg(&self.0)
            .args(["--host", url.host_str().unwrap_or("127.0.0.1"), "--username", url.username()])
            .arg(format!("--port={}", url.port().unwrap_or(5432)))
            .arg(url.path().trim_start_matches('/'))
            .envs(url.password().map(|password| ("PGPASSWORD", password)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command.spawn().map_err(|error| format!("pgbench: {error}"))
    }
}

/// A number for each flow, of 16 digits: clients count by themselves and don't meet.
const FRESH: &str = "\\set turn :turn + 1\n\\set no :base + :turn * 1000 + :client_id\n";

fn word(value: &Value) -> String {
    match value {
        Value::Literal(literal) => without_colons(literal),
        Value::Number(head) => template::in_postgres(&Value::Number(head.replace(':', "_")), ":no::bigint"),
        other => template::in_postgres(other, ":no::bigint"),
    }
}

/// pgbench would take a colon for the beginning of a variable, also within quotes.
fn without_colons(literal: &str) -> String {
    match literal.strip_prefix('E').unwrap_or(literal).strip_prefix('\'') {
        Some(quoted) => format!("E'{}", quoted.replace(':', "\\x3A")),
        None => literal.to_owned(),
    }
}

/// Waits for the next line of progress, which comes once a second; gives the rate it tells.
async fn progress(lines: &mut Lines<BufReader<ChildStderr>>) -> Result<f64, Failure> {
    let mut said = Vec::new();
    while let Some(line) = lines.next_line().await.map_err(|error| error.to_string())? {
        if let Some(rest) = line.strip_prefix("progress: ") {
            let rate = rest.split(", ").nth(1).and_then(|tps| tps.strip_suffix(" tps")?.parse().ok());
            return rate.ok_or(line);
        }
        said.push(line);
    }
    Err(format!("pgbench ended early: {:.1000}", said.join(" ")))
}

async fn finish(mut bench: Child, mut lines: Lines<BufReader<ChildStderr>>) -> Result<(), Failure> {
    let mut said = Vec::new();
    while let Some(line) = lines.next_line().await.map_err(|error| error.to_string())? {
        said.push(line);
    }
    let status = bench.wait().await.map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("pgbench failed: {:.1000}", said.join(" "))) }
}
