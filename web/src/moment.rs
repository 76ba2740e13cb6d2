//! Times in words, as the wall clock of people in China has them: China has one time zone and no summer time.

use chrono::{DateTime, Datelike, FixedOffset, Timelike, Utc};

use crate::language::Language;

const EAST_SECONDS: i32 = 8 * 3600;

/// Day and time without the year: `11 月 25 日 18:00`, `25 Nov, 18:00`.
pub fn day_and_time(language: Language, at: DateTime<Utc>) -> String {
    let at = in_china(at);
    match language {
        Language::Chinese => format!("{} 月 {} 日 {}", at.month(), at.day(), clock(at)),
        Language::English => format!("{}, {}", at.format("%-d %b"), clock(at)),
    }
}

/// The day: `2026 年 11 月 22 日`, `22 November 2026`.
pub fn day(language: Language, at: DateTime<Utc>) -> String {
    let at = in_china(at);
    match language {
        Language::Chinese => format!("{} 年 {} 月 {} 日", at.year(), at.month(), at.day()),
        Language::English => at.format("%-d %B %Y").to_string(),
    }
}

/// Day with year, and time.
pub fn full(language: Language, at: DateTime<Utc>) -> String {
    format!("{} {}", day(language, at), clock(in_china(at)))
}

/// The time of day: `14:22`.
pub fn time(at: DateTime<Utc>) -> String {
    clock(in_china(at))
}

fn clock(at: DateTime<FixedOffset>) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// The same moment on the clocks of China.
pub fn in_china(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&FixedOffset::east_opt(EAST_SECONDS).expect("eight hours are an offset"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_the_signers() {
        let evening: DateTime<Utc> = "2026-11-22T17:05:00Z".parse().expect("a time");
        assert_eq!(day_and_time(Language::Chinese, evening), "11 月 23 日 01:05");
        assert_eq!(day_and_time(Language::English, evening), "23 Nov, 01:05");
        assert_eq!(day(Language::Chinese, evening), "2026 年 11 月 23 日");
        assert_eq!(full(Language::English, evening), "23 November 2026 01:05");
        assert_eq!(time(evening), "01:05");
    }
}
