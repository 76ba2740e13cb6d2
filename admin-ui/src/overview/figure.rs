//! Figures as they are said.

use chrono::TimeDelta;
use esign_web::language::Language;
use serde::Serialize;

use crate::moment::span;

/// A part of a whole: `99.2`, in percent; none when there is no whole.
#[expect(clippy::cast_precision_loss, reason = "nobody starts 2^53 flows")]
pub fn percent(part: u64, whole: u64) -> Option<String> {
    (whole > 0).then(|| rate(part as f64 / whole as f64))
}

/// A fraction of one in percent, with one decimal.
pub fn rate(fraction: f64) -> String {
    format!("{:.1}", fraction * 100.0)
}

/// Seconds as people say them.
#[expect(clippy::cast_possible_truncation, reason = "a flow lasts days, not ages")]
pub fn seconds(language: Language, seconds: f64) -> String {
    span(language, TimeDelta::seconds(seconds.round() as i64))
}

/// How a figure stands beside an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// More; else less.
    up: bool,
    /// By how much, without a sign.
    by: String,
}

impl Change {
    /// By how many percent a count has changed; none: there is nothing to compare it with, or nothing has changed.
    #[expect(clippy::cast_precision_loss, reason = "nobody starts 2^53 flows")]
    pub fn of_count(now: u64, before: u64) -> Option<Self> {
        (before > 0).then(|| Self::by((now as f64 - before as f64) / before as f64 * 100.0)).flatten()
    }

    /// By how many points a rate has changed.
    #[expect(clippy::cast_precision_loss, reason = "nobody starts 2^53 flows")]
    pub fn of_rate((part, whole): (u64, u64), (part_before, whole_before): (u64, u64)) -> Option<Self> {
        let both = whole > 0 && whole_before > 0;
        both.then(|| Self::by((part as f64 / whole as f64 - part_before as f64 / whole_before as f64) * 100.0))
            .flatten()
    }

    fn by(change: f64) -> Option<Self> {
        (change.abs() >= 0.05).then(|| Self { up: change > 0.0, by: format!("{:.1}", change.abs()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_one_decimal_and_nothing_is_divided_by_nothing() {
        assert_eq!((percent(1, 3).as_deref(), percent(0, 0)), (Some("33.3"), None));
        assert_eq!(seconds(Language::Chinese, 401.6), "6 分 42 秒");
        assert_eq!(Change::of_count(12, 10), Some(Change { up: true, by: "20.0".into() }));
        assert_eq!(Change::of_count(5, 10), Some(Change { up: false, by: "50.0".into() }));
        assert_eq!((Change::of_count(5, 0), Change::of_count(5, 5)), (None, None));
        assert_eq!(Change::of_rate((1, 2), (1, 4)), Some(Change { up: true, by: "25.0".into() }));
        assert_eq!(Change::of_rate((0, 0), (1, 4)), None);
    }
}
