//! Servers: the built executable, killed and started again.

use std::{
    fs::{File, OpenOptions},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{Failure, audit, database::Database, settings::Settings};

/// The longest a start may take.
const START: Duration = Duration::from_mins(1);

/// How long a server that has a job in hand keeps it without a word.
pub const LEASE_SECONDS: u64 = 10;

/// Settings of every server: what a person would wait minutes for is tried again within seconds.
const HASTE: [(&str, &str); 5] = [
    ("ESIGN__FLOW__READING_SECONDS_PER_DOCUMENT", "1"),
    ("ESIGN__FLOW__SEAL_RETRY_SECONDS", "[1,2,5]"),
    ("ESIGN__SMS__RETRY_SECONDS", "[1,1,2,2,5,5]"),
    ("ESIGN__AUTH__CREATION_RETRY_SECONDS", "[1,1,2,2,5,5]"),
    ("ESIGN__AUTH__POLL_MAX_SECONDS", "5.0"),
];

/// One server.
struct Server {
    url: String,
    log: PathBuf,
    command: Command,
    child: Child,
}

/// The servers that are killed and, if they are several, the one that stands for the outside and isn't.
pub struct Servers {
    running: Vec<Server>,
    outside: Option<Server>,
    /// What they work on.
    pub database: Database,
    folder: TempDir,
    executable: PathBuf,
    kills: usize,
    restarts: usize,
    problems: Vec<Failure>,
}

impl Servers {
    /// Starts them on a fresh folder and a fresh database, and waits until they are ready.
    pub async fn start(settings: &Settings) -> Result<Self, Failure> {
        let folder = TempDir::with_prefix("esign-crash-").map_err(|error| error.to_string())?;
        let database = Database::create(&settings.database, folder.path()).await?;
        let mut servers = Self {
            running: Vec::new(),
            outside: None,
            database,
            folder,
            executable: settings.executable.clone(),
            kills: 0,
            restarts: 0,
            problems: Vec::new(),
        };
        let mut shared: Vec<(String, String)> = Vec::new();
        if settings.servers > 1 {
            let outside = servers.spawn("outside", &free_address()?, &[])?;
            let at = outside.url.clone();
            servers.outside = Some(outside);
            let gateway = format!(
                r#"[{{name="sandbox",kind="http",sign_name="crash",receipt_secret="sandbox-receipts",url="{at}/sandbox/sms-gateway/send"}}]"#
            );
            shared.push(("ESIGN__SMS__GATEWAYS".into(), gateway));
            shared.push(("ESIGN__AUTH__BASE_URL".into(), format!("{at}/sandbox/auth-system")));
        }
        for number in 0..settings.servers {
            servers.start_one(number, &mut shared).await?;
        }
        if let Some(outside) = &servers.outside {
            is_ready(&outside.url, START).await?;
        }
        audit::begin(&servers.database).await?;
        Ok(servers)
    }

    /// One after the other: the first makes the keys and the schema.
    async fn start_one(&mut self, number: usize, shared: &mut Vec<(String, String)>) -> Result<(), Failure> {
        let address = free_address()?;
        if number == 0 {
            // Callbacks and links lead to the first; the others serve whoever asks them.
            shared.push(("ESIGN__SERVER__PUBLIC_URL".into(), format!("http://{address}")));
        }
        let mut settings = shared.clone();
        if let Some(url) = self.database.url_for(&format!("server-{number}")) {
            settings.push(("ESIGN__DATABASE__URL".into(), url));
        }
        let server = self.spawn("data", &address, &settings)?;
        self.running.push(server);
        self.ready(number, START).await
    }

    fn spawn(&self, data: &str, address: &str, settings: &[(String, String)]) -> Result<Server, Failure> {
        let mut command = Command::new(&self.executable);
        // Our own surroundings must not reach into the platform's settings.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ESIGN")) {
            command.env_remove(name);
        }
        command
            .current_dir(self.folder.path())
            .env("ESIGN__SERVER__LISTEN", address)
            .env("ESIGN__DATA_DIR", self.folder.path().join(data))
            .env("ESIGN__JOBS__LEASE_SECONDS", LEASE_SECONDS.to_string())
            .envs(HASTE)
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let file = self.folder.path().join(format!("{}.log", address.replace(':', "-")));
        let child = run(&mut command, &log(&file)?)?;
        Ok(Server { url: format!("http://{address}"), log: file, command, child })
    }

    /// Their addresses.
    pub fn urls(&self) -> Vec<String> {
        self.running.iter().map(|server| server.url.clone()).collect()
    }

    /// Where the stand-ins of the outside are.
    pub fn outside(&self) -> String {
        self.outside.as_ref().unwrap_or(&self.running[0]).url.clone()
    }

    /// The demo client's id and secret.
    pub fn credentials(&self) -> Result<(String, String), Failure> {
        let file = std::fs::read(self.data().join("sandbox-credentials.json")).map_err(|error| error.to_string())?;
        let all: Value = serde_json::from_slice(&file).map_err(|error| error.to_string())?;
        let text = |name: &str| all["client"][name].as_str().unwrap_or_default().to_owned();
        Ok((text("id"), text("secret")))
    }

    /// Where each of them writes what it does.
    pub fn logs(&self) -> impl Iterator<Item = &Path> {
        self.running.iter().map(|server| server.log.as_path())
    }

    /// The data folder of the stand-ins of the outside.
    pub fn outside_data(&self) -> PathBuf {
        self.folder.path().join(if self.outside.is_some() { "outside" } else { "data" })
    }

    /// The data folder of the servers.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Everything made here, logs included.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills a server, whatever it is doing, and starts it again at once. It isn't waited for: the next kill may meet it
    /// while it starts.
    pub async fn kill_and_start(&mut self, number: usize) {
        let server = &mut self.running[number];
        if let Ok(Some(status)) = server.child.try_wait() {
            self.problems.push(format!("{} ended by itself: {status}", server.url));
        }
        // A server that has ended can't be killed, and was noted above.
        drop(server.child.kill().await);
        self.kills += 1;
        self.run_again(number);
    }

    fn run_again(&mut self, number: usize) {
        let server = &mut self.running[number];
        match log(&server.log).and_then(|log| run(&mut server.command, &log)) {
            Ok(child) => server.child = child,
            Err(failure) => self.problems.push(failure),
        }
    }

    /// Stops a server in the middle of everything, as a machine that is paused or swaps, and lets it go on later.
    pub async fn freeze(&mut self, number: usize, span: Duration) {
        let pid = self.running[number].child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let Some(pid) = pid else { return };
        let stopped = kill_process(pid, Signal::STOP);
        tokio::time::sleep(span).await;
        let resumed = stopped.and_then(|()| kill_process(pid, Signal::CONT));
        if let Err(error) = resumed {
            self.problems.push(format!("a server could not be frozen: {error}"));
        }
    }

    /// Cuts every connection to the database, as its restart would.
    pub async fn cut(&mut self) {
        if let Err(failure) = self.database.cut().await {
            self.problems.push(failure);
        }
    }

    /// Starts a server again that gave up because it found no database when it was being started, as whoever watches over
    /// servers does. One that had been serving has no reason to end.
    pub fn start_what_gave_up(&mut self, were_ready: &[bool]) {
        for (number, was_ready) in were_ready.iter().enumerate() {
            let server = &mut self.running[number];
            let Ok(Some(status)) = server.child.try_wait() else { continue };
            if *was_ready {
                self.problems.push(format!("{} ended by itself: {status}", server.url));
            }
            self.restarts += 1;
            self.run_again(number);
        }
    }

    /// How many servers had to be started again that nobody had killed.
    pub fn restarts(&self) -> usize {
        self.restarts
    }

    /// How many kills there were.
    pub fn kills(&self) -> usize {
        self.kills
    }

    /// Waits until every server answers again; what doesn't is a problem.
    pub async fn all_ready(&mut self, longest: Duration) {
        for number in 0..self.running.len() {
            if let Err(failure) = self.ready(number, longest).await {
                self.problems.push(failure);
            }
        }
    }

    /// What the servers themselves did that they should not have done.
    pub fn problems(&self) -> &[Failure] {
        &self.problems
    }

    async fn ready(&mut self, number: usize, longest: Duration) -> Result<(), Failure> {
        is_ready(&self.running[number].url, longest).await
    }

    /// Judges a file by the executable's own `verify`.
    pub async fn verify(&self, file: &Path) -> Result<(), Failure> {
        let mut command = Command::new(&self.executable);
        command.arg("verify").arg(file).env("ESIGN__DATA_DIR", self.data()).kill_on_drop(true);
        let output = command.output().await.map_err(|error| error.to_string())?;
        let said = || String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() { Ok(()) } else { Err(format!("{}: {}", file.display(), said())) }
    }

    /// Ends them and takes everything away, or gives the folders that are kept.
    pub async fn end(mut self, keep: bool) -> Vec<PathBuf> {
        for server in self.running.iter_mut().chain(&mut self.outside) {
            drop(server.child.kill().await);
        }
        let data = self.database.end(keep).await;
        keep.then(|| self.folder.keep()).into_iter().chain(data).collect()
    }
}

fn run(command: &mut Command, log: &File) -> Result<Child, Failure> {
    let again = || log.try_clone().map_err(|error| error.to_string());
    command.stdout(again()?).stderr(again()?).spawn().map_err(|error| error.to_string())
}

fn log(file: &Path) -> Result<File, Failure> {
    OpenOptions::new().create(true).append(true).open(file).map_err(|error| error.to_string())
}

/// How many lines of a log are such.
pub fn lines(log: &Path, are_such: impl Fn(&str) -> bool) -> usize {
    let text = std::fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().filter(|line| are_such(line)).count()
}

async fn is_ready(url: &str, longest: Duration) -> Result<(), Failure> {
    let client = crate::world::client();
    let began = Instant::now();
    loop {
        if let Ok(answer) = client.get(format!("{url}/readyz")).send().await
            && answer.status().is_success()
        {
            return Ok(());
        }
        if began.elapsed() > longest {
            return Err(format!("{url} did not become ready"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// An address of this machine that nobody listens at.
pub fn free_address() -> Result<String, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.to_string())
}
