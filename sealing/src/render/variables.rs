//! Which values of its own a text reads: the names behind `d.variables`, found in its syntax, without running it.
//!
//! A flow must give exactly these, so all of them must stand in the text as they are: `d.variables.name`, or
//! `d.variables.at("name")`, also by way of `#let v = d.variables`. Whatever else is done with `variables` leaves open
//! which of them is meant, and is told as a problem.

use std::collections::BTreeSet;
use typst::syntax::ast::{Arg, Expr, FuncCall, LetBinding, LetBindingKind, Pattern};
use typst::syntax::{LinkedNode, Source, SyntaxKind, is_ident};

use super::failure::Problem;
use super::trial::Reading;

/// The entry of the data that holds them.
const VARIABLES: &str = "variables";
/// Characters of a name.
const NAME: usize = 64;
/// Names a text may read.
const NAMES: usize = 100;
/// Problems told of one text.
const PROBLEMS: usize = 50;

/// Reads a text in this process: its syntax may be anything a stranger thinks of, so the platform leaves this to a worker.
pub fn read_in_process(source: &str) -> Reading {
    let source = Source::detached(source);
    let mut search = Search { source: &source, aliases: BTreeSet::new(), names: BTreeSet::new(), problems: Vec::new() };
    // In the order of the text and without recursion: however deep the text is nested, this is not.
    let mut open = vec![LinkedNode::new(source.root())];
    while let Some(node) = open.pop() {
        if search.is_variables(&node) {
            search.used(&node);
        }
        open.extend(node.children().rev());
    }
    if search.names.len() > NAMES {
        search.problems.push(Problem::at((0, 0), &format!("it reads more than {NAMES} variables")));
    }
    search.problems.truncate(PROBLEMS);
    Reading { variables: search.names.into_iter().take(NAMES).collect(), problems: search.problems }
}

struct Search<'a> {
    source: &'a Source,
    /// Names that a `let` gave to the variables as a whole.
    aliases: BTreeSet<String>,
    names: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Search<'_> {
    /// Whether this expression is the variables as a whole.
    fn is_variables(&self, node: &LinkedNode<'_>) -> bool {
        match node.kind() {
            SyntaxKind::FieldAccess | SyntaxKind::MathFieldAccess => {
                node.children().next_back().is_some_and(|field| field.get().full_text() == VARIABLES)
            }
            SyntaxKind::FuncCall => node.cast().is_some_and(|call| asked_at(call) == Asked::For(VARIABLES.into())),
            SyntaxKind::Ident => self.aliases.contains(node.leaf_text().as_str()) && is_read(node),
            _ => false,
        }
    }

    /// Notes what is done with the variables as a whole.
    fn used(&mut self, whole: &LinkedNode<'_>) {
        let Some(parent) = whole.parent() else { return };
        match parent.kind() {
            SyntaxKind::FieldAccess | SyntaxKind::MathFieldAccess if is_first(whole) => self.accessed(parent),
            SyntaxKind::LetBinding => match alias(parent) {
                Some(name) => drop(self.aliases.insert(name)),
                None => self.problem(whole, "give the variables as a whole one name, or read them one by one"),
            },
            _ => self.problem(whole, "read variables one by one: d.variables.name"),
        }
    }

    /// Notes which of them is read by `….name` or by `….at("name")`.
    fn accessed(&mut self, access: &LinkedNode<'_>) {
        let called = access.parent().filter(|parent| parent.kind() == SyntaxKind::FuncCall && is_first(access));
        let field = access.children().next_back().map(|field| field.get().full_text());
        match (called.and_then(|call| call.cast::<FuncCall<'_>>()), called) {
            (Some(call), Some(node)) => match asked_at(call) {
                Asked::For(name) => self.name(node, &name),
                Asked::Computed => self.problem(
                    node,
                    "the name of a variable must stand in the text as it is: at(\"name\"); a computed one can't be asked of a flow",
                ),
                Asked::Otherwise => self.problem(node, "read variables one by one: d.variables.name"),
            },
            _ => self.name(access, field.as_deref().unwrap_or_default()),
        }
    }

    fn name(&mut self, node: &LinkedNode<'_>, name: &str) {
        if is_ident(name) && name.chars().count() <= NAME {
            self.names.insert(name.to_owned());
        } else {
            self.problem(
                node,
                "the name of a variable has 1-64 letters, digits, _ and -, and begins with a letter or _",
            );
        }
    }

    fn problem(&mut self, node: &LinkedNode<'_>, message: &str) {
        let place = self.source.lines().byte_to_line_column(node.offset());
        let place = place.map_or((0, 0), |(line, column)| (line + 1, column + 1));
        self.problems.push(Problem::at(place, message));
    }
}

/// What a call asks of what it is made on.
#[derive(PartialEq)]
enum Asked {
    /// `….at("name")`: the entry of this name.
    For(String),
    /// `….at(…)`: an entry whose name isn't written out.
    Computed,
    /// Anything else.
    Otherwise,
}

fn asked_at(call: FuncCall<'_>) -> Asked {
    match (call.callee(), call.args().items().next()) {
        (Expr::FieldAccess(callee), first) if callee.field().as_str() == "at" => match first {
            Some(Arg::Pos(Expr::Str(name))) => Asked::For(name.get().to_string()),
            _ => Asked::Computed,
        },
        _ => Asked::Otherwise,
    }
}

/// The one name that a `let` gives.
fn alias(binding: &LinkedNode<'_>) -> Option<String> {
    let binding = binding.cast::<LetBinding<'_>>()?;
    let LetBindingKind::Normal(Pattern::Normal(Expr::Ident(name))) = binding.kind() else {
        return None;
    };
    Some(name.as_str().to_owned())
}

/// Whether a name is read here, and isn't given to something: a binding, a field, an argument, a parameter.
fn is_read(name: &LinkedNode<'_>) -> bool {
    match name.parent_kind() {
        Some(SyntaxKind::FieldAccess | SyntaxKind::MathFieldAccess) => is_first(name),
        Some(SyntaxKind::LetBinding | SyntaxKind::Named | SyntaxKind::Closure | SyntaxKind::ForLoop) => {
            !is_first_name(name)
        }
        Some(SyntaxKind::Params | SyntaxKind::Destructuring | SyntaxKind::RenamedImportItem) => false,
        _ => true,
    }
}

fn is_first(node: &LinkedNode<'_>) -> bool {
    node.index() == 0
}

/// Whether no other name stands before this one in its parent.
fn is_first_name(name: &LinkedNode<'_>) -> bool {
    let mut before = name.prev_sibling();
    while let Some(sibling) = before {
        if sibling.kind() == SyntaxKind::Ident {
            return false;
        }
        before = sibling.prev_sibling();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(source: &str) -> Vec<String> {
        let Reading { variables, problems } = read_in_process(source);
        assert_eq!(problems, [], "{source}");
        variables
    }

    #[test]
    fn names_are_found_wherever_they_are_read() {
        for (source, expected) in [
            ("#let d = json(\"/data.json\")\n#d.variables.rate", &["rate"][..]),
            ("#json(\"/data.json\").variables.rate", &["rate"]),
            ("#d.variables.at(\"rate\") #d.variables.at(\"term\", default: [x])", &["rate", "term"]),
            ("#d.at(\"variables\").rate #d.at(\"variables\").at(\"term\")", &["rate", "term"]),
            ("#let v = d.variables\n#v.rate\n#let w = v\n#w.at(\"term\")", &["rate", "term"]),
            ("#let f(v: 1) = v\n#let v = d.variables\n#f(v: v.rate)", &["rate"]),
            ("#if true [#for i in range(3) { d.variables.rate.len() }]", &["rate"]),
            ("$ data.variables.rate + #d.variables.term $", &["rate", "term"]),
            ("#d.variables.金额 #d.variables.first-name", &["first-name", "金额"]),
            ("`d.variables.raw` // d.variables.comment\n\"d.variables.words\" d.variables.words", &[]),
            ("#let v = 1\n#v.rate", &[]),
            ("", &[]),
        ] {
            assert_eq!(names(source), expected, "{source}");
        }
    }

    #[test]
    fn what_leaves_open_which_is_read_is_told_and_where() {
        for (source, place, words) in [
            ("\n  #d.variables.at(name)", (2, 4), "computed"),
            ("#d.variables.at(\"a\" + \"b\")", (1, 2), "computed"),
            ("#d.variables.at()", (1, 2), "computed"),
            ("#d.variables.at(..names)", (1, 2), "computed"),
            ("#d.variables.keys()", (1, 2), "one by one"),
            ("#for v in d.variables {}", (1, 11), "one by one"),
            ("#d.variables", (1, 2), "one by one"),
            ("#f(d.variables)", (1, 4), "one by one"),
            ("#let v = d.variables\n#v", (2, 2), "one by one"),
            ("#let (a, b) = d.variables", (1, 15), "one name"),
            ("#d.variables.at(\"two words\")", (1, 2), "1-64"),
            ("#d.variables.at(\"\")", (1, 2), "1-64"),
        ] {
            let problems = read_in_process(source).problems;
            assert_eq!(problems.len(), 1, "{source}: {problems:?}");
            assert_eq!((problems[0].line, problems[0].column), place, "{source}");
            assert!(problems[0].message.contains(words), "{source}: {}", problems[0].message);
        }
        let long = format!("#d.variables.{}", "x".repeat(65));
        assert_eq!(read_in_process(&long).problems.len(), 1);
        assert_eq!(names(&format!("#d.variables.{}", "x".repeat(64))).len(), 1);
    }

    #[test]
    fn there_may_be_a_hundred_and_not_more() {
        let line = |number: usize| format!("#d.variables.v{number}\n");
        let of = |count: usize| (0..count).map(line).collect::<Vec<_>>().concat();
        assert_eq!(names(&of(100)).len(), 100);
        let many = read_in_process(&of(101));
        assert_eq!((many.problems.len(), many.variables.len()), (1, 100));
    }

    proptest! {
        #[test]
        fn whatever_the_text_it_is_read_to_its_end(text in "[#$\\[\\]{}().,:;=+\" \n*_`<>@/\\\\a-d0-9]*(d\\.variables)?[#$\\[\\]{}()., a\"]*") {
            let reading = read_in_process(&text);
            prop_assert!(reading.variables.iter().all(|name| is_ident(name)));
            let lines = text.lines().count().max(1) + 1;
            prop_assert!(reading.problems.iter().all(|problem| problem.line <= lines));
        }
    }
}
