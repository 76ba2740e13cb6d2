//! A breaker before each gateway: who keeps failing is left out for a while, then tried with one message.
//!
//! It is a function over (state, what happened, time), kept per gateway in every process: what one process knows of a
//! gateway is soon enough known to another by its own failures.

use std::{collections::BTreeMap, sync::Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use esign_config::Sms;

/// When a breaker opens and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// So many failures, one after the other.
    pub failures: u32,
    /// For so long nothing is let through, then one message.
    pub rest: TimeDelta,
}

impl From<&Sms> for Limits {
    fn from(settings: &Sms) -> Self {
        Self { failures: settings.breaker_failures, rest: TimeDelta::seconds(settings.breaker_seconds) }
    }
}

/// How one stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaker {
    /// Everything goes through.
    Closed {
        /// Failures since the last success.
        failures: u32,
    },
    /// Nothing does.
    Open {
        /// Then one message may try.
        until: DateTime<Utc>,
    },
    /// One message is trying; the others wait for what comes of it.
    Trying {
        /// By then nothing will come of it any more, and another may try.
        until: DateTime<Utc>,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Breaker {
    /// How it stands when a message that comes now is let through; none: it isn't.
    pub fn admit(self, now: DateTime<Utc>, limits: Limits) -> Option<Self> {
        match self {
            Self::Closed { .. } => Some(self),
            Self::Open { until } | Self::Trying { until } if now < until => None,
            Self::Open { .. } | Self::Trying { .. } => Some(Self::Trying { until: now + limits.rest }),
        }
    }

    /// The gateway gave an answer that made sense, be it a refusal.
    pub fn worked(self) -> Self {
        Self::default()
    }

    /// The gateway failed.
    pub fn failed(self, now: DateTime<Utc>, limits: Limits) -> Self {
        match self {
            Self::Closed { failures } if failures + 1 < limits.failures => Self::Closed { failures: failures + 1 },
            // What was under way when it opened tells nothing new.
            Self::Open { .. } => self,
            Self::Closed { .. } | Self::Trying { .. } => Self::Open { until: now + limits.rest },
        }
    }

    /// Whether the gateway is left out, or only just being tried again.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Closed { .. })
    }
}

/// The breakers of this process, by the names of their gateways.
#[derive(Debug, Default)]
pub struct Breakers(Mutex<BTreeMap<String, Breaker>>);

impl Breakers {
    /// Whether a message that comes now is let through.
    pub fn admit(&self, gateway: &str, now: DateTime<Utc>, limits: Limits) -> bool {
        let mut admitted = false;
        self.change(gateway, |breaker| {
            let after = breaker.admit(now, limits);
            admitted = after.is_some();
            after.unwrap_or(breaker)
        });
        admitted
    }

    /// The same without letting anything through.
    pub fn would_admit(&self, gateway: &str, now: DateTime<Utc>, limits: Limits) -> bool {
        self.of(gateway).admit(now, limits).is_some()
    }

    /// The gateway gave an answer that made sense.
    pub fn worked(&self, gateway: &str) {
        self.change(gateway, Breaker::worked);
    }

    /// The gateway failed. True when that opened its breaker.
    pub fn failed(&self, gateway: &str, now: DateTime<Utc>, limits: Limits) -> bool {
        let mut opened = false;
        self.change(gateway, |breaker| {
            let after = breaker.failed(now, limits);
            opened = !breaker.is_open() && after.is_open();
            after
        });
        opened
    }

    /// Whether a gateway is left out, or only just being tried again.
    pub fn is_open(&self, gateway: &str) -> bool {
        self.of(gateway).is_open()
    }

    /// How one stands.
    pub fn of(&self, gateway: &str) -> Breaker {
        self.0.lock().expect("no holder of the breakers panics").get(gateway).copied().unwrap_or_default()
    }

    fn change(&self, gateway: &str, step: impl FnOnce(Breaker) -> Breaker) {
        let mut breakers = self.0.lock().expect("no holder of the breakers panics");
        let before = breakers.get(gateway).copied().unwrap_or_default();
        breakers.insert(gateway.to_owned(), step(before));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits { failures: 3, rest: TimeDelta::seconds(60) };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn the_whole_table() {
        let (closed, open, trying) = (
            |failures| Breaker::Closed { failures },
            Breaker::Open { until: at(60) },
            Breaker::Trying { until: at(120) },
        );
        for (before, second, admitted, worked, failed) in [
            (closed(0), 0, Some(closed(0)), closed(0), closed(1)),
            (closed(1), 0, Some(closed(1)), closed(0), closed(2)),
            (closed(2), 0, Some(closed(2)), closed(0), Breaker::Open { until: at(60) }),
            (open, 59, None, closed(0), open),
            (open, 60, Some(Breaker::Trying { until: at(120) }), closed(0), open),
            (trying, 61, None, closed(0), Breaker::Open { until: at(121) }),
            (trying, 120, Some(Breaker::Trying { until: at(180) }), closed(0), Breaker::Open { until: at(180) }),
        ] {
            let told = (before.admit(at(second), LIMITS), before.worked(), before.failed(at(second), LIMITS));
            assert_eq!(told, (admitted, worked, failed), "{before:?} at {second}");
        }
    }

    proptest! {
        /// Whatever happens: it opens only after three failures on end or a failed trial, at most one message goes
        /// through in a rest, and after a rest one does.
        #[test]
        fn whatever_happens_it_opens_and_closes_as_promised(steps in prop::collection::vec((0..3_u8, 0..50_i64), 1..200)) {
            let (mut breaker, mut now, mut on_end) = (Breaker::default(), at(0), 0);
            let mut let_through: Vec<DateTime<Utc>> = Vec::new();
            for (what, wait) in steps {
                now += TimeDelta::seconds(wait);
                match what {
                    0 => {
                        let was_open = breaker.is_open();
                        let admitted = breaker.admit(now, LIMITS);
                        prop_assert!(was_open || admitted == Some(breaker));
                        if was_open && admitted.is_some() {
                            prop_assert!(let_through.last().is_none_or(|last| *last + LIMITS.rest <= now));
                            let_through.push(now);
                        }
                        breaker = admitted.unwrap_or(breaker);
                        let rested = breaker.is_open() && breaker.admit(now + LIMITS.rest, LIMITS).is_none();
                        prop_assert!(!rested, "{breaker:?} lets nothing through after a rest");
                    }
                    1 => {
                        breaker = breaker.worked();
                        on_end = 0;
                        let_through.clear();
                        prop_assert!(!breaker.is_open());
                    }
                    _ => {
                        let before = breaker;
                        breaker = breaker.failed(now, LIMITS);
                        on_end += 1;
                        prop_assert!(breaker.is_open() || on_end < LIMITS.failures, "{before:?}");
                        prop_assert!(!breaker.is_open() || on_end >= LIMITS.failures || before.is_open());
                    }
                }
            }
        }
    }
}
