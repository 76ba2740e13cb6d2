//! The check that comes before the executor: linear in the document, because the executor's own is not.
//!
//! A fragment that spreads another twice, which spreads a third twice, and so on, is a kilobyte of text and seconds of
//! processor time in the stock validator, which no time-out can stop. Here each fragment is measured once and its
//! measure reused, so thirty such levels cost thirty additions. The same walk bounds the depth and the price of the
//! lists asked for. It knows no rule of GraphQL besides: what is merely wrong is left to the validator.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value as ConstValue, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};
use esign_domain::error::{Error, Result};

use super::types::Types;

/// Lexical tokens in a document.
pub const TOKENS: usize = 2_000;
/// Spreads of fragments written in a document.
pub const SPREADS: usize = 50;
/// Fields after all fragments are put in their places.
pub const NODES: u64 = 2_000;
/// Fields inside fields.
pub const DEPTH: u32 = 12;
/// Fragments inside fragments, inline ones included.
pub const RECURSION: u32 = 10;
/// Fields resolved by a request, each list counted as long as it may become.
pub const COST: u64 = 10_000;
/// The longest page, and so the greatest factor of a list in the price.
pub const PAGE: u64 = 100;
/// How long a list is thought to be when the document doesn't say: the default page.
const USUAL_PAGE: u64 = 20;
/// Brackets inside brackets: bounds the parser's own recursion.
const NESTING: usize = 64;
/// Depth of an introspection query; the usual ones take fifteen.
const INTROSPECTION_DEPTH: u32 = 24;
/// Lists of introspection inside each other, as the reference implementation bounds them.
const INTROSPECTION_LISTS: u32 = 2;

/// Counts the tokens of a document before it is parsed.
///
/// # Errors
/// [`Error::QueryTooComplex`] for too many tokens, or brackets nested too deeply.
pub fn check_text(query: &str) -> Result<()> {
    let bytes = query.as_bytes();
    let (mut at, mut tokens, mut nesting) = (0, 0, 0_usize);
    while at < bytes.len() {
        at = match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at = end_of_line(bytes, at);
                continue;
            }
            b'"' => end_of_string(bytes, at),
            byte if is_word(byte) => at + bytes[at..].iter().take_while(|b| is_word(**b)).count(),
            byte => {
                match byte {
                    b'{' | b'[' | b'(' => nesting += 1,
                    b'}' | b']' | b')' => nesting = nesting.saturating_sub(1),
                    _ => {}
                }
                at + 1
            }
        };
        tokens += 1;
        if tokens > TOKENS || nesting > NESTING {
            return Err(Error::QueryTooComplex);
        }
    }
    Ok(())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn end_of_line(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|b| matches!(b, b'\n' | b'\r')).map_or(bytes.len(), |n| at + n)
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let quote: &[u8] = if bytes[start..].starts_with(b"\"\"\"") { b"\"\"\"" } else { b"\"" };
    let mut at = start + quote.len();
    while at < bytes.len() {
        if bytes[at..].starts_with(quote) {
            return at + quote.len();
        }
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    bytes.len()
}

/// Measures a parsed document against the limits, and the operation to be run against the price as well.
///
/// # Errors
/// [`Error::QueryTooComplex`] past a limit; [`Error::InvalidRequest`] for fragments in a circle.
pub fn check_document(
    types: &Types,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<()> {
    let mut gauge = Gauge { types, document, variables, known: HashMap::new(), spreads: 0 };
    for (_, each) in document.operations.iter() {
        let measure = gauge.selection(&each.node.selection_set.node, types.root(each.node.ty), None)?;
        measure.within_limits()?;
        if std::ptr::eq(&raw const each.node, operation) && measure.cost > COST {
            return Err(Error::QueryTooComplex);
        }
    }
    for (name, fragment) in &document.fragments {
        // Unused ones too: the validator walks them all.
        let on = &fragment.node.type_condition.node.on.node;
        let measure = gauge.fragment(name, Some(on))?;
        let apart = Measure { depth: 0, introspection: measure.depth, ..measure };
        if on.starts_with("__") { apart.within_limits()? } else { measure.within_limits()? }
    }
    Ok(())
}

/// What a piece of a document amounts to.
#[derive(Clone, Copy, Default)]
struct Measure {
    nodes: u64,
    cost: u64,
    depth: u32,
    recursion: u32,
    introspection: u32,
    introspection_lists: u32,
}

impl Measure {
    fn beside(self, other: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(other.nodes),
            cost: self.cost.saturating_add(other.cost),
            depth: self.depth.max(other.depth),
            recursion: self.recursion.max(other.recursion),
            introspection: self.introspection.max(other.introspection),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
        }
    }

    fn within_limits(self) -> Result<()> {
        let within = self.nodes <= NODES
            && self.depth <= DEPTH
            && self.recursion <= RECURSION
            && self.introspection <= INTROSPECTION_DEPTH
            && self.introspection_lists <= INTROSPECTION_LISTS;
        if within { Ok(()) } else { Err(Error::QueryTooComplex) }
    }
}

struct Gauge<'a> {
    types: &'a Types,
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    /// Fragments already measured; none while one is being measured, which tells a circle.
    known: HashMap<&'a Name, Option<Measure>>,
    spreads: usize,
}

impl<'a> Gauge<'a> {
    fn selection(&mut self, set: &'a SelectionSet, parent: Option<&'a Name>, page: Option<u64>) -> Result<Measure> {
        set.items.iter().try_fold(Measure::default(), |sum, item| {
            let next = match &item.node {
                Selection::Field(field) => self.field(&field.node, parent, page)?,
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|condition| &condition.node.on.node);
                    nested(self.selection(&inline.node.selection_set.node, on.or(parent), page)?)
                }
                Selection::FragmentSpread(spread) => {
                    self.spreads += 1;
                    if self.spreads > SPREADS {
                        return Err(Error::QueryTooComplex);
                    }
                    let mut measure = self.fragment(&spread.node.fragment_name.node, parent)?;
                    // A fragment is measured once, without the page it may stand in: then its lists count in full.
                    measure.cost = measure.cost.saturating_mul(page.unwrap_or(1));
                    nested(measure)
                }
            };
            let sum = sum.beside(next);
            // At once, so that no later sum is ever taken of something already too large.
            if sum.nodes > NODES { Err(Error::QueryTooComplex) } else { Ok(sum) }
        })
    }

    fn fragment(&mut self, name: &'a Name, parent: Option<&'a Name>) -> Result<Measure> {
        match self.known.get(name) {
            Some(Some(measure)) => return Ok(*measure),
            Some(None) => return Err(Error::InvalidRequest("fragments spread each other in a circle".into())),
            None => {}
        }
        let Some(Positioned { node: fragment, .. }) = self.document.fragments.get(name) else {
            return Ok(Measure::default());
        };
        self.known.insert(name, None);
        let on = &fragment.type_condition.node.on.node;
        let measure = self.selection(&fragment.selection_set.node, Some(on).or(parent), None)?;
        self.known.insert(name, Some(measure));
        Ok(measure)
    }

    fn field(&mut self, field: &'a Field, parent: Option<&'a Name>, page: Option<u64>) -> Result<Measure> {
        let name = &field.name.node;
        let known = self.types.field(parent, name);
        let is_page = known.is_some_and(|known| known.gives.ends_with("Connection"));
        // `edges` and `nodes` are as long as their connection's page; what stands beside them is not.
        let factor = match (page, known) {
            (Some(page), Some(known)) if known.is_list() => page,
            _ => 1,
        };
        let inner_page = if is_page { Some(self.page(field)) } else { None };
        let inner = self.selection(&field.selection_set.node, known.map(|known| &known.gives), inner_page)?;
        if name == "__schema" || name == "__type" {
            return Ok(Measure { nodes: inner.nodes + 1, introspection: inner.depth + 1, ..lists_of(name, inner) });
        }
        Ok(Measure {
            nodes: inner.nodes.saturating_add(1),
            cost: inner.cost.saturating_add(1).saturating_mul(factor),
            depth: inner.depth + 1,
            ..lists_of(name, inner)
        })
    }

    /// The length of the page a field asks for, as far as the document or its variables say.
    fn page(&self, field: &Field) -> u64 {
        let asked = ["first", "last"].iter().filter_map(|name| {
            let value = field.get_argument(name)?.node.clone();
            match value.into_const_with(|name| self.variables.get(&name).cloned().ok_or(())).ok()? {
                ConstValue::Number(number) => number.as_u64(),
                _ => None,
            }
        });
        asked.max().unwrap_or(USUAL_PAGE).clamp(1, PAGE)
    }
}

fn nested(measure: Measure) -> Measure {
    Measure { recursion: measure.recursion + 1, ..measure }
}

/// Lists inside lists are what makes the answer to an introspection query large.
fn lists_of(name: &Name, inner: Measure) -> Measure {
    let is_list = matches!(name.as_str(), "fields" | "inputFields" | "interfaces" | "possibleTypes");
    let below = Measure { cost: 0, depth: 0, ..inner };
    Measure { introspection_lists: inner.introspection_lists + u32::from(is_list), ..below }
}

#[cfg(test)]
mod tests;
