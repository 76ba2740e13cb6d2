//! The server under measure: the built executable in the sandbox profile.

use std::{
    fs::File,
    net::TcpListener,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::{
    Failure,
    http::{self, Connection},
    settings::Settings,
};

/// The longest a start or an orderly end may take.
const LONGEST: Duration = Duration::from_mins(1);

/// The data folder below a server's folder.
pub const DATA: &str = "data";

/// Limits that would refuse what is measured.
const UNLIMITED: [(&str, &str); 3] = [
    ("ESIGN__LIMITS__REQUESTS_PER_SECOND", "1000000"),
    ("ESIGN__LIMITS__REQUEST_BURST", "1000000"),
    ("ESIGN__LOG__FILTER", "warn"),
];

/// A running server.
pub struct Server {
    /// `host:port`.
    pub address: String,
    /// Its process.
    pub pid: u32,
    /// From the start of the process to the first good answer of `/readyz`.
    pub ready_after: Duration,
    /// A token of the demo client.
    pub token: String,
    child: Child,
}

/// Whether a server does the jobs that follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jobs {
    /// As shipped.
    Done,
    /// It only serves.
    Left,
}

impl Server {
    /// Starts it on a data folder and a database, and waits until it is ready. No database: SQLite.
    pub async fn start(
        settings: &Settings,
        folder: &Path,
        database: Option<&str>,
        jobs: Jobs,
    ) -> Result<Self, Failure> {
        let address = free_address()?;
        let log = File::options().create(true).append(true).open(folder.join("server.log"));
        let log = log.map_err(|error| error.to_string())?;
        let mut command = Command::new(&settings.executable);
        // Our own surroundings must not reach into the platform's settings.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ESIGN")) {
            command.env_remove(name);
        }
        command
            .current_dir(folder)
            .env("ESIGN__SERVER__LISTEN", &address)
            .env("ESIGN__DATA_DIR", folder.join(DATA))
            .envs(UNLIMITED)
            .envs(database.map(|url| ("ESIGN__DATABASE__URL", url)))
            .envs((jobs == Jobs::Left).then_some(("ESIGN__JOBS__CONCURRENCY", "0")))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        let began = Instant::now();
        let child = command.spawn().map_err(|error| format!("{}: {error}", settings.executable.display()))?;
        let pid = child.id().ok_or("the server ended at once")?;
        until_ready(&address, jobs, began)
            .await
            .map_err(|failure| format!("{failure}; see {}/server.log", folder.display()))?;
        let ready_after = began.elapsed();
        let token = token(&address, &folder.join(DATA)).await?;
        Ok(Self { address, pid, ready_after, token, child })
    }

    /// Ends it in good order.
    pub async fn end(mut self) -> Result<(), Failure> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).ok_or("no process")?;
        kill_process(pid, Signal::TERM).map_err(|error| error.to_string())?;
        let ended = tokio::time::timeout(LONGEST, self.child.wait()).await;
        ended.map_err(|_| "the server does not end")?.map_err(|error| error.to_string())?;
        Ok(())
    }
}

/// A server beside which jobs lie undone says that it isn't ready; that it is there is enough.
async fn until_ready(address: &str, jobs: Jobs, began: Instant) -> Result<(), Failure> {
    let path = if jobs == Jobs::Left { "/healthz" } else { "/readyz" };
    while began.elapsed() < LONGEST {
        if let Ok(mut connection) = Connection::open(address).await
            && connection.ask(&http::get(path)).await.is_ok_and(|answer| answer.status == 200)
        {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Err("the server did not become ready".into())
}

async fn token(address: &str, data: &Path) -> Result<String, Failure> {
    let file = std::fs::read(data.join("sandbox-credentials.json")).map_err(|error| error.to_string())?;
    let all: Value = serde_json::from_slice(&file).map_err(|error| error.to_string())?;
    let text = |name: &str| all["client"][name].as_str().unwrap_or_default();
    let body = format!("grant_type=client_credentials&client_id={}&client_secret={}", text("id"), text("secret"));
    let request = http::post("/oauth/token", "content-type: application/x-www-form-urlencoded\r\n", &body);
    let mut connection = Connection::open(address).await?;
    let answer = connection.ask(&request).await?;
    let said: Value = serde_json::from_slice(answer.body).map_err(|error| error.to_string())?;
    said["access_token"].as_str().map(str::to_owned).ok_or_else(|| format!("no token: {}", answer.words()))
}

fn free_address() -> Result<String, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.to_string())
}
