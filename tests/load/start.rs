//! A start beside the bare inserts of the same rows.

use tempfile::TempDir;

use crate::{
    Failure,
    ask::{self, Ask},
    drive,
    pgbench::Script,
    postgres::{self, Postgres},
    report::{Report, Side},
    sample::Sample,
    say,
    server::{Jobs, Server},
    settings::Settings,
    template::Template,
};

/// Measures it.
pub async fn measure(settings: &Settings, report: &mut Report) -> Result<(), Failure> {
    let world = World::make(settings, &[]).await?;
    let template = world.template(settings).await?;
    // An empty database, of which nobody knows yet what it will hold, is planned for otherwise than one in use.
    template.multiply(&postgres::connect(&world.url).await?, settings.flows).await?;
    report.section("Starting a flow");
    report.line(&format!(
        "{}. {} flows are there; a flow is {}.\n",
        world.postgres.words,
        settings.flows,
        template.words()
    ));
    let inserts = Script::inserts(world.folder.path(), &template)?;
    let one_statement = Script::one_statement(world.folder.path(), &template)?;
    let (mut bare, mut single, mut start, mut whole) = (vec![], vec![], vec![], vec![]);
    for round in 1..=settings.rounds {
        say(&format!("  round {round}"));
        bare.push(inserts.measure(settings, &world.postgres, &world.url).await?);
        start.push(world.window(settings, Jobs::Left, Ask::Start).await?);
        single.push(one_statement.measure(settings, &world.postgres, &world.url).await?);
        whole.push(world.window(settings, Jobs::Done, Ask::Start).await?);
    }
    report.sides(
        "start",
        &[
            Side { name: "the bare inserts, one statement a row", samples: &bare },
            Side { name: "startSignFlow", samples: &start },
            Side { name: "the bare inserts as one statement", samples: &single },
            Side { name: "startSignFlow, with the SMS and its events in the same process", samples: &whole },
        ],
    );
    world.end().await
}

/// A database with the server's schema, and a folder for the server's data.
pub struct World {
    /// The database server.
    pub postgres: Postgres,
    /// The database.
    pub url: String,
    /// Data, logs, scripts.
    pub folder: TempDir,
}

impl World {
    /// Makes them; `extra` settings for PostgreSQL.
    pub async fn make(settings: &Settings, extra: &[&str]) -> Result<Self, Failure> {
        let postgres = Postgres::start(settings, extra).await?;
        let url = postgres.create("esign_load").await?;
        let folder = TempDir::with_prefix("esign-load-").map_err(|error| error.to_string())?;
        Ok(Self { postgres, url, folder })
    }

    /// Starts the server on them.
    pub async fn serve(&self, settings: &Settings, jobs: Jobs) -> Result<Server, Failure> {
        Server::start(settings, self.folder.path(), Some(&self.url), jobs).await
    }

    /// The rows of one flow that was just started.
    pub async fn template(&self, settings: &Settings) -> Result<Template, Failure> {
        let server = self.serve(settings, Jobs::Left).await?;
        let number = drive::numbers();
        drive::once(&server, Ask::Start, number, 0).await?;
        server.end().await?;
        Template::read(&postgres::connect(&self.url).await?, &ask::flow_no(number)).await
    }

    /// A window of the server, which is there only for it: what others write meanwhile would be work for it.
    pub async fn window(&self, settings: &Settings, jobs: Jobs, ask: Ask) -> Result<Sample, Failure> {
        self.window_from(settings, jobs, ask, drive::numbers()).await
    }

    /// The same, from a number on that is given.
    pub async fn window_from(&self, settings: &Settings, jobs: Jobs, ask: Ask, base: u64) -> Result<Sample, Failure> {
        // What nobody has sent so far is not this window's work, and would be too late for a server to be called ready.
        self.settle().await?;
        let server = self.serve(settings, jobs).await?;
        let sample = drive::measure(settings, &server, Some(&self.postgres), ask, base).await;
        server.end().await?;
        sample
    }

    /// Marks all messages as sent.
    async fn settle(&self) -> Result<(), Failure> {
        let connection = postgres::connect(&self.url).await?;
        let sql =
            "update job set state = 'completed', finished_at = now() where kind = 'send_sms' and state <> 'completed'";
        postgres::run(&connection, sql).await?;
        postgres::run(&connection, "vacuum analyze job").await
    }

    /// Takes everything away.
    pub async fn end(self) -> Result<(), Failure> {
        self.postgres.drop(&self.url).await?;
        self.postgres.end().await
    }
}
