//! A text as it would come out: its pages, what is wrong with it and where, which values it asks for.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use esign_domain::{
    Error,
    agreement::{
        self,
        check::TextProblem,
        entity::agreement_type,
        preview::{Preview, ShowTo},
        publish::PublishText,
    },
    words::Lang,
};
use serde::Serialize;

use crate::visit::{Refusal, Visit};

/// What is shown beside a text.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Sheet {
    /// Whether it was tried at all.
    pub tried: bool,
    /// Images, one a page: nothing in them runs, and nothing outside sees them.
    pages: Vec<String>,
    problems: Vec<Problem>,
    variables: Vec<Variable>,
    /// Whether there is a PDF to be had.
    whole: bool,
    /// Too many texts wait: seconds until the next try.
    busy: Option<i64>,
    /// Why it was not tried.
    refused: String,
}

/// Something wrong with a text.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// From 1; none: nowhere in particular.
    line: Option<usize>,
    column: usize,
    message: String,
    /// What the line says.
    quoted: String,
}

/// A value that a flow would have to give.
#[derive(Debug, Clone, Serialize)]
struct Variable {
    name: String,
    value: String,
}

/// How many characters of a line are shown beside its problem.
const QUOTED: usize = 80;

impl Sheet {
    /// Tries a text. That there is no room for it now is told like everything else that is wrong.
    pub async fn of(visit: &Visit, text: &PublishText, to: &ShowTo) -> Result<Self, Refusal> {
        let tried = agreement::preview(visit.app(), visit.caller(), text, to).await;
        Self::told(visit, tried, &text.source, to)
    }

    /// A text that was published.
    pub async fn of_published(visit: &Visit, kind: &agreement_type::Model, source: &str) -> Result<Self, Refusal> {
        let tried = agreement::preview::published(visit.app(), visit.caller(), kind, source).await;
        Self::told(visit, tried, source, &ShowTo::default())
    }

    fn told(visit: &Visit, tried: Result<Preview, Error>, source: &str, to: &ShowTo) -> Result<Self, Refusal> {
        match tried {
            Ok(preview) => Ok(Self::from(&preview, source, &to.values, visit.lang())),
            Err(Error::RateLimited { retry_after_seconds }) => {
                Ok(Self { busy: Some(retry_after_seconds), variables: given(&to.values), ..Self::default() })
            }
            Err(Error::InvalidArgument(problems)) => {
                let told: Vec<_> = problems.iter().map(|problem| visit.lang().problem(&problem.problem)).collect();
                Ok(Self { refused: told.join(" · "), variables: given(&to.values), ..Self::default() })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The same of what the domain found.
    pub fn from(preview: &Preview, source: &str, values: &BTreeMap<String, String>, lang: Lang) -> Self {
        let page = |svg: &String| format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg));
        let value =
            |name: &String| Variable { value: values.get(name).cloned().unwrap_or_default(), name: name.clone() };
        Self {
            tried: true,
            pages: preview.pages.iter().map(page).collect(),
            problems: preview.problems.iter().map(|problem| Problem::of(problem, source, lang)).collect(),
            variables: preview.variables.iter().map(value).collect(),
            whole: preview.pdf.is_some(),
            ..Self::default()
        }
    }

    /// How much is wrong.
    pub fn errors(&self) -> usize {
        self.problems.len()
    }
}

impl Problem {
    fn of(problem: &TextProblem, source: &str, lang: Lang) -> Self {
        let (line, column) = problem.place.unzip();
        let quoted = line.and_then(|line| source.split('\n').nth(line - 1)).unwrap_or_default();
        Self {
            line,
            column: column.unwrap_or_default(),
            message: lang.problem(&problem.message),
            quoted: quoted.trim().chars().take(QUOTED).collect(),
        }
    }
}

fn given(values: &BTreeMap<String, String>) -> Vec<Variable> {
    values.iter().map(|(name, value)| Variable { name: name.clone(), value: value.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_quotes_its_line_and_a_page_can_hold_no_markup() {
        let problem = TextProblem { place: Some((2, 3)), message: "must not be empty".into() };
        let preview = Preview {
            pages: vec!["<svg><script>alert(1)</script></svg>".into()],
            pdf: None,
            variables: vec!["rate".into(), "store".into()],
            problems: vec![problem],
        };
        let values = BTreeMap::from([("rate".to_owned(), "千分之六".to_owned())]);
        let sheet = Sheet::from(&preview, "一\n  #二 <b>\n三", &values, Lang::Zh);
        assert_eq!((sheet.problems[0].line, sheet.problems[0].quoted.as_str()), (Some(2), "#二 <b>"));
        assert!(!sheet.pages[0].contains('<') && sheet.pages[0].starts_with("data:image/svg+xml;base64,"));
        let told: Vec<_> = sheet.variables.iter().map(|it| (it.name.as_str(), it.value.as_str())).collect();
        assert_eq!(told, [("rate", "千分之六"), ("store", "")]);
    }
}
