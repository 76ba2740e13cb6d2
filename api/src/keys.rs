//! The keys of a process, from where the settings say; in the sandbox made at first start below the data folder.
//!
//! `keys/ring` and `keys/lookup` protect personal data, `keys/tokens/` signs tokens, `keys/seal/` holds the platform's
//! signing key and the sandbox's own root. Nothing is ever overwritten: a key that is lost takes what it protected with
//! it, so a half-made folder is an error and not a reason to start afresh.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, anyhow};
use chrono::{DateTime, Utc};
use esign_config::{Profile, Secret, Settings};
use esign_domain::{App, client::keyset::Keyset, clock::Random, vault::Vault};
use esign_sealing::{TrustAnchors, pki};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// The file with the sandbox's root certificate, below the data folder.
pub const ROOT_FILE: &str = "keys/seal/root.pem";

/// How soon a process finds a token key that was put into its folder.
const READ_AGAIN: Duration = Duration::from_secs(30);

/// All keys.
pub struct Keys {
    /// Protects personal data.
    pub vault: Vault,
    /// Signs tokens.
    pub tokens: Keyset,
    /// Where the platform's signing key is.
    pub seal_key: PathBuf,
    /// Where its certificates are.
    pub seal_chain: PathBuf,
}

/// Opens the keys. In the sandbox, those that were neither configured nor made before are made.
pub fn open(settings: &Settings, random: &Random, now: DateTime<Utc>) -> Result<Keys> {
    let folder = settings.data_dir.join("keys");
    let may_make = settings.profile == Profile::Sandbox;
    let text = |configured: &Secret, name: &str, make: &dyn Fn() -> String| match configured.is_empty() {
        false => Ok(configured.expose().to_owned()),
        true if may_make => read_or_make(&folder.join(name), make),
        true => Err(anyhow!("keys.{name} is missing")),
    };
    let ring = text(&settings.keys.ring, "ring", &|| Vault::generate_ring(random, "k1"))?;
    let lookup = text(&settings.keys.lookup, "lookup", &|| Vault::generate_lookup(random))?;
    let tokens = match &settings.keys.token_dir {
        Some(folder) => Keyset::load(folder),
        None => Keyset::load_or_create(&folder.join("tokens"), random, now),
    };
    let (seal_key, seal_chain) = seal_files(settings, &folder.join("seal"), now)?;
    Ok(Keys {
        vault: Vault::new(ring.trim(), lookup.trim())?,
        tokens: tokens.context("the token keys can't be used")?,
        seal_key,
        seal_chain,
    })
}

/// Reads the folder of token keys again every so often, and at once on SIGHUP, until `stopped`. What has changed is
/// logged; a folder that can't be used, one that is being copied to for example, changes nothing.
pub async fn watch(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let mut hangup = signal(SignalKind::hangup()).expect("signals can be listened to");
    let mut rounds = tokio::time::interval(READ_AGAIN);
    loop {
        tokio::select! {
            _ = rounds.tick() => {}
            _ = hangup.recv() => {}
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
        match app.keyset.reload() {
            Ok(changes) if changes.is_empty() => {}
            Ok(changes) => tracing::info!(come = ?changes.come, gone = ?changes.gone, "the token keys have changed"),
            Err(error) => tracing::error!(%error, "the token keys can't be read again: those in hand stay"),
        }
    }
}

/// The roots that verification trusts: those configured, and the sandbox's own where there is one.
pub fn roots(settings: &Settings) -> Result<TrustAnchors> {
    anchors(&roots_pem(settings)?)
}

/// The same as PEM, for whoever verifies elsewhere.
pub fn roots_pem(settings: &Settings) -> Result<Vec<u8>> {
    let own = settings.data_dir.join(ROOT_FILE);
    let own = own.is_file().then_some(own);
    certificates(settings.sealing.trust_files.iter().chain(&own))
}

/// The roots in a PEM file.
pub fn roots_in(file: &Path) -> Result<TrustAnchors> {
    anchors(&certificates(std::iter::once(&file.to_owned()))?)
}

fn anchors(pem: &[u8]) -> Result<TrustAnchors> {
    if pem.is_empty() { Ok(TrustAnchors::empty()) } else { Ok(TrustAnchors::from_pem(pem)?) }
}

/// All files in one; each is looked at, so that an error names the one that is wrong.
fn certificates<'a>(files: impl Iterator<Item = &'a PathBuf>) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    for file in files {
        let pem = fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
        TrustAnchors::from_pem(&pem).with_context(|| format!("{} holds no certificate", file.display()))?;
        all.extend_from_slice(&pem);
        all.push(b'\n');
    }
    Ok(all)
}

fn seal_files(settings: &Settings, folder: &Path, now: DateTime<Utc>) -> Result<(PathBuf, PathBuf)> {
    match (&settings.sealing.key_file, &settings.sealing.chain_file) {
        (Some(key), Some(chain)) => return Ok((key.clone(), chain.clone())),
        (None, None) if settings.profile == Profile::Sandbox => {}
        _ => return Err(anyhow!("sealing.key_file and sealing.chain_file belong together: set both")),
    }
    let key = folder.join("platform-key.pem");
    if !key.exists() {
        pki::create_sandbox_authority(folder, now).context("the sandbox's signing key can't be made")?;
    }
    Ok((key, folder.join("platform-chain.pem")))
}

fn read_or_make(file: &Path, make: &dyn Fn() -> String) -> Result<String> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let text = make();
            write_private(file, text.as_bytes()).with_context(|| format!("{} can't be written", file.display()))?;
            Ok(text)
        }
        Err(error) => Err(error).with_context(|| format!("{} can't be read", file.display())),
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub fn write_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = file.with_extension("new");
    let mut out = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    fs::rename(&fresh, file)
}
