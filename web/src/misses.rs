//! Guessing: an address that guesses wrong too often (links that don't exist, passwords) is told to wait for the rest of
//! the minute.
//!
//! The count is kept in this process: what is guessed at is long or has a lock of its own, and the limit only keeps the
//! noise down, and the work that each guess makes.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

/// How long misses count together, in seconds.
const WINDOW_SECONDS: i64 = 60;
/// Addresses remembered before those whose minute is over are forgotten.
const MOST_ADDRESSES: usize = 10_000;

/// The misses of the running minutes, by address.
#[derive(Debug, Default)]
pub struct Misses(Mutex<HashMap<IpAddr, Minute>>);

#[derive(Debug, Clone, Copy)]
struct Minute {
    began: DateTime<Utc>,
    misses: u32,
}

impl Misses {
    /// Counts a miss, or gives for how many seconds the address is turned away. Both in one step: of misses at once, on
    /// whatever threads, no more than `most` get through.
    pub fn count(&self, address: IpAddr, most: u32, now: DateTime<Utc>) -> Option<i64> {
        let mut minutes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |minute: &Minute| (now - minute.began).num_seconds() >= WINDOW_SECONDS;
        if minutes.len() >= MOST_ADDRESSES {
            minutes.retain(|_, minute| !over(minute));
        }
        let minute = minutes.entry(whose(address)).or_insert(Minute { began: now, misses: 0 });
        if over(minute) {
            *minute = Minute { began: now, misses: 0 };
        }
        if minute.misses >= most {
            return Some(WINDOW_SECONDS - (now - minute.began).num_seconds());
        }
        minute.misses += 1;
        None
    }

    /// Takes one back that was counted before it was known to be none.
    pub fn take_back(&self, address: IpAddr) {
        let mut minutes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(minute) = minutes.get_mut(&whose(address)) {
            minute.misses = minute.misses.saturating_sub(1);
        }
    }
}

/// An IPv6 customer has a whole /64 to ask from; it counts as one.
fn whose(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => v6
            .to_ipv4_mapped()
            .map_or_else(|| IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))), IpAddr::V4),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn the_last_miss_allowed_turns_away_until_the_minute_is_over() {
        let (misses, start) = (Misses::default(), DateTime::UNIX_EPOCH);
        let at = |seconds| start + TimeDelta::seconds(seconds);
        for second in 0..3 {
            assert_eq!(misses.count(address("192.0.2.1"), 3, at(second)), None);
        }
        assert_eq!(misses.count(address("192.0.2.1"), 3, at(10)), Some(50));
        assert_eq!(misses.count(address("192.0.2.2"), 3, at(10)), None);
        for second in 60..63 {
            assert_eq!(misses.count(address("192.0.2.1"), 3, at(second)), None, "another minute");
        }
        assert_eq!(misses.count(address("192.0.2.1"), 3, at(63)), Some(57));
    }

    #[test]
    fn what_was_no_miss_is_taken_back() {
        let (misses, now) = (Misses::default(), DateTime::UNIX_EPOCH);
        for _ in 0..5 {
            assert_eq!(misses.count(address("192.0.2.1"), 1, now), None);
            misses.take_back(address("192.0.2.1"));
        }
        misses.take_back(address("192.0.2.2"));
        assert_eq!(misses.count(address("192.0.2.1"), 1, now), None);
        assert!(misses.count(address("192.0.2.1"), 1, now).is_some());
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let misses = Misses::default();
        let is_new = |text| misses.count(address(text), 1, DateTime::UNIX_EPOCH).is_none();
        assert!(is_new("2001:db8::1") && !is_new("2001:db8::ffff"));
        assert!(is_new("2001:db8:0:1::1"), "another customer");
        assert!(is_new("::ffff:192.0.2.9") && !is_new("192.0.2.9"));
    }
}
