//! What differs between two texts, for eyes: character by character in short ones, line by line in long ones.

use std::time::Duration;

use serde::Serialize;
use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, TextDiffConfig};

/// However unlike two long texts are, looking for the smallest difference ends after this; then a larger one is shown.
const LONGEST_LOOK: Duration = Duration::from_millis(300);
/// Lines that stay, shown around those that don't.
const AROUND: usize = 3;
/// Two lines less alike than this are two lines, not one that was changed.
const ALIKE: f32 = 0.4;

/// Whether a piece of text stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It stands in both.
    Same,
    /// It stands in the older one only.
    Gone,
    /// It stands in the newer one only.
    New,
}

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Whether it stays.
    pub fate: Fate,
    /// The text.
    pub text: String,
}

/// A line of either text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Whether it stays.
    pub fate: Fate,
    /// Its number in the older text, from 1.
    pub old: Option<usize>,
    /// Its number in the newer text, from 1.
    pub new: Option<usize>,
    /// What it says, with what differs from the line that it takes the place of.
    pub spans: Vec<Span>,
}

/// Two texts, character by character.
pub fn characters(old: &str, new: &str) -> Vec<Span> {
    let diff = look().diff_chars(old, new);
    let mut spans: Vec<Span> = Vec::new();
    for change in diff.iter_all_changes() {
        push(&mut spans, fate(change.tag()), change.value());
    }
    spans
}

/// Two texts, line by line: what changed, with a few lines around it.
pub fn lines(old: &str, new: &str) -> Vec<Vec<Line>> {
    let (before, after): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let diff = look().diff_slices(&before, &after);
    let groups = diff.grouped_ops(AROUND);
    groups.iter().map(|group| group.iter().flat_map(|op| of_op(&before, &after, op)).collect()).collect()
}

fn look() -> TextDiffConfig {
    let mut look = TextDiff::configure();
    look.algorithm(Algorithm::Patience).timeout(LONGEST_LOOK);
    look
}

fn of_op(before: &[&str], after: &[&str], op: &DiffOp) -> Vec<Line> {
    let (old, new) = (op.old_range(), op.new_range());
    if matches!(op, DiffOp::Equal { .. }) {
        let pairs = old.zip(new);
        return pairs
            .map(|(old, new)| line(Fate::Same, Some(old), Some(new), whole(Fate::Same, before[old])))
            .collect();
    }
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let count = old.len().max(new.len());
    for step in 0..count {
        let old = Some(old.start + step).filter(|at| old.contains(at));
        let new = Some(new.start + step).filter(|at| new.contains(at));
        let (was, is) = match (old, new) {
            (Some(old), Some(new)) => pair(before[old], after[new]),
            _ => (
                old.map(|old| whole(Fate::Gone, before[old])).unwrap_or_default(),
                new.map(|new| whole(Fate::New, after[new])).unwrap_or_default(),
            ),
        };
        gone.extend(old.map(|at| line(Fate::Gone, Some(at), None, was)));
        come.extend(new.map(|at| line(Fate::New, None, Some(at), is)));
    }
    gone.into_iter().chain(come).collect()
}

/// What differs between a line and the one in its place: each with its own side of it.
fn pair(old: &str, new: &str) -> (Vec<Span>, Vec<Span>) {
    let spans = characters(old, new);
    let same: usize = spans.iter().filter(|span| span.fate == Fate::Same).map(|span| span.text.len()).sum();
    #[expect(clippy::cast_precision_loss, reason = "lines are short, and it is a rule of thumb")]
    let alike = 2.0 * same as f32 / (old.len() + new.len()).max(1) as f32;
    if alike < ALIKE {
        return (whole(Fate::Gone, old), whole(Fate::New, new));
    }
    let side = |other: Fate| spans.iter().filter(|span| span.fate != other).cloned().collect();
    (side(Fate::New), side(Fate::Gone))
}

fn whole(fate: Fate, text: &str) -> Vec<Span> {
    vec![Span { fate, text: text.to_owned() }]
}

fn line(fate: Fate, old: Option<usize>, new: Option<usize>, spans: Vec<Span>) -> Line {
    Line { fate, old: old.map(|at| at + 1), new: new.map(|at| at + 1), spans }
}

fn push(spans: &mut Vec<Span>, fate: Fate, text: &str) {
    match spans.last_mut().filter(|last| last.fate == fate) {
        Some(last) => last.text.push_str(text),
        None => spans.push(Span { fate, text: text.to_owned() }),
    }
}

fn fate(tag: ChangeTag) -> Fate {
    match tag {
        ChangeTag::Equal => Fate::Same,
        ChangeTag::Delete => Fate::Gone,
        ChangeTag::Insert => Fate::New,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(spans: &[Span]) -> String {
        let mark = |span: &Span| match span.fate {
            Fate::Same => span.text.clone(),
            Fate::Gone => format!("[-{}]", span.text),
            Fate::New => format!("[+{}]", span.text),
        };
        spans.iter().map(mark).collect()
    }

    #[test]
    fn characters_that_differ_are_marked_and_nothing_else() {
        assert_eq!(told(&characters("请于明天签字", "请在明天前签字")), "请[-于][+在]明天[+前]签字");
        assert_eq!(told(&characters("", "a")), "[+a]");
        assert!(characters("", "").is_empty());
    }

    #[test]
    fn lines_have_their_numbers_and_what_differs_within_them() {
        let old = "一\n二\n三\n四\n五\n六\n七\n甲方应在三日内付款\n尾";
        let new = "一\n二\n三\n四\n五\n六\n七\n甲方应在五日内付款\n新的一行\n尾";
        let groups = lines(old, new);
        assert_eq!(groups.len(), 1);
        let rows: Vec<_> = groups[0].iter().map(|line| (line.old, line.new, told(&line.spans))).collect();
        assert_eq!(rows[0], (Some(5), Some(5), "五".to_owned()));
        let changed = [
            (Some(8), None, "甲方应在[-三]日内付款".to_owned()),
            (None, Some(8), "甲方应在[+五]日内付款".to_owned()),
            (None, Some(9), "[+新的一行]".to_owned()),
            (Some(9), Some(10), "尾".to_owned()),
        ];
        assert_eq!(rows[3..], changed);
        assert!(lines(old, old).is_empty());
    }
}
