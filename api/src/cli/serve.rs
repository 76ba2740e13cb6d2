//! `esign serve`: everything, until told to stop.
//!
//! The order of the start: keys, database, catalogue, layout processes, the port, then work. The order of the end: no
//! new jobs, those in hand finish; no new connections, requests that were begun are answered; then the rest. A second
//! signal ends at once: nothing is lost by that either, it only takes a lease longer.

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use esign_config::{Profile, Settings};
use esign_domain::{App, event::tail, job, wake};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::say;
use crate::{
    first_start::{self, Credentials},
    keys, server, trace, wire,
};

/// How long jobs in hand may take after the stop; a job that takes longer is taken up again after its lease.
const JOBS_END: Duration = Duration::from_secs(15);

/// Serves until SIGTERM or SIGINT.
pub async fn run(settings: Settings) -> Result<ExitCode> {
    trace::start_log(&settings.log)?;
    allow_many_connections();
    let lock = first_start::lock(&settings.data_dir)?;
    let platform = wire::compose(settings).await?;
    let app = platform.app;
    let demo = first_start::prepare(&app).await?;
    drop(lock);
    platform.sealer.warm().await.context("documents can't be laid out")?;
    tail::start(&app).await?;
    let stop = CancellationToken::new();
    let sandbox = wire::sandbox(&app)?;
    let (extra, stand_ins) = sandbox.map_or((None, None), |sandbox| (Some(sandbox.router), Some(sandbox.background)));
    let router = wire::doors(&app, extra, &stop)?;
    let listener = bind(&app.settings)?;
    welcome(&app, demo.as_ref())?;

    let (stop_jobs, jobs_stopped) = watch::channel(false);
    let mut workers = JoinSet::new();
    workers.spawn(job::run_worker(Arc::clone(&app), jobs_stopped.clone()));
    workers.spawn(keys::watch(Arc::clone(&app), jobs_stopped.clone()));
    workers.spawn(tail::run_tail(Arc::clone(&app), jobs_stopped.clone()));
    if let Some(alerts) = wire::alerts(&app, jobs_stopped.clone())? {
        workers.spawn(alerts);
    }
    workers.spawn(wake::run_herald(Arc::clone(&app), jobs_stopped));
    let mut servers = JoinSet::new();
    let (settings, until) = (app.settings.server.clone(), stop.clone());
    servers.spawn(async move { server::serve(listener, router, &settings, until).await });

    tokio::select! {
        told = told_to_stop() => told?,
        _ = workers.join_next() => bail!("a background task ended by itself: see the log"),
        _ = servers.join_next() => bail!("the server ended by itself: see the log"),
    }
    tracing::info!("stopping: jobs in hand and requests that were begun are finished first");
    let orderly = async {
        stop_jobs.send_replace(true);
        if tokio::time::timeout(JOBS_END, all_ended(&mut workers)).await.is_err() {
            tracing::warn!("jobs were left in hand; they are taken up again when their leases end");
        }
        stop.cancel();
        all_ended(&mut servers).await;
        if let Some(stand_ins) = stand_ins {
            stand_ins.stop().await;
        }
        platform.sealer.shutdown().await;
    };
    tokio::select! {
        () = orderly => tracing::info!("stopped"),
        _ = told_to_stop() => tracing::warn!("stopped at once, as told"),
    }
    Ok(ExitCode::SUCCESS)
}

async fn all_ended(tasks: &mut JoinSet<()>) {
    while let Some(ended) = tasks.join_next().await {
        if ended.is_err() {
            tracing::error!("a background task panicked");
        }
    }
}

/// Waits for SIGTERM or SIGINT.
async fn told_to_stop() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("signals can't be listened to")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals can't be listened to")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Each connection is a file to the kernel, which allows far fewer by default than we are configured for.
fn allow_many_connections() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::debug!(%error, "the limit of open files can't be raised");
    }
}

fn bind(settings: &Settings) -> Result<TcpListener> {
    let listen = settings.server.listen;
    server::listen(listen).with_context(|| {
        format!("{listen} can't be listened on: is another esign running? ESIGN__SERVER__LISTEN=127.0.0.1:9090 picks another port")
    })
}

/// Says where to go. Credentials are shown when they are new; afterwards the file has them.
fn welcome(app: &App, demo: Option<&(Credentials, bool)>) -> Result<()> {
    let at = &app.settings.server.public_url;
    tracing::info!(listen = %app.settings.server.listen, profile = app.settings.profile.name(), "serving");
    if app.settings.profile == Profile::Production {
        return Ok(());
    }
    say(&format!(
        "\n  esign {} · sandbox\n\n  try it        {at}/sandbox\n  console       {at}/admin\n  GraphiQL      {at}/graphiql\n  verify        {at}/verify\n  metrics       {at}/metrics\n",
        env!("CARGO_PKG_VERSION")
    ))?;
    let file = app.settings.data_dir.join(first_start::CREDENTIALS_FILE);
    match demo {
        Some((new, true)) => say(&format!(
            "  client        {}\n  secret        {}\n  staff         {}\n  password      {}\n\n  kept in       {}\n",
            new.client.code,
            new.client.secret,
            new.staff.name,
            new.staff.password,
            file.display()
        )),
        _ => say(&format!("  credentials   {}\n", file.display())),
    }
}
