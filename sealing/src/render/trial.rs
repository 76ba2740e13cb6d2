//! Trying out a text that nobody has published yet: which values of its own it reads, and whether it can be laid out
//! with every kind of data that a flow may bring.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{LaidOut, Layout, LayoutError, Problem};

/// What reading a text without running it shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The names it reads from `variables`, sorted.
    pub variables: Vec<String>,
    /// Where it reads `variables` in a way that doesn't tell which.
    pub problems: Vec<Problem>,
}

/// A text and what it is to be tried with.
#[derive(Clone)]
pub struct Trial {
    /// The text.
    pub source: String,
    /// The data, one layout each.
    pub samples: Vec<Sample>,
    /// Which layout is wanted whole; of the others only where the boxes and how large the pages are.
    pub shown: Option<usize>,
}

/// Data to try a text with.
#[derive(Clone)]
pub struct Sample {
    /// All that a flow's data has; of the values of the text's own variables those that are to be as they stand here.
    pub data: Value,
    /// What each of the others is; `{name}` in it stands for the variable's name.
    pub filler: String,
}

/// What a trial brought to light.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What reading the text showed.
    pub reading: Reading,
    /// What became of each sample, in their order. The first that ran against a limit is the last that was tried: those
    /// after it would do the same.
    pub layouts: Vec<Result<LaidOut, LayoutError>>,
}

impl Trial {
    /// The layout of a sample, its variables filled in.
    pub(super) fn layout(&self, sample: &Sample, variables: &[String]) -> Layout {
        let mut data = sample.data.clone();
        let given = data["variables"].take();
        let filler = |name: &String| sample.filler.replace("{name}", name).into();
        let value = |name: &String| given.get(name).cloned().unwrap_or_else(|| filler(name));
        data["variables"] = Value::Object(variables.iter().map(|name| (name.clone(), value(name))).collect());
        Layout { source: self.source.clone(), data }
    }
}

/// Whether the other samples are worth trying after this one.
pub(super) fn goes_on(layout: &Result<LaidOut, LayoutError>) -> bool {
    matches!(layout, Ok(_) | Err(LayoutError::Source { .. } | LayoutError::MissingGlyph { .. }))
}

#[cfg(feature = "layout")]
impl LaidOut {
    /// The same without what is large: where the boxes and how large the pages are.
    pub(super) fn outlined(mut self) -> Self {
        self.pdf = Vec::new();
        for page in &mut self.pages {
            (page.svg, page.text) = (String::new(), String::new());
        }
        self
    }
}

/// Tries a text out in this process, with no limit on time or memory: for tests.
#[cfg(feature = "layout")]
pub fn check_in_process(trial: &Trial, fonts: &crate::fonts::Fonts) -> Checked {
    let reading = super::variables::read_in_process(&trial.source);
    let mut checked = Checked { layouts: Vec::new(), reading };
    for (index, sample) in trial.samples.iter().enumerate() {
        let layout = trial.layout(sample, &checked.reading.variables);
        let laid_out = super::lay_out_in_process(&layout, fonts);
        let whole = trial.shown == Some(index);
        checked.layouts.push(if whole { laid_out } else { laid_out.map(LaidOut::outlined) });
        if !checked.layouts.last().is_some_and(goes_on) {
            break;
        }
    }
    checked
}

impl std::fmt::Debug for Trial {
    /// Says how much there is, never what.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Trial").field("source_bytes", &self.source.len()).finish_non_exhaustive()
    }
}
