//! The check that comes before the executor: linear in the request, because the executor's own is not.
//!
//! A fragment that spreads another twice, which spreads a third twice, and so on, is a kilobyte of text and seconds of
//! processor time in the stock validator, which no time-out can stop. Here each fragment is measured once and its
//! measure reused, so thirty such levels cost thirty additions. The same walk bounds the depth, the price of the lists
//! asked for, and what arguments amount to: the executor copies a variable wherever it stands. It knows no rule of
//! GraphQL besides: what is merely wrong is left to the validator, if there isn't too much of it.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value as ConstValue, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value;
use esign_domain::error::{Error, Result};

use self::values::Values;
use super::types::{Field as Known, Types};

pub mod text;
mod values;

/// Spreads of fragments written in a document.
pub const SPREADS: usize = 50;
/// Fields and fragments, after all fragments are put in their places.
pub const NODES: u64 = 2_000;
/// Fields inside fields.
pub const DEPTH: u32 = 12;
/// Fragments inside fragments, inline ones included.
pub const RECURSION: u32 = 10;
/// Fields resolved by a request, each page counted as long as it may become.
pub const COST: u64 = 10_000;
/// The longest page, and so the greatest factor of a list in the price.
pub const PAGE: u64 = 100;
/// How long a page is thought to be when the document doesn't say: the default.
const USUAL_PAGE: u64 = 20;
/// Lists without pages inside each other: each is short, their product is not.
pub const LISTS: u32 = 3;
/// Bytes of all arguments, after variables are put in their places.
pub const ARGUMENTS: u64 = 2 * 1024 * 1024;
/// Fields and arguments that don't exist: the validator looks for others of similar names, for each.
const STRANGERS: usize = 20;
/// Depth of an introspection query; the usual ones take fifteen.
const INTROSPECTION_DEPTH: u32 = 24;
/// Lists of introspection inside each other, as the reference implementation bounds them.
const INTROSPECTION_LISTS: u32 = 2;
/// What introspection may tell, by the lengths below: the usual query takes half of it.
const INTROSPECTION: u64 = 500_000;
/// About how many types there are, fields a type has, and entries other lists of introspection.
const TYPES_FIELDS_OTHERS: [u64; 3] = [100, 10, 5];

/// Measures a parsed document against the limits, and the operation to be run against the price as well.
///
/// # Errors
/// [`Error::QueryTooComplex`] past a limit; [`Error::InvalidRequest`] for fragments in a circle, and for too much that
/// doesn't exist.
pub fn check_document(
    types: &Types,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<()> {
    let values = Values::of(operation, variables);
    let mut gauge = Gauge { types, document, values, known: HashMap::new(), spreads: 0, strangers: 0 };
    for (_, each) in document.operations.iter() {
        let measure = gauge.selection(&each.node.selection_set.node, types.root(each.node.ty), None)?;
        measure.within_limits()?;
        let is_to_run = std::ptr::eq(&raw const each.node, operation);
        if is_to_run && (measure.cost > COST || measure.arguments > ARGUMENTS) {
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
    arguments: u64,
    told: u64,
    depth: u32,
    recursion: u32,
    lists: u32,
    introspection: u32,
    introspection_lists: u32,
}

impl Measure {
    fn beside(self, other: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(other.nodes),
            cost: self.cost.saturating_add(other.cost),
            arguments: self.arguments.saturating_add(other.arguments),
            told: self.told.saturating_add(other.told),
            depth: self.depth.max(other.depth),
            recursion: self.recursion.max(other.recursion),
            lists: self.lists.max(other.lists),
            introspection: self.introspection.max(other.introspection),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
        }
    }

    /// The same so many times.
    fn times(self, factor: u64) -> Self {
        let (cost, arguments) = (self.cost.saturating_mul(factor), self.arguments.saturating_mul(factor));
        Self { cost, arguments, ..self }
    }

    /// The same one fragment further in. The fragment itself counts too: one that holds nothing is still walked.
    fn nested(self) -> Self {
        Self { recursion: self.recursion + 1, nodes: self.nodes.saturating_add(1), ..self }
    }

    fn within_limits(self) -> Result<()> {
        let within = self.nodes <= NODES
            && self.depth <= DEPTH
            && self.recursion <= RECURSION
            && self.lists <= LISTS
            && self.introspection <= INTROSPECTION_DEPTH
            && self.introspection_lists <= INTROSPECTION_LISTS
            && self.told <= INTROSPECTION;
        if within { Ok(()) } else { Err(Error::QueryTooComplex) }
    }
}

struct Gauge<'a> {
    types: &'a Types,
    document: &'a ExecutableDocument,
    values: Values<'a>,
    /// Fragments already measured; none while one is being measured, which tells a circle.
    known: HashMap<&'a Name, Option<Measure>>,
    spreads: usize,
    strangers: usize,
}

impl<'a> Gauge<'a> {
    fn selection(&mut self, set: &'a SelectionSet, parent: Option<&'a Name>, page: Option<u64>) -> Result<Measure> {
        set.items.iter().try_fold(Measure::default(), |sum, item| {
            let mut next = match &item.node {
                Selection::Field(field) => self.field(&field.node, parent, page)?,
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|condition| &condition.node.on.node);
                    self.selection(&inline.node.selection_set.node, on.or(parent), page)?.nested()
                }
                Selection::FragmentSpread(spread) => {
                    self.spreads += 1;
                    if self.spreads > SPREADS {
                        return Err(Error::QueryTooComplex);
                    }
                    // A fragment is measured once, without the page it may stand in: then its lists count in full.
                    self.fragment(&spread.node.fragment_name.node, parent)?.times(page.unwrap_or(1)).nested()
                }
            };
            next.arguments = next.arguments.saturating_add(self.values.of_directives(item.node.directives()));
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
        self.meet(field, parent, known)?;
        let is_page = known.is_some_and(|known| known.gives.ends_with("Connection"));
        let inner_page = if is_page { Some(self.page(field)) } else { None };
        let inner = self.selection(&field.selection_set.node, known.map(|known| &known.gives), inner_page)?;
        let arguments = inner.arguments.saturating_add(self.values.of_arguments(&field.arguments));
        let whole = Measure { nodes: inner.nodes.saturating_add(1), arguments, ..inner };
        Ok(match (name.as_str(), known) {
            ("__schema" | "__type", _) => Measure { introspection: inner.depth + 1, cost: 0, depth: 0, ..whole },
            (name, None) if parent.is_none_or(|parent| parent.starts_with("__")) => introspected(name, whole),
            (_, known) => {
                // `edges` and `nodes` are as long as their connection's page; what stands beside them is not.
                let is_list = known.is_some_and(Known::is_list);
                let factor = page.filter(|_| is_list).unwrap_or(1);
                let is_short_list = is_list && page.is_none() && !field.selection_set.node.items.is_empty();
                let lists = inner.lists + u32::from(is_short_list);
                let cost = inner.cost.saturating_add(1);
                Measure { cost, depth: inner.depth + 1, lists, ..whole }.times(factor)
            }
        })
    }

    /// Counts what doesn't exist.
    fn meet(&mut self, field: &Field, parent: Option<&Name>, known: Option<&Known>) -> Result<()> {
        self.strangers += if let Some(known) = known {
            field.arguments.iter().filter(|(name, _)| !known.takes(&name.node)).count()
        } else {
            let is_on_ours = parent.is_some_and(|parent| self.types.is_output(parent));
            usize::from(is_on_ours && !field.name.node.starts_with("__"))
        };
        if self.strangers <= STRANGERS {
            return Ok(());
        }
        Err(Error::InvalidRequest(format!("more than {STRANGERS} fields and arguments don't exist")))
    }

    /// The length of the page a field asks for, as far as the document or its variables say.
    fn page(&self, field: &Field) -> u64 {
        let asked = ["first", "last"].iter().filter_map(|name| match &field.get_argument(name)?.node {
            Value::Number(number) => number.as_u64(),
            Value::Variable(name) => match self.values.variable(name)? {
                ConstValue::Number(number) => number.as_u64(),
                _ => None,
            },
            _ => None,
        });
        asked.max().unwrap_or(USUAL_PAGE).clamp(1, PAGE)
    }
}

/// A field of introspection. Lists inside lists are what makes its answer large.
fn introspected(name: &str, whole: Measure) -> Measure {
    let [types, fields, others] = TYPES_FIELDS_OTHERS;
    let length = match name {
        "types" => types,
        "fields" => fields,
        "args" | "inputFields" | "interfaces" | "possibleTypes" | "enumValues" | "directives" => others,
        _ => 1,
    };
    let is_list = matches!(name, "fields" | "inputFields" | "interfaces" | "possibleTypes");
    Measure {
        cost: whole.cost.saturating_add(1),
        depth: whole.depth + 1,
        told: whole.told.saturating_add(1).saturating_mul(length),
        introspection_lists: whole.introspection_lists + u32::from(is_list),
        ..whole
    }
}

#[cfg(test)]
mod tests;
