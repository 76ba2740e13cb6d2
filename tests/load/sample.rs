//! What one window of one side came to.

use serde::Serialize;

/// One window. Processor times in seconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Sample {
    /// Operations that ended well within it.
    pub operations: f64,
    /// How long it was.
    pub seconds: f64,
    /// Of the server's process.
    pub server: f64,
    /// Of its layout workers.
    pub workers: f64,
    /// Of all of PostgreSQL's processes.
    pub postgres: f64,
    /// Of whoever asked: told, not counted.
    pub client: f64,
}

impl Sample {
    /// Operations a second.
    pub fn rate(&self) -> f64 {
        self.operations / self.seconds
    }

    /// Microseconds of processor time an operation: server, layout workers and PostgreSQL.
    pub fn cost(&self) -> f64 {
        self.each(self.server + self.workers + self.postgres)
    }

    /// Microseconds an operation of a part.
    pub fn each(&self, part: f64) -> f64 {
        part * 1e6 / self.operations
    }
}

/// The least, the middle and the greatest.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Spread {
    /// The least.
    pub least: f64,
    /// The middle one; of an even number the mean of the two in the middle.
    pub median: f64,
    /// The greatest.
    pub greatest: f64,
}

impl Spread {
    /// Of some figures; at least one.
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let middle = figures.len() / 2;
        let median =
            if figures.len() % 2 == 1 { figures[middle] } else { f64::midpoint(figures[middle - 1], figures[middle]) };
        Self { least: figures[0], median, greatest: figures[figures.len() - 1] }
    }
}

/// What a place in sorted figures holds, such as 0.99 for the slowest of a hundred.
pub fn percentile(sorted: &[f64], place: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
    let index = (sorted.len() as f64 * place) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}
