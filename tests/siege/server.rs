//! The besieged: the built executable in the sandbox profile, and what the kernel tells of its process.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    ops::Deref,
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{Failure, client, settings::Settings};

/// The longest a start may take, and an end.
const PATIENCE: Duration = Duration::from_mins(1);

/// One besieger makes more requests than any client should; how often a client may ask is another story.
const UNLIMITED: [(&str, &str); 2] =
    [("ESIGN__LIMITS__REQUESTS_PER_SECOND", "1000000"), ("ESIGN__LIMITS__REQUEST_BURST", "1000000")];

/// How a server is reached.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Where it listens.
    pub at: SocketAddr,
    /// An access token of the demo client.
    pub token: String,
}

impl Reach {
    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }
}

/// A running server.
pub struct Server {
    reach: Reach,
    pid: u32,
    child: Child,
    folder: TempDir,
}

impl Server {
    /// Starts one on a fresh folder and a free port, and waits until it is ready.
    pub async fn start(settings: &Settings) -> Result<Self, Failure> {
        let folder = TempDir::with_prefix("esign-siege-").map_err(in_words)?;
        let at = free_address()?;
        let log = File::create(folder.path().join("server.log")).map_err(in_words)?;
        let mut command = Command::new(&settings.executable);
        // Our own surroundings must not reach into the platform's settings.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ESIGN")) {
            command.env_remove(name);
        }
        command
            .current_dir(folder.path())
            .env("ESIGN__SERVER__LISTEN", at.to_string())
            .env("ESIGN__DATA_DIR", folder.path().join("data"))
            .env("ESIGN__LOG__FILTER", "warn")
            .envs(UNLIMITED)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(in_words)?)
            .stderr(log)
            .kill_on_drop(true);
        let child = command.spawn().map_err(in_words)?;
        let pid = child.id().ok_or("the server ended at once")?;
        let mut server = Self { reach: Reach { at, token: String::new() }, pid, child, folder };
        server.ready().await?;
        server.reach.token = server.issue().await?;
        Ok(server)
    }

    async fn ready(&self) -> Result<(), Failure> {
        let (client, url, began) = (client::plain(), self.url("/readyz"), Instant::now());
        while began.elapsed() < PATIENCE {
            if client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("the server did not become ready".into())
    }

    async fn issue(&self) -> Result<String, Failure> {
        let file = fs::read(self.folder.path().join("data/sandbox-credentials.json")).map_err(in_words)?;
        let all: Value = serde_json::from_slice(&file).map_err(in_words)?;
        let text = |name: &str| all["client"][name].as_str().unwrap_or_default();
        let form = format!("grant_type=client_credentials&client_id={}&client_secret={}", text("id"), text("secret"));
        let request = client::plain().post(self.url("/oauth/token")).body(form);
        let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await;
        let body = answer.map_err(in_words)?.bytes().await.map_err(in_words)?;
        let body: Value = serde_json::from_slice(&body).map_err(in_words)?;
        body["access_token"].as_str().map(str::to_owned).ok_or_else(|| format!("no token: {body}"))
    }

    /// The resident memory of the process, in kB.
    pub fn memory(&self) -> Result<i64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).map_err(in_words)?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let figure = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        figure.ok_or_else(|| "the server's process is gone".into())
    }

    /// How many files and sockets the process holds.
    pub fn files(&self) -> Result<usize, Failure> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.pid)).map_err(in_words)?.count())
    }

    /// A figure that the server itself tells.
    pub async fn metric(&self, name: &str) -> Result<u64, Failure> {
        let answer = client::plain().get(self.url("/metrics")).send().await.map_err(in_words)?;
        let text = answer.text().await.map_err(in_words)?;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        value.ok_or_else(|| format!("no metric is called {name}"))
    }

    async fn stop(&mut self) -> Result<(), Failure> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).ok_or("the server has no process")?;
        kill_process(pid, Signal::TERM).map_err(in_words)?;
        match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            other => Err(format!("the server did not end in order: {other:?}")),
        }
    }

    /// Ends it, and says what of its life should not have been besides. Whatever it was, then its log is kept.
    pub async fn end(&mut self, mut problems: Vec<Failure>) -> Vec<Failure> {
        if let Ok(None) = self.child.try_wait() {
            problems.extend(self.stop().await.err());
        } else {
            problems.push("the server ended by itself".into());
        }
        let log = fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default();
        problems.extend(log.lines().find(|line| line.contains("panicked")).map(str::to_owned));
        if !problems.is_empty() {
            let kept = std::env::temp_dir().join(format!("siege-{}.log", self.pid));
            if fs::write(&kept, log).is_ok() {
                problems.push(format!("its log: {}", kept.display()));
            }
        }
        problems
    }
}

impl Deref for Server {
    type Target = Reach;

    fn deref(&self) -> &Reach {
        &self.reach
    }
}

fn free_address() -> Result<SocketAddr, Failure> {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).map_err(in_words)
}

/// An error as a failure.
pub fn in_words(error: impl Into<Box<dyn std::error::Error>>) -> Failure {
    error.into().to_string()
}
