//! A PostgreSQL server of this program's own: made for one run, killed as a power cut would, started again on what it left.
//!
//! What was committed must survive, so it runs as a production server would: every commit is on disk before it is
//! answered. The server refuses to run as root; then it is run by the user that Debian's packages make for it.

use std::{
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, getuid, kill_process};
use sea_orm::{ConnectOptions, Database};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{Failure, server::free_address};

/// How long it may take until it takes connections, crash recovery included.
const START: Duration = Duration::from_mins(1);
const PROGRAMS: &str = "/usr/lib/postgresql";
/// What makes a commit survive, said outright; the rest is speed of the start and room for several servers.
const SETTINGS: [&str; 6] = [
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "listen_addresses=127.0.0.1",
    "max_connections=200",
    "shared_buffers=64MB",
];

/// The server and its data folder.
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    log: PathBuf,
    port: String,
    postmaster: Child,
}

impl Postgres {
    /// Makes one and starts it; `log` is the file that everything it says goes to.
    pub async fn start(log: PathBuf) -> Result<Self, Failure> {
        let programs = programs()?;
        // Its user must be able to get there, which it may not to where temporary files of ours are.
        let folder = TempDir::with_prefix_in("esign-crash-postgres-", "/tmp").map_err(words)?;
        let port = free_address()?.rsplit(':').next().unwrap_or_default().to_owned();
        give_away(folder.path()).await?;
        let data = folder.path().join("data");
        let mut initdb = as_somebody(&programs.join("initdb"), folder.path());
        initdb.arg("--pgdata").arg(&data);
        initdb.args(["--username=esign", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
        let made = initdb.output().await.map_err(words)?;
        if !made.status.success() {
            return Err(format!("no database could be made: {}", String::from_utf8_lossy(&made.stderr)));
        }
        let postmaster = run(&programs, folder.path(), &port, &log)?;
        let postgres = Self { programs, folder, log, port, postmaster };
        postgres.ready().await?;
        Ok(postgres)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("postgres://esign@127.0.0.1:{}/postgres", self.port)
    }

    /// All its processes are gone at once. The postmaster is stopped first, so that it sees none of it and starts nothing.
    pub async fn kill(&mut self) -> Result<(), Failure> {
        let postmaster = self.postmaster.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let postmaster = postmaster.ok_or("the database has ended by itself")?;
        kill_process(postmaster, Signal::STOP).map_err(words)?;
        for child in children(postmaster)? {
            // One that has just ended can't be killed.
            let _ = kill_process(child, Signal::KILL);
        }
        self.postmaster.kill().await.map_err(words)
    }

    /// Starts it on what the kill left, and waits until it takes connections.
    pub async fn start_again(&mut self) -> Result<(), Failure> {
        self.postmaster = run(&self.programs, self.folder.path(), &self.port, &self.log)?;
        self.ready().await
    }

    async fn ready(&self) -> Result<(), Failure> {
        let began = Instant::now();
        let mut look = ConnectOptions::new(self.url());
        look.acquire_timeout(Duration::from_millis(250));
        while Database::connect(look.clone()).await.is_err() {
            if began.elapsed() > START {
                return Err(format!("the database takes no connections: see {}", self.log.display()));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Ends it in order, and takes its data away unless they are to be kept.
    pub async fn end(mut self, keep: bool) -> Option<PathBuf> {
        if let Some(pid) = self.postmaster.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))
            && kill_process(pid, Signal::INT).is_ok()
        {
            drop(self.postmaster.wait().await);
        }
        keep.then(|| self.folder.keep())
    }
}

fn run(programs: &Path, folder: &Path, port: &str, log: &Path) -> Result<Child, Failure> {
    let log = OpenOptions::new().create(true).append(true).open(log).map_err(words)?;
    let mut command = as_somebody(&programs.join("postgres"), folder);
    command.arg("-D").arg(folder.join("data")).arg("-k").arg(folder).args(["-p", port]);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command.stdin(Stdio::null()).stdout(log.try_clone().map_err(words)?).stderr(log).kill_on_drop(true);
    command.spawn().map_err(words)
}

/// The processes whose parent this is.
fn children(parent: Pid) -> Result<Vec<Pid>, Failure> {
    let mark = format!("PPid:\t{}", parent.as_raw_nonzero());
    let is_child = |status: &str| status.lines().any(|line| line == mark);
    let processes =
        fs::read_dir("/proc").map_err(words)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let ids = processes.filter_map(|name| name.parse().ok());
    let children = ids.filter(|id: &i32| fs::read_to_string(format!("/proc/{id}/status")).is_ok_and(|s| is_child(&s)));
    Ok(children.filter_map(Pid::from_raw).collect())
}

/// The newest of Debian's, else whatever the path has.
fn programs() -> Result<PathBuf, Failure> {
    let versions = fs::read_dir(PROGRAMS).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let installed = versions.map(|version| version.join("bin")).filter(|bin| bin.join("initdb").exists());
    let number = |bin: &PathBuf| -> u32 {
        let version = bin.parent().and_then(Path::file_name).unwrap_or_default();
        version.to_string_lossy().parse().unwrap_or_default()
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = || std::env::split_paths(&path).find(|bin| bin.join("initdb").exists());
    installed.max_by_key(number).or_else(on_path).ok_or_else(|| "PostgreSQL is not installed".into())
}

/// A program run by somebody who isn't root.
fn as_somebody(program: &Path, folder: &Path) -> Command {
    let mut command = if getuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(folder);
    command
}

async fn give_away(folder: &Path) -> Result<(), Failure> {
    if !getuid().is_root() {
        return Ok(());
    }
    let given = Command::new("chown").arg("postgres:").arg(folder).status().await.map_err(words)?;
    if given.success() { Ok(()) } else { Err("there is no user 'postgres' to run PostgreSQL".into()) }
}

fn words(error: impl std::fmt::Display) -> Failure {
    error.to_string()
}
