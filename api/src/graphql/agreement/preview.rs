//! A text as it would come out.

use async_graphql::{Context, Object, SimpleObject};
use base64::{Engine, engine::general_purpose::STANDARD};
use esign_domain::{
    agreement::{check::TextProblem, preview::Preview},
    error::{Error, FieldProblem},
    words::Lang,
};

use crate::graphql::{access::lang, error::ApiResult};

/// So many bytes of pages, or of the PDF, are given at once: an answer has room for 5 MiB in all.
const ROOM: usize = 3 << 20;

/// A text laid out with sample values.
pub struct AgreementPreview(pub Preview);

/// A text laid out with sample values: what it would look like, which variables a flow would have to give, and what stands
/// in the way of publishing it.
#[Object]
impl AgreementPreview {
    /// How many pages there are; 0 when it can't be laid out.
    async fn page_count(&self) -> usize {
        self.0.pages.len()
    }

    /// The pages as SVG, in order; as many as fit into an answer, so a long text needs more than one request: the next one
    /// with from = the pages that came so far + 1.
    async fn pages(
        &self,
        #[graphql(desc = "The first page, from 1.", default = 1)] from: i32,
        #[graphql(desc = "How many at most, 1 to 100.")] first: Option<i32>,
    ) -> ApiResult<Vec<&str>> {
        Ok(window(&self.0.pages, from, first)?)
    }

    /// The PDF as it would be sealed, nothing signed in it yet, in Base64; null when there are errors, and when it has more
    /// than 3 MiB. Of a long text ask for it in a request without pages: together they may be too much for one answer.
    async fn pdf(&self) -> Option<String> {
        self.0.pdf.as_ref().filter(|pdf| pdf.len() <= ROOM).map(|pdf| STANDARD.encode(pdf))
    }

    /// Names of the values that a flow must give in agreementVariables.
    async fn variables(&self) -> &[String] {
        &self.0.variables
    }

    /// All that stands in the way of publishing it; empty when nothing does.
    async fn errors(&self, ctx: &Context<'_>) -> Vec<AgreementError> {
        self.0.problems.iter().map(|problem| AgreementError::of(problem, lang(ctx))).collect()
    }
}

/// Pages from one on: as many as are wanted, and as fit.
fn window(pages: &[String], from: i32, first: Option<i32>) -> Result<Vec<&str>, Error> {
    let (wanted, most) = (usize::try_from(from).unwrap_or(0), first.unwrap_or(100));
    let checks = [(wanted >= 1, "from", "must be at least 1"), ((1..=100).contains(&most), "first", "1 to 100")];
    let bad = checks.into_iter().filter(|(well, ..)| !well);
    let problems: Vec<_> =
        bad.map(|(_, path, problem)| FieldProblem { path: path.into(), problem: problem.into() }).collect();
    if !problems.is_empty() {
        return Err(Error::InvalidArgument(problems));
    }
    let rest = pages.iter().skip(wanted - 1).take(usize::try_from(most).unwrap_or(0)).map(String::as_str);
    let mut bytes = 0;
    let fits = |page: &&str| {
        // The quotes of an attribute are escaped on the way: a twentieth more, and the first page always goes.
        let alone = bytes == 0;
        bytes += page.len() + page.len() / 20;
        alone || bytes <= ROOM
    };
    Ok(rest.take_while(fits).collect())
}

/// One thing wrong with a text.
#[derive(SimpleObject)]
pub struct AgreementError {
    /// The line, from 1; null when it is wrong nowhere in particular.
    line: Option<usize>,
    /// The column in characters, from 1; null when it is wrong nowhere in particular.
    column: Option<usize>,
    /// What is wrong; the layout engine speaks English.
    message: String,
}

impl AgreementError {
    fn of(problem: &TextProblem, lang: Lang) -> Self {
        let (line, column) = problem.place.unzip();
        Self { line, column, message: lang.problem(&problem.message) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_come_as_wanted_and_as_they_fit() {
        let pages: Vec<String> = (0..7).map(|number| number.to_string().repeat(1 << 20)).collect();
        let firsts = |from, first| -> Vec<char> {
            window(&pages, from, first).unwrap().iter().filter_map(|page| page.chars().next()).collect()
        };
        assert_eq!(firsts(1, None), ['0', '1']);
        assert_eq!(firsts(3, None), ['2', '3']);
        assert_eq!(firsts(7, None), ['6']);
        assert_eq!(firsts(2, Some(1)), ['1']);
        assert_eq!(firsts(8, None), [' '; 0]);
        let huge = ["x".repeat(ROOM + 1), "y".into()];
        assert_eq!(window(&huge, 1, None).unwrap().len(), 1, "a page that alone is too much still goes, alone");
        for (from, first, paths) in [(0, None, 1), (-1, Some(0), 2), (1, Some(101), 1)] {
            let Err(Error::InvalidArgument(problems)) = window(&pages, from, first) else { panic!("{from}") };
            assert_eq!(problems.len(), paths);
        }
    }
}
