//! How often a caller may ask: a bucket of tokens each, filled steadily, emptied by requests.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use esign_domain::error::{Error, Result};

/// What a request costs.
pub const REQUEST: f64 = 1.0;
/// What a message costs that asks for no work, on a socket.
pub const MESSAGE: f64 = 1.0 / 16.0;

/// A bucket for each caller.
#[derive(Debug)]
pub struct Rate {
    per_second: f64,
    burst: f64,
    // Callers are registered clients and staff, so the map can't grow without end.
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Rate {
    /// So many requests a second, and so many at once.
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second: f64::from(per_second.max(1)), burst: f64::from(burst.max(1)), buckets: Mutex::default() }
    }

    /// Takes a price from the caller's bucket.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when too little is left.
    pub fn take(&self, caller: &str, price: f64, now: Instant) -> Result<()> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = Bucket { tokens: self.burst, filled: now };
        let bucket = match buckets.get_mut(caller) {
            Some(bucket) => bucket,
            None => buckets.entry(caller.to_owned()).or_insert(full),
        };
        let gained = now.saturating_duration_since(bucket.filled).as_secs_f64() * self.per_second;
        *bucket = Bucket { tokens: (bucket.tokens + gained).min(self.burst), filled: now };
        if bucket.tokens < price {
            // A second is the shortest wait HTTP can name, and always long enough for at least one token.
            return Err(Error::RateLimited { retry_after_seconds: 1 });
        }
        bucket.tokens -= price;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_and_then_a_steady_stream() {
        let (rate, start) = (Rate::new(2, 3), Instant::now());
        assert_eq!((0..5).filter(|_| rate.take("a", REQUEST, start).is_ok()).count(), 3);
        assert!(rate.take("b", REQUEST, start).is_ok(), "another caller has a bucket of its own");
        let later = start + Duration::from_secs(1);
        assert_eq!((0..5).filter(|_| rate.take("a", REQUEST, later).is_ok()).count(), 2);
        assert_eq!((0..99).filter(|_| rate.take("b", MESSAGE, start).is_ok()).count(), 32, "what is left of three");
    }
}
