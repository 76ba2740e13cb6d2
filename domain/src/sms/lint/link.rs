//! The link, and everything else in a text that is an address or would become one.
//!
//! A carrier registers the constant part of a text with the address in it. So the link is `{{ publicUrl }}/s/{{ linkCode
//! }}`, once, and apart from what stands beside it; no other variable may touch an address, and no other address may
//! stand there. A text is cut into **runs**: what has no blank and no character that ends an address in it, variables
//! included. Each run is the link, holds it, is another address, or is none.

use super::{Found, Rule, blocks, shown};
use crate::sms::template::Piece;

const MISSING: &str = "the link is missing: write {{ publicUrl }}/s/{{ linkCode }}";
const REPEATED: &str = "the link stands more than once";
const APART: &str = "the link must stand apart: no letter or digit before it, a space or the end after it";

/// A character of the constant text, or a variable.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Atom<'a> {
    Char(char),
    Variable(&'a str),
}
use Atom::{Char, Variable};

const LINK: [Atom<'static>; 5] = [Variable("publicUrl"), Char('/'), Char('s'), Char('/'), Variable("linkCode")];

pub(super) fn rules(pieces: &[Piece<'_>]) -> Vec<Found> {
    let mut atoms = Vec::new();
    for piece in pieces {
        match *piece {
            Piece::Text(text) => atoms.extend(text.chars().map(Char)),
            Piece::Variable { name, .. } => atoms.push(Variable(name)),
        }
    }
    let mut found = Vec::new();
    let mut links = 0;
    let mut at = 0;
    while at < atoms.len() {
        let length = atoms[at..].iter().take_while(|atom| belongs(**atom)).count();
        let next = atoms.get(at + length);
        let run = &atoms[at..at + length];
        let within = run.windows(LINK.len()).filter(|window| *window == LINK).count();
        links += within;
        match within {
            0 => found.extend(without_link(run)),
            _ => found.extend(around_link(run, next.is_none_or(|next| *next == Char(' ')))),
        }
        at += length + 1;
    }
    match links {
        0 => found.push(blocks(Rule::NoConstantLink, MISSING)),
        1 => {}
        _ => found.push(blocks(Rule::LinkRepeated, REPEATED)),
    }
    found
}

/// Whether it goes on with an address.
fn belongs(atom: Atom<'_>) -> bool {
    match atom {
        Variable(_) => true,
        Char(c) => c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c),
    }
}

/// A run that holds the link: nothing else may belong to it, but for what can precede a link in a sentence.
fn around_link(run: &[Atom<'_>], closed: bool) -> Vec<Found> {
    let opening = run.iter().take_while(|atom| matches!(atom, Char(c) if ":,;!([*'".contains(*c))).count();
    let mut found = Vec::new();
    if run[opening..] != LINK || !closed {
        found.push(blocks(Rule::LinkNotApart, APART));
    }
    found.extend(variables(run).filter(|name| !matches!(*name, "publicUrl" | "linkCode")).map(in_link));
    found
}

/// A run without the link: an address of its own, with variables in it or without, or no address at all.
fn without_link(run: &[Atom<'_>]) -> Vec<Found> {
    let of_ours = variables(run).any(|name| name == "publicUrl");
    let others: Vec<_> = variables(run).filter(|name| *name != "publicUrl").collect();
    let written: String = run
        .iter()
        .map(|atom| match atom {
            Char(c) => c.to_string(),
            // A value begins and ends with letters, as far as addresses go.
            Variable(_) => "xx".to_owned(),
        })
        .collect();
    if others.is_empty() {
        return match (of_ours, is_address(&written)) {
            (true, _) => vec![other("{{ publicUrl }}")],
            (false, true) => vec![other(&written)],
            (false, false) => vec![],
        };
    }
    if of_ours || is_address(&written) || written.contains('/') {
        return others.into_iter().map(in_link).collect();
    }
    vec![]
}

fn variables<'a>(run: &[Atom<'a>]) -> impl Iterator<Item = &'a str> {
    run.iter().filter_map(|atom| match *atom {
        Variable(name) => Some(name),
        Char(_) => None,
    })
}

fn in_link(name: &str) -> Found {
    let told = format!("{} touches an address; only linkCode may, after {{{{ publicUrl }}}}/s/", shown(name));
    blocks(Rule::LinkInVariable, told)
}

fn other(address: &str) -> Found {
    let told = format!("{} is another address than {{{{ publicUrl }}}}/s/{{{{ linkCode }}}}", shown(address));
    blocks(Rule::OtherLink, told)
}

/// Whether phones and carriers would take it for an address: a scheme, a name with dots that ends in letters, or four
/// numbers with dots between. Which endings exist changes every year, so any of two letters or more is one.
fn is_address(run: &str) -> bool {
    run.contains("://") || run.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))).any(is_host)
}

fn is_host(word: &str) -> bool {
    let labels: Vec<&str> = word.trim_matches(['.', '-']).split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    let is_named = last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic());
    let is_number = labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
    labels.len() >= 2 && labels.iter().all(|label| !label.is_empty()) && (is_named || is_number)
}
