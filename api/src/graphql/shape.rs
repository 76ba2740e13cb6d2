//! Whether every value of a request has the shape its place asks for, told all at once.
//!
//! The executor would stop at the first wrong value and say so in words only. Callers want every problem in one
//! answer, by path, under one code; so all arguments of the operation are compared with the input types before it
//! runs, literals and variables alike. Paths start at the argument, but the argument called `input` is left out of
//! them: `subject.mobile`, as in the errors of meaning that the verbs give.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
};

use async_graphql::{
    Name, Value, Variables,
    parser::types::{BaseType, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, Type},
};
use chrono::{DateTime, FixedOffset};
use esign_domain::error::{Error, FieldProblem, Result};

use super::types::{Shape, Slot, Types};

/// So many problems are listed at most: enough to mend a form, too few to make an answer large.
const PROBLEMS: usize = 100;

/// Compares every argument of the operation with its type.
///
/// # Errors
/// [`Error::InvalidArgument`] with every problem of shape; [`Error::SceneNotSupported`] when the only one is a scene
/// that doesn't exist.
pub fn check(
    types: &Types,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<()> {
    let mut check = Check {
        types,
        document,
        operation,
        variables,
        seen: HashSet::new(),
        met: HashMap::new(),
        problems: Vec::new(),
        bad_scenes: 0,
    };
    check.selection(&operation.selection_set.node, types.root(operation.ty));
    check.variables();
    match check.problems.len() {
        0 => Ok(()),
        all if all == check.bad_scenes => Err(Error::SceneNotSupported),
        _ => Err(Error::InvalidArgument(check.problems)),
    }
}

struct Check<'a> {
    types: &'a Types,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// Fragments walked already.
    seen: HashSet<&'a Name>,
    /// Where each variable was met first.
    met: HashMap<Name, String>,
    problems: Vec<FieldProblem>,
    /// How many of the problems are scenes that don't exist.
    bad_scenes: usize,
}

impl<'a> Check<'a> {
    fn selection(&mut self, set: &'a SelectionSet, parent: Option<&'a Name>) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => self.field(&field.node, parent),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|condition| &condition.node.on.node);
                    self.selection(&inline.node.selection_set.node, on.or(parent));
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.seen.insert(name)
                    {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.selection(&fragment.node.selection_set.node, Some(on));
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &'a Field, parent: Option<&'a Name>) {
        // A field or an argument that doesn't exist is for the validator to say.
        let Some(known) = self.types.field(parent, &field.name.node) else { return };
        for argument in &known.arguments {
            let path = if argument.name == "input" { String::new() } else { argument.name.to_string() };
            let value = field.get_argument(&argument.name).map(|given| {
                let value_of = |name| Ok::<_, Infallible>(self.value_of(name, &path));
                let Ok(value) = given.node.clone().into_const_with(value_of);
                value
            });
            self.slot(argument, value.as_ref(), &path);
        }
        self.selection(&field.selection_set.node, Some(&known.gives));
    }

    /// What stands for a variable. One that was not sent counts as null, because no place of the schema tells the two
    /// apart.
    fn value_of(&mut self, name: Name, path: &str) -> Value {
        let default = || {
            let definition = self.operation.variable_definitions.iter().find(|d| d.node.name.node == name)?;
            definition.node.default_value().cloned()
        };
        let value = self.variables.get(&name).cloned().or_else(default).unwrap_or_default();
        self.met.entry(name).or_insert_with(|| path.to_owned());
        value
    }

    /// Variables as they are declared: one that stands only in a directive was not met yet, and one that must be there
    /// may be missing although every place it stands in would do without. Exotic, and so told only when nothing else is
    /// wrong.
    fn variables(&mut self) {
        if !self.problems.is_empty() {
            return;
        }
        for definition in &self.operation.variable_definitions {
            let (name, ty) = (&definition.node.name.node, &definition.node.var_type.node);
            let given = self.variables.get(name).or(definition.node.default_value());
            let path = self.met.get(name).filter(|path| !path.is_empty()).map_or(name.as_str(), String::as_str);
            let path = path.to_owned();
            match given {
                Some(value) if !self.met.contains_key(name) => self.value(ty, value, &path),
                Some(value) if *value != Value::Null => {}
                _ if ty.nullable => {}
                _ => self.problem(&path, "is required"),
            }
        }
    }

    fn slot(&mut self, slot: &Slot, value: Option<&Value>, path: &str) {
        match value {
            Some(value) => self.value(&slot.ty, value, path),
            None if slot.ty.nullable || slot.has_default => {}
            None => self.problem(path, "is required"),
        }
    }

    fn value(&mut self, ty: &Type, value: &Value, path: &str) {
        if self.problems.len() >= PROBLEMS {
            return;
        }
        if *value == Value::Null {
            if !ty.nullable {
                self.problem(path, "is required");
            }
            return;
        }
        match (&ty.base, value) {
            (BaseType::List(inner), Value::List(values)) => {
                for (index, value) in values.iter().enumerate() {
                    self.value(inner, value, &join(path, &index.to_string()));
                }
            }
            // One value stands for a list of one.
            (BaseType::List(inner), value) => self.value(inner, value, path),
            (BaseType::Named(name), value) => self.named(name, value, path),
        }
    }

    fn named(&mut self, ty: &Name, value: &Value, path: &str) {
        let types = self.types;
        match (types.shape(ty), value) {
            (Shape::Object(slots), Value::Object(given)) => {
                for slot in slots {
                    self.slot(slot, given.get(&slot.name), &join(path, &slot.name));
                }
                for unknown in given.keys().filter(|key| !slots.iter().any(|slot| slot.name == **key)) {
                    self.problem(&join(path, &shortened(unknown)), &format!("is not a field of {ty}"));
                }
            }
            (Shape::Object(_), _) => self.problem(path, "must be an object"),
            (Shape::Enum(names), value) => self.enumerated(ty, names, value, path),
            (Shape::Scalar, value) => {
                if let Some(problem) = scalar_problem(ty, value) {
                    self.problem(path, problem);
                }
            }
        }
    }

    fn enumerated(&mut self, ty: &Name, names: &[Name], value: &Value, path: &str) {
        let given = match value {
            Value::Enum(name) => name.as_str(),
            Value::String(text) => text,
            _ => return self.problem(path, "must be the name of an enum value"),
        };
        if !names.iter().any(|name| name == given) {
            self.bad_scenes += usize::from(ty == "Scene");
            self.problem(path, &format!("must be one of {}", names.join(", ")));
        }
    }

    fn problem(&mut self, path: &str, problem: &str) {
        let path = if path.is_empty() { "input" } else { path };
        if self.problems.len() < PROBLEMS {
            self.problems.push(FieldProblem { path: path.into(), problem: problem.into() });
        }
    }
}

fn scalar_problem(ty: &Name, value: &Value) -> Option<&'static str> {
    let (right, problem) = match ty.as_str() {
        "Int" => (is_int(value), "must be a whole number of 32 bits"),
        "Float" => (matches!(value, Value::Number(_)), "must be a number"),
        "Boolean" => (matches!(value, Value::Boolean(_)), "must be true or false"),
        "String" | "ID" if holds_nul(value) => (false, "must not hold the character U+0000"),
        "String" => (matches!(value, Value::String(_)), "must be a string"),
        "ID" => (matches!(value, Value::String(_)) || is_int(value), "must be a string"),
        "JSON" => (!holds_nul(value), "must not hold the character U+0000"),
        "DateTime" => (is_time(value), "must be a time as in RFC 3339"),
        _ => return None,
    };
    (!right).then_some(problem)
}

/// Whether it holds the one character that PostgreSQL can't keep.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::List(values) => values.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

fn is_int(value: &Value) -> bool {
    matches!(value, Value::Number(number) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()))
}

fn is_time(value: &Value) -> bool {
    matches!(value, Value::String(text) if DateTime::<FixedOffset>::parse_from_rfc3339(text).is_ok())
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Names that callers made up are echoed, but not at any length.
fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}

#[cfg(test)]
mod tests;
