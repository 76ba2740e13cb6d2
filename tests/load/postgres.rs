//! The PostgreSQL server: started for the occasion, with the settings of one that must not lose anything.

use std::{
    fmt::Write as _,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use sea_orm::{ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, Statement};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use url::Url;

use crate::{Failure, cpu, settings::Settings};

/// What differs from PostgreSQL's defaults, which are durable: fsync, synchronous_commit and full_page_writes are on.
const CONFIGURED: [&str; 5] = [
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "shared_buffers=512MB",
    // Checkpoints come when a window begins, on both sides, and by the clock: not by chance within one.
    "max_wal_size=8GB",
];

/// A server, and the folder in which it lies if it was started here.
pub struct Postgres {
    url: Url,
    postmaster: u32,
    /// What it is, for the report.
    pub words: String,
    child: Option<Child>,
    _folder: Option<TempDir>,
}

impl Postgres {
    /// The one that is named in the settings, or a throw-away one. `extra` is configured besides.
    pub async fn start(settings: &Settings, extra: &[&str]) -> Result<Self, Failure> {
        match &settings.database {
            Some(url) => Self::known(url).await,
            None => Self::throw_away(extra).await,
        }
    }

    async fn known(url: &str) -> Result<Self, Failure> {
        let connection = connect(url).await?;
        let pid: i32 = one(&connection, "select pg_backend_pid()").await?;
        let postmaster = cpu::parent(u32::try_from(pid).map_err(|error| error.to_string())?)?;
        let url = Url::parse(url).map_err(|error| error.to_string())?;
        let words = described(&connection).await?;
        Ok(Self { url, postmaster, words, child: None, _folder: None })
    }

    async fn throw_away(extra: &[&str]) -> Result<Self, Failure> {
        let programs = programs()?;
        let folder = TempDir::with_prefix("esign-load-postgres-").map_err(|error| error.to_string())?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).map_err(|error| error.to_string())?;
        let data = folder.path().join("data");
        fs::create_dir(&data).map_err(|error| error.to_string())?;
        let owner = owner(&data)?;
        let mut init = as_owner(owner, &programs.join("initdb"));
        init.arg("--pgdata").arg(&data).args([
            "--username=esign",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]);
        let made = init.output().await.map_err(|error| error.to_string())?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned());
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = port.map_err(|error| error.to_string())?.port();
        let mut command = as_owner(owner, &programs.join("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(&data).args([
            "-p",
            &port.to_string(),
            "-c",
            "listen_addresses=127.0.0.1",
        ]);
        for setting in CONFIGURED.iter().chain(extra) {
            command.args(["-c", setting]);
        }
        let child = command.kill_on_drop(true).spawn().map_err(|error| error.to_string())?;
        let postmaster = child.id().ok_or("PostgreSQL ended at once")?;
        let url =
            Url::parse(&format!("postgres://esign@127.0.0.1:{port}/postgres")).map_err(|error| error.to_string())?;
        let connection = until_up(url.as_str()).await?;
        let words = described(&connection).await?;
        Ok(Self { url, postmaster, words, child: Some(child), _folder: Some(folder) })
    }

    /// Makes an empty database; gives its address.
    pub async fn create(&self, name: &str) -> Result<String, Failure> {
        let name = format!("{name}_{}", std::process::id());
        let connection = connect(self.url.as_str()).await?;
        run(&connection, &format!("drop database if exists {name} with (force)")).await?;
        run(&connection, &format!("create database {name}")).await?;
        let mut url = self.url.clone();
        url.set_path(&name);
        Ok(url.into())
    }

    /// Takes a database away again.
    pub async fn drop(&self, url: &str) -> Result<(), Failure> {
        let name = Url::parse(url).map_err(|error| error.to_string())?.path().trim_start_matches('/').to_owned();
        let connection = connect(self.url.as_str()).await?;
        run(&connection, &format!("drop database if exists {name} with (force)")).await
    }

    /// What all its processes have used.
    pub fn used(&self) -> Result<f64, Failure> {
        Ok(cpu::used(self.postmaster)?.all())
    }

    /// Before each window, so that both sides begin with nothing left to write back.
    pub async fn checkpoint(&self) -> Result<(), Failure> {
        let connection = connect(self.url.as_str()).await?;
        run(&connection, "checkpoint").await
    }

    /// Ends it, if it was started here.
    pub async fn end(mut self) -> Result<(), Failure> {
        let Some(child) = &mut self.child else { return Ok(()) };
        let pid = i32::try_from(self.postmaster).ok().and_then(Pid::from_raw).ok_or("no process")?;
        kill_process(pid, Signal::INT).map_err(|error| error.to_string())?;
        child.wait().await.map_err(|error| error.to_string())?;
        Ok(())
    }
}

/// Connects.
pub async fn connect(url: &str) -> Result<DatabaseConnection, Failure> {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.map_err(|error| error.to_string())
}

/// Runs statements.
pub async fn run(connection: &DatabaseConnection, sql: &str) -> Result<(), Failure> {
    connection.execute_unprepared(sql).await.map_err(|error| format!("{error}: {sql:.200}"))?;
    Ok(())
}

/// The one value of the one row.
pub async fn one<T: sea_orm::TryGetable>(connection: &DatabaseConnection, sql: &str) -> Result<T, Failure> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.map_err(|error| format!("{error}: {sql:.200}"))?;
    row.ok_or_else(|| format!("no row: {sql:.200}"))?.try_get_by_index(0).map_err(|error| error.to_string())
}

/// The first value of every row.
pub async fn all(connection: &DatabaseConnection, sql: &str) -> Result<Vec<String>, Failure> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.map_err(|error| format!("{error}: {sql:.200}"))?;
    rows.iter().map(|row| row.try_get_by_index(0).map_err(|error| error.to_string())).collect()
}

async fn until_up(url: &str) -> Result<DatabaseConnection, Failure> {
    let mut failure = String::new();
    for _ in 0..300 {
        match connect(url).await {
            Ok(connection) => return Ok(connection),
            Err(error) => failure = error,
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(format!("PostgreSQL does not start: {failure}"))
}

async fn described(connection: &DatabaseConnection) -> Result<String, Failure> {
    debug_assert_eq!(connection.get_database_backend(), DatabaseBackend::Postgres);
    let version: String = one(connection, "show server_version").await?;
    let mut words = format!("PostgreSQL {}", version.split(' ').next().unwrap_or_default());
    for name in ["fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size", "autovacuum"] {
        let value: String = one(connection, &format!("show {name}")).await?;
        write!(words, ", {name} {value}").map_err(|error| error.to_string())?;
    }
    Ok(words)
}

/// The folder of the newest server's programs.
pub fn programs() -> Result<PathBuf, Failure> {
    let folders = fs::read_dir("/usr/lib/postgresql").map_err(|error| format!("/usr/lib/postgresql: {error}"))?;
    let version = |path: &Path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let newest = folders.filter_map(|entry| Some(entry.ok()?.path())).max_by_key(|path| version(path));
    let programs = newest.ok_or("no PostgreSQL is installed")?.join("bin");
    if programs.join("initdb").exists() { Ok(programs) } else { Err("no PostgreSQL server is installed".into()) }
}

/// The server refuses to run as root: then it runs as whoever the folder is given to.
fn owner(data: &Path) -> Result<Option<(u32, u32)>, Failure> {
    if !rustix::process::getuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    let ids = |name: &str| {
        let line = users.lines().find_map(|line| line.strip_prefix(&format!("{name}:")))?;
        let mut fields = line.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let (user, group) = ids("postgres").or_else(|| ids("nobody")).ok_or("there is no user but root")?;
    std::os::unix::fs::chown(data, Some(user), Some(group)).map_err(|error| error.to_string())?;
    Ok(Some((user, group)))
}

fn as_owner(owner: Option<(u32, u32)>, program: &Path) -> Command {
    let mut command = match owner {
        Some((user, group)) => {
            let mut command = Command::new("setpriv");
            command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".into(), "--".into()]);
            command.arg(program);
            command
        }
        None => Command::new(program),
    };
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}
