//! `esign keys`: what is under which key of the ring, and how an old one is retired. May run while servers do.

use anyhow::Result;
use clap::Subcommand;
use esign_domain::{App, rotation, vault::Vault};
use std::collections::BTreeMap;

use super::say;
use crate::first_start::explained;

/// What to do with the ring.
#[derive(Subcommand)]
pub enum Command {
    /// Say how many values and documents are under which key.
    List,
    /// Seal again, under the newest key, whatever is under an older one. May be stopped and run again.
    Reseal,
}

/// Does it and says what came of it.
pub async fn run(app: &App, command: Command) -> Result<()> {
    if let Command::Reseal = command {
        for done in rotation::reseal(app).await.map_err(explained)? {
            let rotation::Resealed { place, resealed, passed_over, unreadable } = done;
            say(&format!(
                "{place:<28} {resealed:>10} sealed again {passed_over:>6} passed over {unreadable:>6} unreadable"
            ))?;
        }
    }
    let usage = rotation::usage(&app.db, &*app.blobs).await.map_err(explained)?;
    for line in lines(&app.vault, &usage) {
        say(&line)?;
    }
    Ok(())
}

/// A line for each key of the ring, newest first, then one for each that is missing from it.
pub(super) fn lines(vault: &Vault, usage: &BTreeMap<String, u64>) -> Vec<String> {
    let count = |id: &str| usage.get(id).copied().unwrap_or_default();
    let mut lines: Vec<String> = vault
        .key_ids()
        .map(|id| match count(id) {
            values if id == vault.newest_key_id() => format!("{id}: {values} values; it seals"),
            0 => format!("{id}: nothing uses it any more, it may leave keys.ring"),
            values => format!("{id}: {values} values; `esign keys reseal` retires it"),
        })
        .collect();
    let missing = missing(vault, usage);
    lines.extend(missing.map(|(id, values)| format!("{id}: {values} values, and keys.ring has no such key")));
    lines
}

/// What is under keys that the ring hasn't got: nobody reads it until they are put back.
pub(super) fn missing<'a>(
    vault: &'a Vault,
    usage: &'a BTreeMap<String, u64>,
) -> impl Iterator<Item = (&'a str, u64)> + 'a {
    let known = |id: &str| vault.key_ids().any(|ring| ring == id);
    usage.iter().filter(move |(id, _)| !known(id)).map(|(id, &values)| (id.as_str(), values))
}
