//! Times as staff read them: short, in China's time, with the whole of it behind.

use chrono::{DateTime, Datelike, Days, FixedOffset, TimeDelta, Utc};
use esign_web::{language::Language, moment::in_china};
use serde::Serialize;

/// A time as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// `14:20:31` today, `昨天 13:58`, `11-18 14:20`, `2025-11-18`.
    pub short: String,
    /// The whole: `2026-11-22T14:20:31+08:00`.
    pub full: String,
}

impl Moment {
    /// A time, read at `now`.
    pub fn of(language: Language, at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let (here, today) = (in_china(at), in_china(now));
        Self { short: short(language, here, today), full: here.format("%Y-%m-%dT%H:%M:%S%:z").to_string() }
    }
}

fn short(language: Language, at: DateTime<FixedOffset>, now: DateTime<FixedOffset>) -> String {
    let yesterday = now.date_naive().checked_sub_days(Days::new(1));
    if at.date_naive() == now.date_naive() {
        at.format("%H:%M:%S").to_string()
    } else if Some(at.date_naive()) == yesterday {
        let word = match language {
            Language::Chinese => "昨天",
            Language::English => "yesterday",
        };
        format!("{word} {}", at.format("%H:%M"))
    } else if at.year() == now.year() {
        at.format("%m-%d %H:%M").to_string()
    } else {
        at.format("%Y-%m-%d").to_string()
    }
}

/// A span of time in two units at most: `6 分 42 秒`, `38 分`, `2 天 3 小时`; `6 min 42 s` in English.
pub fn span(language: Language, span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    let unit = |chinese, english| match language {
        Language::Chinese => chinese,
        Language::English => english,
    };
    let parts =
        [(days, unit("天", "d")), (hours, unit("小时", "h")), (minutes, unit("分", "min")), (rest, unit("秒", "s"))];
    let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(3);
    // Nobody cares for the seconds of hours, nor for the minutes of days.
    let said = parts[first..].iter().take(2).filter(|(count, _)| *count > 0);
    let said: Vec<_> = said.map(|(count, unit)| format!("{count} {unit}")).collect();
    if said.is_empty() { format!("0 {}", unit("秒", "s")) } else { said.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_the_more_exact() {
        let now: DateTime<Utc> = "2026-11-22T06:20:31Z".parse().expect("a time");
        for (at, chinese, english) in [
            ("2026-11-22T06:20:31Z", "14:20:31", "14:20:31"),
            ("2026-11-21T16:00:00Z", "00:00:00", "00:00:00"),
            ("2026-11-21T15:59:59Z", "昨天 23:59", "yesterday 23:59"),
            ("2026-11-18T06:20:00Z", "11-18 14:20", "11-18 14:20"),
            ("2025-11-18T06:20:00Z", "2025-11-18", "2025-11-18"),
        ] {
            let at = at.parse().expect("a time");
            assert_eq!(Moment::of(Language::Chinese, at, now).short, chinese);
            assert_eq!(Moment::of(Language::English, at, now).short, english);
        }
        assert_eq!(Moment::of(Language::English, now, now).full, "2026-11-22T14:20:31+08:00");
    }

    #[test]
    fn a_span_has_two_units_at_most() {
        for (seconds, chinese) in [
            (0, "0 秒"),
            (42, "42 秒"),
            (402, "6 分 42 秒"),
            (2_280, "38 分"),
            (3_601, "1 小时"),
            (97_201, "1 天 3 小时"),
        ] {
            assert_eq!(span(Language::Chinese, TimeDelta::seconds(seconds)), chinese);
        }
    }
}
