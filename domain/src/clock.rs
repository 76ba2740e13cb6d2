//! Time and randomness, passed in: the two things that would make a test unrepeatable.

use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crate::ids::Id;

/// What time it is. The only clock of the system.
pub trait Clock: Send + Sync + 'static {
    /// Now, to the microsecond: the precision both databases keep.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one home of the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        to_microseconds(Utc::now())
    }
}

/// A clock that is moved by hand: for tests.
#[derive(Debug)]
pub struct ManualClock(Mutex<Shown>);

#[derive(Debug)]
struct Shown {
    now: DateTime<Utc>,
    /// How far each look moves it on.
    step: TimeDelta,
}

impl ManualClock {
    /// A clock that shows `now`, and stands still.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(Shown { now: to_microseconds(now), step: TimeDelta::zero() }))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: TimeDelta) {
        self.shown().now += by;
    }

    /// Sets the clock; time doesn't go back.
    pub fn advance_to(&self, to: DateTime<Utc>) {
        let mut shown = self.shown();
        shown.now = to_microseconds(to).max(shown.now);
    }

    /// From now on each look moves it on by so much, as a real clock goes on between two looks: whoever looks twice and
    /// takes it for one moment is found out.
    pub fn go_on(&self, step: TimeDelta) {
        self.shown().step = step;
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().expect("no holder of the clock panics")
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        let mut shown = self.shown();
        let step = shown.step;
        shown.now += step;
        shown.now
    }
}

fn to_microseconds(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(time)
}

/// Where random bytes come from: link codes, ids, jitter, nonces.
#[derive(Debug)]
pub struct Random(Mutex<StdRng>);

impl Random {
    /// Seeded by the operating system; a cryptographic generator (ChaCha).
    pub fn from_system() -> Self {
        // The one home of the machine's randomness.
        Self(Mutex::new(StdRng::from_rng(&mut rand::rng())))
    }

    /// Repeatable: for tests.
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().expect("no holder of the generator panics").fill_bytes(&mut bytes);
        bytes
    }

    /// A number in [0, 1).
    pub fn fraction(&self) -> f64 {
        let bits = u64::from_le_bytes(self.bytes()) >> 11;
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
        let fraction = bits as f64 / (1_u64 << 53) as f64;
        fraction
    }

    /// A fresh id: UUID v7, so that ids sort by the time they were made.
    pub fn id<K>(&self, now: DateTime<Utc>) -> Id<K> {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        Id::new(uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid())
    }

    /// A fresh bare UUID v7.
    pub fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        self.id::<()>(now).uuid()
    }

    /// `seconds` as a span, spread by +-20 %, so that many that failed together don't come back together.
    pub fn jittered(&self, seconds: i64) -> TimeDelta {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "seconds of a retry gap are small"
        )]
        let millis = (seconds as f64 * 1000.0 * (0.8 + 0.4 * self.fraction())) as i64;
        TimeDelta::milliseconds(millis)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_gap_is_spread_by_a_fifth_to_either_side_and_no_further(seed: u64, seconds in 1..100_000_i64) {
            let (random, middle) = (Random::seeded(seed), seconds * 1_000);
            let gaps: Vec<i64> = (0..50).map(|_| random.jittered(seconds).num_milliseconds()).collect();
            for gap in &gaps {
                prop_assert!((middle * 4 / 5..=middle * 6 / 5).contains(gap), "{gap} ms of {seconds} s");
            }
            // And it is spread: some come back early, some late.
            prop_assert!(gaps.iter().any(|gap| *gap < middle) && gaps.iter().any(|gap| *gap > middle), "{gaps:?}");
        }
    }
}
