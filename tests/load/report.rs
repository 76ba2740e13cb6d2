//! Figures as they are pasted into `docs/PERFORMANCE.md`, and as JSON.

use std::{fmt::Write as _, path::Path};

use serde_json::{Map, Value, json};

use crate::{
    Failure,
    sample::{Sample, Spread},
    say,
    settings::Settings,
};

/// What was measured.
pub struct Report {
    text: String,
    figures: Map<String, Value>,
}

/// One side of a comparison: what it did, and its windows.
pub struct Side<'a> {
    /// In the table.
    pub name: &'a str,
    /// One a round.
    pub samples: &'a [Sample],
}

impl Report {
    /// An empty one.
    pub fn new(settings: &Settings) -> Self {
        let Settings { connections, rounds, window, .. } = settings;
        let text = format!("{connections} connections, {rounds} rounds of {} s a side.\n", window.as_secs());
        Self { text, figures: Map::new() }
    }

    /// A headline.
    pub fn section(&mut self, title: &str) {
        self.line(&format!("\n### {title}\n"));
    }

    /// A line of text, told at once as well.
    pub fn line(&mut self, line: &str) {
        say(line);
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A figure for the JSON.
    pub fn figure(&mut self, name: &str, value: Value) {
        self.figures.insert(name.to_owned(), value);
    }

    /// A table of sides, and each one beside the first: rates and costs, round by round.
    pub fn sides(&mut self, name: &str, sides: &[Side<'_>]) {
        self.line("| | a second | µs of CPU each | of it server | PostgreSQL | client, not counted | CPU beside the first | rate beside the first |");
        self.line("|---|---|---|---|---|---|---|---|");
        let first = sides[0].samples;
        let mut figures = Map::new();
        for side in sides {
            let all = side.samples;
            let rate = spread(all, Sample::rate);
            let cost = spread(all, Sample::cost);
            let server = spread(all, |s| s.each(s.server + s.workers)).median;
            let postgres = spread(all, |s| s.each(s.postgres)).median;
            let client = spread(all, |s| s.each(s.client)).median;
            let costs = beside(all, first, Sample::cost);
            let rates = beside(all, first, Sample::rate);
            self.line(&format!(
                "| {} | {} | {} | {server:.0} | {postgres:.0} | {client:.0} | {} | {} |",
                side.name,
                words(rate, 0),
                words(cost, 0),
                words(costs, 2),
                words(rates, 2),
            ));
            figures.insert(
                side.name.to_owned(),
                json!({"samples": all, "rate": rate, "cost": cost, "costBesideFirst": costs, "rateBesideFirst": rates}),
            );
        }
        self.figure(name, Value::Object(figures));
    }

    /// All of it, as Markdown.
    pub fn markdown(&self) -> &str {
        &self.text
    }

    /// Writes the JSON, if it is wanted.
    pub fn write(&self, file: Option<&Path>) -> Result<(), Failure> {
        let Some(file) = file else { return Ok(()) };
        let text = serde_json::to_string_pretty(&self.figures).map_err(|error| error.to_string())?;
        std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
    }
}

fn spread(samples: &[Sample], figure: impl Fn(&Sample) -> f64) -> Spread {
    Spread::of(samples.iter().map(figure))
}

/// Round by round, so that whatever troubled the machine for a while troubled both.
fn beside(side: &[Sample], first: &[Sample], figure: impl Fn(&Sample) -> f64) -> Spread {
    Spread::of(side.iter().zip(first).map(|(one, other)| figure(one) / figure(other)))
}

/// The middle, and in brackets from where to where.
pub fn words(spread: Spread, digits: usize) -> String {
    let mut words = String::new();
    let Spread { least, median, greatest } = spread;
    write!(words, "{median:.digits$} ({least:.digits$}–{greatest:.digits$})").expect("a String takes everything");
    words
}
