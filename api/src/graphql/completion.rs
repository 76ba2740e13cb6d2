//! The executor's answer brought into the form the specification promises.
//!
//! The executor leaves out the field that failed, and gives the others in the order they were ready. A typed client
//! wants every field it selected, in that order: null where the type allows it, and where it doesn't, null in the place
//! of the nearest object around that may be. So every answer is gone through once more with the document beside it.

use std::sync::Arc;

use async_graphql::{
    Name, Positioned, Value,
    indexmap::IndexMap,
    parser::types::{BaseType, Directive, ExecutableDocument, Field, OperationType, Selection, SelectionSet, Type},
};

use super::{documents::Documents, types::Types};

/// What an answer is compared with.
#[derive(Clone, Debug)]
pub struct Expected {
    document: Arc<ExecutableDocument>,
    operation: Option<Name>,
}

/// A field of an answer, from wherever in the document it is selected.
struct Wanted<'a> {
    fields: Vec<&'a Field>,
    /// Whether it may rightly be missing: skipped, or selected of another type.
    is_optional: bool,
}

type Selected<'a> = IndexMap<&'a Name, Wanted<'a>>;

impl Expected {
    /// The answer to this operation of this document.
    pub fn of(document: Arc<ExecutableDocument>, operation: Option<&str>) -> Self {
        Self { document, operation: operation.map(Name::new) }
    }

    /// The same with the document that others hold already, if they ask in the same words.
    pub fn shared(self, documents: &Documents, text: &str) -> Self {
        Self { document: documents.shared(text, self.document), ..self }
    }

    /// The data as the specification promises it. Data that is null stays null.
    pub fn complete(&self, types: &Types, data: Value) -> Value {
        let mut operations = self.document.operations.iter();
        let chosen = operations.find(|(name, _)| self.operation.is_none() || *name == self.operation.as_ref());
        let (Some((_, operation)), Value::Object(object)) = (chosen, &data) else { return data };
        let Some(root) = types.root(operation.node.ty) else { return data };
        let walk = Walk { types, document: &self.document };
        // An event of a subscription is an answer of its own; one without its only field is an error, told as such.
        if operation.node.ty == OperationType::Subscription && object.is_empty() {
            return data;
        }
        let Value::Object(object) = data else { return Value::Null };
        walk.object(root, &[&operation.node.selection_set.node], object).unwrap_or_default()
    }
}

struct Walk<'a> {
    types: &'a Types,
    document: &'a ExecutableDocument,
}

impl<'a> Walk<'a> {
    /// None: a field that can't be null is, so this object can't be either.
    fn object(&self, ty: &Name, sets: &[&'a SelectionSet], mut given: IndexMap<Name, Value>) -> Option<Value> {
        let mut selected = Selected::new();
        for set in sets {
            self.select(ty, set, false, &mut selected);
        }
        let mut object = IndexMap::with_capacity(selected.len());
        for (key, wanted) in selected {
            let name = &wanted.fields[0].name.node;
            let Some(known) = self.types.field(Some(ty), name) else {
                // `__typename`, introspection, or a field of the very type behind an interface.
                if let Some(value) = given.swap_remove(key) {
                    object.insert(key.clone(), value);
                }
                continue;
            };
            let value = match given.swap_remove(key) {
                None if wanted.is_optional => continue,
                None => None,
                Some(value) => {
                    let sets: Vec<_> = wanted.fields.iter().map(|field| &field.selection_set.node).collect();
                    self.value(&known.ty, &sets, value)
                }
            };
            object.insert(key.clone(), nullable(&known.ty, value)?);
        }
        // What stands behind an interface was selected by conditions that only the executor could decide.
        object.extend(given);
        Some(Value::Object(object))
    }

    /// None: null.
    fn value(&self, ty: &Type, sets: &[&'a SelectionSet], value: Value) -> Option<Value> {
        match (&ty.base, value) {
            (_, Value::Null) => None,
            (BaseType::List(inner), Value::List(items)) => {
                let items = items.into_iter().map(|item| nullable(inner, self.value(inner, sets, item)));
                items.collect::<Option<Vec<_>>>().map(Value::List)
            }
            (BaseType::Named(name), Value::Object(object)) if self.types.is_output(name) => {
                self.object(name, sets, object)
            }
            (_, value) => Some(value),
        }
    }

    fn select(&self, ty: &Name, set: &'a SelectionSet, is_optional: bool, selected: &mut Selected<'a>) {
        for item in &set.items {
            let is_optional = is_optional || is_conditional(item.node.directives());
            match &item.node {
                Selection::Field(field) => {
                    let wanted = selected
                        .entry(&field.node.response_key().node)
                        .or_insert_with(|| Wanted { fields: Vec::new(), is_optional: true });
                    wanted.fields.push(&field.node);
                    wanted.is_optional &= is_optional;
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|condition| &condition.node.on.node);
                    let other = on.is_some_and(|on| on != ty);
                    self.select(ty, &inline.node.selection_set.node, is_optional || other, selected);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        let other = fragment.node.type_condition.node.on.node != *ty;
                        self.select(ty, &fragment.node.selection_set.node, is_optional || other, selected);
                    }
                }
            }
        }
    }
}

fn nullable(ty: &Type, value: Option<Value>) -> Option<Value> {
    match value {
        None if ty.nullable => Some(Value::Null),
        value => value,
    }
}

fn is_conditional(directives: &[Positioned<Directive>]) -> bool {
    directives.iter().any(|directive| matches!(directive.node.name.node.as_str(), "skip" | "include"))
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;
    use crate::graphql::rig;

    fn completed(query: &str, data: serde_json::Value) -> String {
        let expected = Expected::of(Arc::new(parse_query(query).unwrap()), None);
        expected.complete(&rig::types(), Value::from_json(data).unwrap()).to_string()
    }

    #[test]
    fn fields_stand_in_the_order_of_the_selection() {
        let query =
            "{ b: echo(text: \"\") ...F } fragment F on Query { item { next { name } name } a: echo(text: \"\") }";
        let data = json!({"a": "1", "b": "2", "item": {"name": "n", "next": {"name": "m"}}});
        assert_eq!(completed(query, data), r#"{b: "2", item: {next: {name: "m"}, name: "n"}, a: "1"}"#);
    }

    #[test]
    fn what_failed_is_null_or_makes_null_what_is_around_it() {
        assert_eq!(
            completed("{ missing item { name } }", json!({"item": {"name": "n"}})),
            r#"{missing: null, item: {name: "n"}}"#
        );
        assert_eq!(completed("{ missing item { name next { name } } }", json!({"item": {"name": "n"}})), "null");
        let list = json!({"maybe": {"nodes": [{"name": "n"}, {}], "total": 2}, "z": "1"});
        assert_eq!(
            completed("{ maybe { nodes { name } total } z: echo(text: \"\") }", list),
            r#"{maybe: null, z: "1"}"#
        );
        assert_eq!(completed("{ item { name } }", json!(null)), "null");
    }

    #[test]
    fn what_was_skipped_may_be_missing() {
        assert_eq!(
            completed("{ z: echo(text: \"\") @skip(if: true) ... @include(if: false) { item { name } } }", json!({})),
            "{}"
        );
        let both = "{ item { ... @skip(if: true) { name } } item { name } }";
        assert_eq!(completed(both, json!({"item": {}})), "null");
    }
}
