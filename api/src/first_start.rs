//! What a start finds or makes: the data folder, the schema, the shipped catalogue, the sandbox's demo accounts.
//!
//! Several processes may start at once, on one data folder or on one database. So everything here happens under a lock
//! of the folder and, on PostgreSQL, of the database, and each step looks first whether it is done.

use std::{
    fs::{self, File},
    path::Path,
};

use anyhow::{Context, Result, bail};
use esign_config::{Profile, Secret};
use esign_domain::{
    App, Caller,
    caller::{Role, Scope, scope_names},
    client::{self, ClientInput, secret},
    shipped,
    staff::register::{self as staff, NewStaff},
};
use esign_migration::Migrator;
use sea_orm::{ConnectionTrait, DatabaseBackend};
use sea_orm_migration::MigratorTrait;
use serde::{Deserialize, Serialize};

use crate::keys;

/// The file with the demo accounts, below the data folder.
pub const CREDENTIALS_FILE: &str = "sandbox-credentials.json";
/// Code of the demo client and name of the demo member of staff.
const DEMO: &str = "demo";
/// Any number, the same in every process: the advisory lock under which a database is prepared.
const DATABASE_LOCK: &str = "select pg_advisory_xact_lock(718281828)";

/// The demo accounts as they are kept for whoever uses the sandbox.
#[derive(Serialize, Deserialize)]
pub struct Credentials {
    /// The demo client, which holds every scope.
    pub client: DemoClient,
    /// The demo member of staff, an admin.
    pub staff: DemoStaff,
}

/// The demo client's credentials.
#[derive(Serialize, Deserialize)]
pub struct DemoClient {
    /// Its code.
    pub code: String,
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

/// The demo member of staff's credentials.
#[derive(Serialize, Deserialize)]
pub struct DemoStaff {
    /// The sign-in name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// Makes the data folder, for its owner alone.
pub fn make_data_dir(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("the data folder {} can't be made (data_dir)", folder.display()))
}

/// Held while a data folder is prepared; given back when dropped.
pub fn lock(data_dir: &Path) -> Result<File> {
    make_data_dir(data_dir)?;
    let path = data_dir.join(".lock");
    let file = File::create(&path).with_context(|| format!("{} can't be written", path.display()))?;
    file.lock().with_context(|| format!("{} can't be locked", path.display()))?;
    Ok(file)
}

/// Makes the system ready to serve. The sandbox migrates and fills itself and gives its demo accounts, `true` beside
/// them when they are new; production only looks whether the schema is up to date.
pub async fn prepare(app: &App) -> Result<Option<(Credentials, bool)>> {
    if app.settings.profile == Profile::Production {
        let pending = Migrator::get_pending_migrations(app.db.write()).await.context("the schema can't be read")?;
        if !pending.is_empty() {
            bail!("the database lacks {} migrations: run `esign migrate`", pending.len());
        }
        return Ok(None);
    }
    migrate(app, true).await?;
    demo_accounts(app).await.map(Some)
}

/// Brings the schema up to date; with `fill`, puts in what is missing of the shipped catalogue. Gives how many migrations
/// there were to apply.
pub async fn migrate(app: &App, fill: bool) -> Result<usize> {
    // SQLite has one writer, which the migrations need; the folder's lock is its lock.
    let held = match app.db.backend() {
        DatabaseBackend::Postgres => {
            let tx = app.write_tx().await?;
            tx.execute_unprepared(DATABASE_LOCK).await?;
            Some(tx)
        }
        _ => None,
    };
    let pending = Migrator::get_pending_migrations(app.db.write()).await?.len();
    Migrator::up(app.db.write(), None).await.context("a migration failed")?;
    if fill {
        shipped::install(app).await.context("the shipped catalogue can't be put in")?;
    }
    if let Some(tx) = held {
        tx.commit().await?;
    }
    Ok(pending)
}

/// The demo accounts: those on file if they still open the door, else new ones.
async fn demo_accounts(app: &App) -> Result<(Credentials, bool)> {
    let file = app.settings.data_dir.join(CREDENTIALS_FILE);
    let kept = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice::<Credentials>(&bytes).ok());
    if let Some(kept) = kept
        && client::authenticate::authenticate(app, &kept.client.id, &kept.client.secret).await.is_ok()
    {
        return Ok((kept, false));
    }
    let fresh = Credentials { client: demo_client(app).await?, staff: demo_staff(app).await? };
    keys::write_private(&file, &serde_json::to_vec_pretty(&fresh)?)
        .with_context(|| format!("{} can't be written", file.display()))?;
    Ok((fresh, true))
}

async fn demo_client(app: &App) -> Result<DemoClient> {
    let (client, secret) = if let Some(known) = client::query::find_by_code(app.db.read(), DEMO).await? {
        secret::rotate(app, &Caller::System, known.id, secret::OVERLAP).await?
    } else {
        let new = ClientInput {
            code: DEMO.into(),
            name: "云帆商贸平台".into(),
            scopes: scope_names(&Scope::ALL.iter().copied().collect()),
            return_url_origins: Some(own_origins(app)),
            ..ClientInput::default()
        };
        let made = client::register::register(app, &Caller::System, new).await.map_err(explained)?;
        (made.client, made.secret)
    };
    Ok(DemoClient { code: client.code, id: client.id.to_string(), secret: shown(&secret) })
}

async fn demo_staff(app: &App) -> Result<DemoStaff> {
    let known = staff::list(app, &Caller::System).await?.into_iter().any(|member| member.name == DEMO);
    let made = if known {
        staff::reset_password(app, &Caller::System, DEMO, None).await?
    } else {
        let new = NewStaff { name: DEMO.into(), role: Role::Admin, password: None };
        staff::add(app, &Caller::System, new).await.map_err(explained)?
    };
    Ok(DemoStaff { name: made.staff.name, password: shown(&made.password) })
}

/// Where the demo client's users may be sent back to: this machine, under each of its names.
fn own_origins(app: &App) -> Vec<String> {
    let port = app.settings.server.listen.port();
    let mut origins: Vec<String> = ["http://127.0.0.1", "http://localhost"]
        .iter()
        .flat_map(|host| [(*host).to_owned(), format!("{host}:{port}")])
        .collect();
    let public = &app.settings.server.public_url;
    if client::origin::parse(public, app.settings.profile).is_some_and(|origin| !origins.contains(&origin)) {
        origins.push(public.clone());
    }
    origins
}

fn shown(secret: &Secret) -> String {
    secret.expose().to_owned()
}

/// A refusal with its fields, for the terminal.
#[expect(clippy::needless_pass_by_value, reason = "handed to map_err as it is")]
pub fn explained(error: esign_domain::Error) -> anyhow::Error {
    use esign_domain::{Error, words::Lang};
    let mut lines = vec![error.message(Lang::En)];
    match &error {
        Error::InvalidArgument(fields) => {
            lines.extend(fields.iter().map(|field| format!("{}: {}", field.path, field.problem)));
        }
        Error::AlreadyExists { conflicts_with } => lines.push(conflicts_with.clone()),
        _ => {}
    }
    lines.extend(std::error::Error::source(&error).map(ToString::to_string));
    anyhow::anyhow!(lines.join("\n  "))
}
