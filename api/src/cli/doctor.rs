//! `esign doctor`: looks at everything a start depends on, says how it is, and what to mend.
//!
//! No key is made, nothing is migrated, no message is sent. The auth system is asked about a
//! challenge that can't exist, which tells whether it is there and whether it takes our signature.

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::Result;
use esign_config::{Profile, Settings};
use esign_domain::{
    Db,
    auth::port::{AuthSystem, AuthSystemFailure},
    clock::{Clock, Random, SystemClock},
    rotation,
};
use esign_migration::Migrator;
use esign_sealing::{FileSigner, Fonts};
use object_store::local::LocalFileSystem;
use sea_orm_migration::MigratorTrait;
use url::Url;

use super::{keys as ring, say};
use crate::{adapter::auth_http::AuthHttp, keys};

/// How long an address may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// One thing looked at: well, or what to mend.
type Finding = Result<String, String>;

/// Looks at everything; success when all of it is well.
pub async fn run(mut settings: Settings) -> Result<ExitCode> {
    settings.database.start_patience_seconds = 0;
    let configuration = format!("profile {}, data in {}", settings.profile.name(), settings.data_dir.display());
    let mut findings = vec![("configuration", Ok(configuration))];
    findings.push(("keys", key_finding(&settings)));
    findings.push(("typefaces", fonts(&settings)));
    let database = database(&settings).await;
    let well = database.is_ok();
    findings.push(("database", database));
    if well && let Some(finding) = key_ring(&settings).await {
        findings.push(("key ring", finding));
    }
    for gateway in &settings.sms.gateways {
        findings.push(("gateway", reachable(&settings, &gateway.name, &gateway.url).await));
    }
    findings.push(("auth system", auth_system(&settings).await));
    let mut all_well = true;
    for (name, finding) in findings {
        let (sign, words) = match &finding {
            Ok(words) => ("ok  ", words),
            Err(words) => ("MEND", words),
        };
        all_well &= finding.is_ok();
        say(&format!("{sign}  {name:<14} {words}"))?;
    }
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn key_finding(settings: &Settings) -> Finding {
    if settings.profile == Profile::Sandbox && !settings.data_dir.join("keys").exists() {
        return Ok("none yet: made at the first start".into());
    }
    let keys = keys::open(settings, &Random::from_system(), SystemClock.now()).map_err(|error| format!("{error:#}"))?;
    FileSigner::load(&keys.seal_key, &keys.seal_chain).map_err(|error| error.to_string())?;
    keys::roots(settings).map_err(|error| format!("{error:#}"))?;
    Ok(format!("ring (newest {}), tokens, signing key and chain can be used", keys.vault.newest_key_id()))
}

fn fonts(settings: &Settings) -> Finding {
    Fonts::settle(settings.sealing.fonts_dir.as_deref()).map(|()| "found".into()).map_err(|error| {
        format!("{error}; put the folder fonts beside the executable, or name it in sealing.fonts_dir")
    })
}

async fn database(settings: &Settings) -> Finding {
    let url = settings.database.url.expose();
    if let Some(file) = url.strip_prefix("sqlite://").map(|rest| rest.split('?').next().unwrap_or(rest))
        && !std::path::Path::new(file).exists()
    {
        return Ok("no file yet: made at the first start".into());
    }
    let db = Db::connect(settings)
        .await
        .map_err(|_| "can't be reached: check database.url, and that it is running".to_owned())?;
    match Migrator::get_pending_migrations(db.write()).await {
        Ok(pending) if pending.is_empty() => Ok("reached, schema up to date".into()),
        Ok(pending) => Err(format!("{} migrations are missing: run `esign migrate`", pending.len())),
        Err(error) => Err(format!("the schema can't be read: {error}")),
    }
}

/// What is under which key of the ring, and whether anything is under a key that isn't in it; none: nothing is there yet.
async fn key_ring(settings: &Settings) -> Option<Finding> {
    let blobs = settings.data_dir.join("blobs");
    if !blobs.exists() {
        return None;
    }
    let look = async {
        let vault = keys::open(settings, &Random::from_system(), SystemClock.now())?.vault;
        let db = Db::connect(settings).await?;
        let usage = rotation::usage(&db, &LocalFileSystem::new_with_prefix(blobs)?).await?;
        let others = rotation::under_another_lookup_key(&db, &vault).await?;
        anyhow::Ok((vault, usage, others))
    };
    Some(match look.await {
        Err(error) => Err(format!("can't be looked through: {error:#}")),
        Ok((_, _, others)) if others > 0 => {
            Err(format!("{others} flows were made under another keys.lookup: put that one back"))
        }
        Ok((vault, usage, _)) => {
            let words = ring::lines(&vault, &usage).join("; ");
            if ring::missing(&vault, &usage).next().is_some() { Err(words) } else { Ok(words) }
        }
    })
}

/// Whether something listens at an address; what it would answer is for a real call to find out.
async fn reachable(settings: &Settings, name: &str, address: &str) -> Finding {
    let url = Url::parse(address).map_err(|_| format!("{name}: \"{address}\" is not an address (sms.gateways)"))?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    match tokio::time::timeout(PATIENCE, tokio::net::TcpStream::connect((host.as_str(), port))).await {
        Ok(Ok(_)) => Ok(format!("{name} answers at {host}:{port}")),
        _ => Err(format!("{name} can't be reached at {host}:{port}{}", in_the_sandbox(settings))),
    }
}

async fn auth_system(settings: &Settings) -> Finding {
    let auth = AuthHttp::new(&settings.auth, Arc::new(SystemClock)).map_err(|error| error.to_string())?;
    match auth.state("doctor-asks-for-no-challenge").await {
        Ok(_) => Ok("reached, takes our signature".into()),
        Err(AuthSystemFailure::Final(words)) if words.starts_with("HTTP_404") => {
            Ok("reached, takes our signature".into())
        }
        Err(AuthSystemFailure::Final(words)) if words.starts_with("HTTP_401") || words.starts_with("HTTP_403") => {
            Err("reached, but refuses our signature: check auth.key, auth.secret and this machine's clock".into())
        }
        Err(failure) => Err(format!("{failure}{}", in_the_sandbox(settings))),
    }
}

/// In the sandbox the stand-ins live in the serving process itself.
fn in_the_sandbox(settings: &Settings) -> &'static str {
    match settings.profile {
        Profile::Sandbox => ": the stand-ins run inside `esign serve`, which is not running",
        Profile::Production => ": check the address, and that this machine may reach it",
    }
}
