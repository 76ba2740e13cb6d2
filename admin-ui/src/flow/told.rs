//! The timeline: each entry as a line with a mark, what happened, and how, in the reader's words.

use chrono::{DateTime, NaiveDate, Utc};
use esign_domain::{
    flow::staff::timeline::{Entry, Fact, What},
    terms::FlowEventType as Kind,
};
use esign_web::{language::Language, moment, words::text_value};
use fluent_bundle::FluentArgs;
use serde::Serialize;

use super::facts::short;
use crate::{kit::KIT, moment::Moment};

/// One day of the timeline.
#[derive(Debug, Clone, Serialize)]
pub struct Day {
    /// `2026 年 11 月 22 日`.
    pub title: String,
    /// What happened, newest first.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Which: the same line has the same name whenever the page is made.
    pub name: String,
    /// The time of day.
    pub time: String,
    /// The whole time.
    pub full: String,
    /// Its mark.
    pub icon: &'static str,
    /// The tone of a status' glyph; none: it is an outline.
    pub tone: Option<&'static str>,
    /// The key of what happened.
    pub what: String,
    /// How, each as HTML: made of messages, with values escaped.
    pub how: Vec<String>,
    /// In somebody's words.
    pub note: Option<String>,
    /// It went wrong.
    pub failure: bool,
}

/// The lines of these entries by day; without `all`, those that matter.
pub fn days(language: Language, entries: &[Entry], all: bool, now: DateTime<Utc>) -> Vec<Day> {
    let mut days: Vec<(NaiveDate, Day)> = Vec::new();
    for entry in entries.iter().filter(|entry| all || entry.gist) {
        let date = moment::in_china(entry.at).date_naive();
        if days.last().is_none_or(|(last, _)| *last != date) {
            days.push((date, Day { title: moment::day(language, entry.at), lines: Vec::new() }));
        }
        if let Some((_, day)) = days.last_mut() {
            day.lines.push(line(language, entry, now));
        }
    }
    days.into_iter().map(|(_, day)| day).collect()
}

fn line(language: Language, entry: &Entry, now: DateTime<Utc>) -> Line {
    let (icon, tone) = mark(&entry.what);
    let mut how: Vec<String> = entry.facts.iter().filter_map(|fact| said(language, fact, now)).collect();
    how.extend(entry.by.as_deref().and_then(|by| who(language, by)));
    let key = entry.what.key();
    Line {
        name: format!("{}-{}-{key}", entry.at.timestamp_micros(), entry.seq),
        time: moment::in_china(entry.at).format("%H:%M:%S").to_string(),
        full: Moment::of(language, entry.at, now).full,
        icon,
        tone,
        what: format!("told-{key}"),
        how,
        note: entry.note.clone(),
        failure: entry.failure,
    }
}

/// A fact in words; none: it says nothing to people.
fn said(language: Language, fact: &Fact, now: DateTime<Utc>) -> Option<String> {
    let key = format!("fact-{}", fact.name);
    let word = match fact.name {
        "job" => KIT.words.plain(language, &format!("job-{}", fact.value)),
        name => KIT.words.plain(language, &format!("value-{name}-{}", fact.value)),
    };
    let time = fact.value.parse::<DateTime<Utc>>().ok().map(|at| Moment::of(language, at, now).short);
    let mut values = FluentArgs::new();
    match fact.value.parse::<u16>() {
        // A small number, so that its message can tell one from many.
        Ok(number) if word.is_none() => values.set("value", number),
        _ => values.set("value", text_value(&word.or(time).unwrap_or_else(|| value(fact)))),
    }
    KIT.words.say(language, &key, &values)
}

/// A value as it is; of a number of somebody else's its two ends.
fn value(fact: &Fact) -> String {
    match fact.name {
        "challengeId" | "gatewayMessageId" => short(&fact.value),
        _ => fact.value.clone(),
    }
}

/// Who did it, where the line doesn't say so by itself.
fn who(language: Language, by: &str) -> Option<String> {
    let name = by.strip_prefix("staff:").or_else(|| by.strip_prefix("client:"))?;
    let mut values = FluentArgs::new();
    values.set("name", text_value(name));
    KIT.words.say(language, if by.starts_with("staff:") { "by-staff" } else { "by-client" }, &values)
}

/// The mark of a line: an outline, or a status' own glyph with its tone.
fn mark(what: &What) -> (&'static str, Option<&'static str>) {
    match what {
        What::Event(kind) => mark_of_event(*kind),
        What::SmsQueued | What::SmsAccepted => ("message-2", None),
        What::SmsDelivered => ("message-check", None),
        What::SmsFailed => ("message-x", None),
        What::CallbackReceived => ("webhook", None),
        What::LateResult => ("hourglass", None),
        What::AmountTyped => ("cash", None),
        What::LinkOpened => ("eye", None),
        What::Act(action) if action == "revealPersonal" || action == "readDocument" => ("eye", None),
        What::Act(_) => ("user", None),
    }
}

fn mark_of_event(kind: Kind) -> (&'static str, Option<&'static str>) {
    match kind {
        Kind::Started => ("CREATED", Some("idle")),
        Kind::StartFailed => ("FAILED", Some("fail")),
        Kind::SmsAccepted | Kind::SmsResent => ("message-2", None),
        Kind::SmsExhausted => ("message-x", None),
        Kind::LinkOpened | Kind::Read => ("eye", None),
        Kind::LinkCopied => ("link", None),
        Kind::Consented => ("checks", None),
        Kind::Signed | Kind::SignFailed => ("signature", None),
        Kind::Declined => ("ban", None),
        Kind::AuthRequested => ("fingerprint", None),
        Kind::ChallengeCreated | Kind::ChallengeFailed => ("building-bank", None),
        Kind::MaterialSubmitted | Kind::MaterialRefused => ("cash", None),
        Kind::AuthPassed => ("shield-check", None),
        Kind::AuthRejected => ("shield-x", None),
        Kind::ChallengeExpired => ("hourglass", None),
        Kind::Sealed => ("COMPLETED", Some("done")),
        Kind::SealFailed => ("SEALING", Some("busy")),
        Kind::SealAbandoned => ("FAILED", Some("fail")),
        Kind::SessionExpired => ("TIMED_OUT", Some("warn")),
        Kind::Cancelled => ("CANCELLED", Some("idle")),
    }
}
