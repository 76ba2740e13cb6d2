//! `esign verify FILE`: is this sealed PDF, or this result token, exactly what was made?
//!
//! Needs no database, no network and no running platform. Whom it trusts: the file given with `--trust`, else the roots
//! and keys of this machine's configuration and data folder, as far as there are any.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use clap::Args;
use esign_config::Settings;
use esign_domain::{
    client::keyset::Keyset,
    clock::{Clock, SystemClock},
};
use esign_sealing::TrustAnchors;
use jsonwebtoken::jwk::JwkSet;

use super::say;
use crate::{
    keys,
    verify::{Judgement, Trust, Verdict, judge},
};

/// The longest file that is read, in bytes.
const FILE_BYTES: u64 = 200 << 20;
/// Unusable arguments are told apart from every verdict.
const USAGE: u8 = 64;

/// What to check, and whom to trust.
#[derive(Args)]
pub struct Arguments {
    /// A sealed PDF or a result token; - reads standard input.
    file: PathBuf,
    /// Whom to trust: root certificates as PEM for PDFs, a JWKS document (/.well-known/jwks.json) for result tokens.
    /// Without it: the configuration's and the data folder's.
    #[arg(long, value_name = "PEM")]
    trust: Option<PathBuf>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// Checks, tells, and gives the verdict's exit code.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let trust = match trust(arguments.trust.as_deref()) {
        Ok(trust) => trust,
        Err(error) => return complain(USAGE, &error),
    };
    let bytes = match read(&arguments.file) {
        Ok(bytes) => bytes,
        Err(error) => return complain(Verdict::Unreadable.exit_code(), &error),
    };
    let judgement = judge(&bytes, &trust, SystemClock.now());
    if arguments.json {
        say(&serde_json::to_string_pretty(&judgement)?)?;
    } else {
        tell(&judgement)?;
    }
    Ok(ExitCode::from(judgement.verdict.exit_code()))
}

fn complain(code: u8, error: &anyhow::Error) -> Result<ExitCode> {
    use io::Write;
    writeln!(io::stderr().lock(), "esign: {error:#}")?;
    Ok(ExitCode::from(code))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        io::stdin().lock().take(FILE_BYTES).read_to_end(&mut bytes).context("standard input can't be read")?;
    } else {
        let open = fs::File::open(file).with_context(|| format!("{} can't be read", file.display()))?;
        open.take(FILE_BYTES).read_to_end(&mut bytes).with_context(|| format!("{} can't be read", file.display()))?;
    }
    Ok(bytes)
}

fn trust(given: Option<&Path>) -> Result<Trust> {
    let Some(file) = given else { return Ok(own_trust()) };
    let bytes = fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
    if let Ok(keys) = serde_json::from_slice::<JwkSet>(&bytes) {
        return Ok(Trust { roots: TrustAnchors::empty(), keys });
    }
    let roots = keys::roots_in(file)?;
    // A file of certificates says nothing about tokens.
    Ok(Trust { roots, keys: own_trust().keys })
}

/// Roots and keys of this machine. Without a usable configuration nobody is trusted, and integrity alone is judged.
fn own_trust() -> Trust {
    let settings = esign_config::load().ok();
    let roots = settings.as_ref().and_then(|settings| keys::roots(settings).ok()).unwrap_or_default();
    let keys = settings.as_ref().and_then(published).unwrap_or(JwkSet { keys: Vec::new() });
    Trust { roots, keys }
}

fn published(settings: &Settings) -> Option<JwkSet> {
    let folder = settings.keys.token_dir.clone().unwrap_or_else(|| settings.data_dir.join("keys/tokens"));
    Keyset::load(&folder).ok().map(|keyset| keyset.jwks())
}

fn tell(judgement: &Judgement) -> Result<()> {
    say(match judgement.verdict {
        Verdict::Intact => "INTACT: every byte is as it was signed, and the signer is trusted",
        Verdict::SignerUnknown => {
            "INTACT, SIGNER UNKNOWN: every byte is as it was signed, but the signer is not trusted here"
        }
        Verdict::Altered => "ALTERED: the content is not what was signed",
        Verdict::Unreadable => "UNREADABLE: neither a sealed PDF nor a result token that can be checked here",
    })?;
    for problem in &judgement.problems {
        say(&format!("  {problem}"))?;
    }
    if let Some(document) = &judgement.document {
        for signature in &document.signatures {
            let at = signature.claimed_at.map(|at| at.to_rfc3339()).unwrap_or_default();
            say(&format!(
                "  signed by  {} (issued by {}) {at} {}",
                signature.signer, signature.issuer, signature.level
            ))?;
        }
        say(&format!("  content    {}\n  file       {}", document.content_digest, document.file_digest))?;
    }
    if let Some(claims) = &judgement.claims {
        say(&serde_json::to_string_pretty(claims)?)?;
    }
    Ok(())
}
