//! A text under the eyes of whoever writes it: as the phone shows it, what it costs, and what carriers would say.

use esign_domain::{
    Error, Result,
    sms::{
        self,
        lint::Problem,
        preview::{Preview, PreviewSms},
        sample::VARIABLES,
        segment::Length,
        template::{Piece, TemplateInput, pieces},
    },
    words::Lang,
};
use serde::Serialize;

use crate::visit::Visit;

/// So many bars of segments are drawn at most.
const BARS: usize = 8;
/// How alike a name must be to be taken for a slip of the pen.
const ALIKE: f32 = 0.6;

/// All that is shown of a text.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Look {
    /// Whether there is anything to show.
    pub shown: bool,
    /// The text as it is written, its variables marked.
    pub marked: Vec<Run>,
    /// The message with usual values.
    pub usual: Side,
    /// The same with the longest there can be.
    pub longest: Side,
    /// Names that are no variables, and which was meant.
    pub unknown: Vec<Unknown>,
    /// What carriers would say, each once.
    pub lines: Vec<Line>,
    /// Gateways that nothing stands in the way of.
    pub fine: Vec<String>,
    /// How many block.
    pub errors: usize,
    /// How many warn.
    pub warnings: usize,
}

/// A message with values set in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Side {
    runs: Vec<Run>,
    characters: usize,
    segments: usize,
    /// So many fewer would save one.
    fewer: Option<usize>,
    /// How full each segment is, in percent.
    bars: Vec<usize>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    kind: &'static str,
    text: String,
}

/// A name that is no variable.
#[derive(Debug, Clone, Serialize)]
pub struct Unknown {
    name: String,
    meant: Option<&'static str>,
}

/// Something a carrier would refuse.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    message: String,
    blocking: bool,
    /// At which gateways; none: at every one.
    at: Vec<String>,
}

impl Look {
    /// Looks at a text as it is written now. A form that is only half filled in is looked at all the same.
    pub async fn at(visit: &Visit, input: &TemplateInput) -> Result<Self> {
        let asked = PreviewSms {
            body: input.body.clone(),
            sign_name: input.sign_name.clone(),
            selector: input.selector.clone(),
            gateway_templates: Some(input.gateway_templates.clone()),
        };
        let settings = &visit.app().settings;
        let gateways: Vec<_> = settings.sms.gateways.iter().map(|gateway| gateway.name.clone()).collect();
        match sms::preview(visit.app(), visit.caller(), asked).await {
            Ok(preview) => Ok(Self::of(&input.body, &preview, (&gateways, &settings.server.public_url), visit.lang())),
            Err(Error::InvalidArgument(_)) => Ok(Self { marked: marked(&input.body), ..Self::default() }),
            Err(error) => Err(error),
        }
    }

    /// The same of what the domain found.
    pub fn of(body: &str, preview: &Preview, (gateways, address): (&[String], &str), lang: Lang) -> Self {
        let lines = lines(&preview.problems, gateways, lang);
        // A variable that is none is wrong at every gateway.
        let clean = |name: &&String| {
            preview.unknown_variables.is_empty() && !preview.problems.iter().any(|problem| problem.gateway == **name)
        };
        let blocking = lines.iter().filter(|line| line.blocking).count();
        let unknown = |name: &String| Unknown { meant: meant(name), name: name.clone() };
        Self {
            shown: true,
            marked: marked(body),
            usual: Side::of(&preview.text, preview.length, address),
            longest: Side::of(&preview.longest_text, preview.longest, address),
            fine: gateways.iter().filter(clean).cloned().collect(),
            errors: blocking + preview.unknown_variables.len(),
            warnings: lines.len() - blocking,
            unknown: preview.unknown_variables.iter().map(unknown).collect(),
            lines,
        }
    }
}

impl Side {
    fn of(text: &str, length: Length, address: &str) -> Self {
        let Length { characters, segments } = length;
        Self {
            runs: said(text, address),
            characters,
            segments,
            fewer: length.fewer_for_one_less(),
            bars: bars(characters, segments),
        }
    }
}

/// What stands in the way, each once, with the gateways where it does.
fn lines(problems: &[Problem], gateways: &[String], lang: Lang) -> Vec<Line> {
    let mut found: Vec<(&Problem, Vec<String>)> = Vec::new();
    for problem in problems {
        let same = |(known, _): &&mut (&Problem, Vec<String>)| {
            (known.rule, &known.message, known.blocking) == (problem.rule, &problem.message, problem.blocking)
        };
        match found.iter_mut().find(same) {
            Some((_, at)) => at.push(problem.gateway.clone()),
            None => found.push((problem, vec![problem.gateway.clone()])),
        }
    }
    let line = |(problem, at): (&Problem, Vec<String>)| Line {
        message: lang.problem(&problem.message),
        blocking: problem.blocking,
        at: if at.len() == gateways.len() && gateways.len() > 1 { Vec::new() } else { at },
    };
    let mut lines: Vec<_> = found.into_iter().map(line).collect();
    lines.sort_by_key(|line| !line.blocking);
    lines
}

/// The text as it is written: variables, those that are none, and what stands between them.
pub fn marked(body: &str) -> Vec<Run> {
    let run = |piece: Piece<'_>| match piece {
        Piece::Text(text) => Run { kind: "text", text: text.to_owned() },
        Piece::Variable { name, source } => {
            Run { kind: if VARIABLES.contains(&name) { "known" } else { "unknown" }, text: source.to_owned() }
        }
    };
    pieces(body).into_iter().map(run).collect()
}

/// The text as the phone shows it: what still stands in braces is no variable, and our address is a link.
fn said(text: &str, address: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Variable { source, .. } => runs.push(Run { kind: "unknown", text: source.to_owned() }),
            Piece::Text(text) => runs.extend(linked(text, address)),
        }
    }
    runs
}

fn linked(text: &str, address: &str) -> Vec<Run> {
    let run = |kind, text: &str| Run { kind, text: text.to_owned() };
    let Some(start) = text.find(address).filter(|_| !address.is_empty()) else { return vec![run("text", text)] };
    let length = text[start..].find(|c: char| c.is_whitespace() || !c.is_ascii()).unwrap_or(text.len() - start);
    let (before, rest) = text.split_at(start);
    let (link, after) = rest.split_at(length);
    [("text", before), ("link", link), ("text", after)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(kind, text)| run(kind, text))
        .collect()
}

fn bars(characters: usize, segments: usize) -> Vec<usize> {
    let (whole, segment) = (70, 67);
    let full = segments.saturating_sub(1);
    let last = if full == 0 { characters * 100 / whole } else { (characters - full * segment) * 100 / segment };
    let mut bars = vec![100; full];
    bars.push(last.min(100));
    // One more shows where the next would begin.
    bars.push(0);
    bars.truncate(BARS);
    bars
}

/// The variable that was meant, if one is nearly called so.
fn meant(name: &str) -> Option<&'static str> {
    let alike =
        |known: &str| similar::TextDiff::from_chars(known.to_lowercase().as_str(), &name.to_lowercase()).ratio();
    let near = VARIABLES.into_iter().map(|known| (known, alike(known))).filter(|(_, alike)| *alike >= ALIKE);
    near.max_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(known, _)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(runs: &[Run]) -> Vec<(&str, &str)> {
        runs.iter().map(|run| (run.kind, run.text.as_str())).collect()
    }

    #[test]
    fn what_is_no_variable_is_marked_in_the_text_and_in_the_bubble() {
        let expected = [("text", "请"), ("known", "{{ subjectName }}"), ("unknown", "{{ hotlin }}"), ("text", "{{")];
        assert_eq!(told(&marked("请{{ subjectName }}{{ hotlin }}{{")), expected);
        let shown = said("打开 https://a.cn/s/00 签{{ x }}", "https://a.cn");
        let expected = [("text", "打开 "), ("link", "https://a.cn/s/00"), ("text", " 签"), ("unknown", "{{ x }}")];
        assert_eq!(told(&shown), expected);
        assert_eq!(told(&said("没有链接", "https://a.cn")), [("text", "没有链接")]);
    }

    #[test]
    fn bars_are_as_full_as_their_segments() {
        for (characters, segments, expected) in [
            (0, 0, &[0, 0][..]),
            (35, 1, &[50, 0]),
            (70, 1, &[100, 0]),
            (114, 2, &[100, 70, 0]),
            (135, 3, &[100, 100, 1, 0]),
        ] {
            assert_eq!(bars(characters, segments), expected, "{characters}");
        }
        assert_eq!(bars(2_000, 30).len(), BARS);
    }

    #[test]
    fn a_slip_of_the_pen_is_told_from_another_name() {
        assert_eq!(meant("subjectname"), Some("subjectName"));
        assert_eq!(meant("expireAt"), Some("expiresAt"));
        assert_eq!(meant("hotline"), None);
    }
}
