//! The command line: one binary, `esign`.
//!
//! Each command opens what it needs and no more: `verify` needs a file, `client` and `staff` the database, `serve`
//! everything. What a command has to say goes to standard output, the log and errors to standard error. Errors say what
//! to mend.

mod client;
mod doctor;
mod keys;
mod serve;
mod staff;
mod verify;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use esign_config::{Profile, Settings};
use esign_domain::App;

use crate::{
    first_start::{self, explained},
    trace, wire,
};

/// The e-signature platform: sign flows, H5 signing pages, sealed documents.
#[derive(Parser)]
#[command(name = "esign", version, about, after_help = AFTER_HELP, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str = "Without a command, esign serves.\n\n\
Configuration: built-in defaults, then the profile's (ESIGN__PROFILE=sandbox|production), then the environment, \
ESIGN__SECTION__KEY: ESIGN__SERVER__LISTEN=0.0.0.0:8080, ESIGN__DATA_DIR=/var/lib/esign, \
ESIGN__DATABASE__URL=postgres://…";

#[derive(Subcommand)]
enum Command {
    /// Serve the API, the signing pages and, in the sandbox, everything around them.
    Serve,
    /// Bring the database's schema up to date.
    Migrate {
        /// Also put in what is missing of the shipped agreement types, SMS templates and auth rules.
        #[arg(long)]
        catalogue: bool,
    },
    /// Upstream systems and their secrets.
    #[command(subcommand)]
    Client(client::Command),
    /// Members of staff.
    #[command(subcommand)]
    Staff(staff::Command),
    /// The keys that personal data and documents are under.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Print an access token for a client, without its secret (sandbox only).
    Token {
        /// The client's code.
        #[arg(long, value_name = "CODE")]
        client: String,
    },
    /// Check a sealed PDF or a result token, offline. Exits with 0: intact, signer trusted; 1: altered; 2: unreadable;
    /// 3: intact, signer unknown.
    Verify(verify::Arguments),
    /// Check configuration, database, keys, gateways and auth system, and say what to mend.
    Doctor,
    /// What the platform starts to lay documents out.
    #[command(hide = true)]
    RenderWorker,
}

/// Runs the command that was asked for.
pub fn main() -> ExitCode {
    let command = Cli::parse().command.unwrap_or(Command::Serve);
    let outcome = match command {
        Command::RenderWorker => return esign_sealing::render_worker_main(),
        Command::Verify(arguments) => verify::run(&arguments),
        command => in_runtime(command),
    };
    outcome.unwrap_or_else(|error| {
        let mut stderr = io::stderr().lock();
        // Nobody is left to tell when this fails.
        writeln!(stderr, "esign: {error:#}").ok();
        ExitCode::FAILURE
    })
}

fn in_runtime(command: Command) -> Result<ExitCode> {
    let settings = esign_config::load()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime")?;
    runtime.block_on(async {
        match command {
            Command::Serve => serve::run(settings).await,
            Command::Doctor => doctor::run(settings).await,
            command => administer(settings, command).await,
        }
    })
}

/// Commands on the database: quiet but for warnings.
async fn administer(mut settings: Settings, command: Command) -> Result<ExitCode> {
    settings.log.filter = "warn".into();
    settings.database.start_patience_seconds = 0;
    trace::start_log(&settings.log)?;
    let lock = first_start::lock(&settings.data_dir)?;
    let app = wire::compose(settings).await?.app;
    if let Command::Migrate { catalogue } = command {
        let applied = first_start::migrate(&app, catalogue).await?;
        say(&format!("{applied} migrations applied; the schema is up to date"))?;
        return Ok(ExitCode::SUCCESS);
    }
    first_start::prepare(&app).await?;
    drop(lock);
    match command {
        Command::Client(command) => client::run(&app, command).await?,
        Command::Staff(command) => staff::run(&app, command).await?,
        Command::Keys(command) => keys::run(&app, command).await?,
        Command::Token { client } => token(&app, &client).await?,
        _ => unreachable!("the other commands are run elsewhere"),
    }
    Ok(ExitCode::SUCCESS)
}

async fn token(app: &App, code: &str) -> Result<()> {
    use esign_domain::client::{query, token};
    if app.settings.profile != Profile::Sandbox {
        bail!("tokens are printed in the sandbox only: elsewhere, ask POST /oauth/token with the client's secret");
    }
    let client = query::find_by_name(app.db.read(), code).await.map_err(explained)?;
    let client = client.with_context(|| format!("no client has the code {code}: see `esign client list`"))?;
    say(&token::issue(app, &client, None).map_err(explained)?.token)
}

/// Writes a line to standard output.
fn say(line: &str) -> Result<()> {
    match writeln!(io::stdout().lock(), "{line}") {
        // The reader (head, say) has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
