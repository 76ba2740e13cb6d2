//! The console's lists with ten thousand flows and with a million, in one run.

mod copy;
mod seed;
mod story;

use std::path::Path;

use crate::Failure;

/// Fills a database that stays, with the keys in a folder that stays.
pub async fn seed_for_later(folder: &Path, url: &str, count: u64) -> Result<(), Failure> {
    seed::seed(folder, url, count).await.map(drop)
}
