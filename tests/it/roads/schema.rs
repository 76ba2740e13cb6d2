//! The schema as its own introspection tells it, and queries for everything that it offers.

use std::collections::BTreeMap;

use esign_tests::TestApp;
use serde_json::{Value, json};

use super::table::OF_NO_FLOW;

pub const SCHEMA: &str = "{ __schema { types { name kind
    fields { name args { name type { ...T } } type { ...T } } inputFields { name type { ...T } } possibleTypes { name } } } }
    fragment T on __Type { name kind ofType { name kind ofType { name kind ofType { name kind ofType { name kind } } } } }";

/// The schema's types by name.
pub type Types = BTreeMap<String, Value>;

pub async fn types(app: &TestApp) -> Types {
    let schema = app.data(SCHEMA, json!({})).await["__schema"]["types"].take();
    let named = schema.as_array().unwrap().iter().map(|ty| (ty["name"].as_str().unwrap().to_owned(), ty.clone()));
    named.filter(|(name, _)| !name.starts_with("__")).collect()
}

/// The named type inside lists and non-nulls.
pub fn innermost(ty: &Value) -> &str {
    if ty["ofType"].is_null() { ty["name"].as_str().unwrap() } else { innermost(&ty["ofType"]) }
}

pub fn is_required(ty: &Value) -> bool {
    ty["kind"] == "NON_NULL"
}

pub fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    of[name].as_array().into_iter().flatten()
}

pub fn name(of: &Value) -> &str {
    of["name"].as_str().unwrap()
}

pub fn is_composite(types: &Types, ty: &str) -> bool {
    types.get(ty).is_some_and(|ty| ty["kind"] == "OBJECT" || ty["kind"] == "INTERFACE")
}

/// Everything that can be selected below a type; of a type met before on the way down, only what it holds itself.
pub fn everything(types: &Types, ty: &str, way: &[&str]) -> String {
    let mut selection = String::from("__typename");
    for field in selectable(types, ty) {
        let gives = innermost(&field["type"]);
        if !is_composite(types, gives) {
            selection.extend([" ", name(field)]);
        } else if !way.contains(&ty) {
            let below = everything(types, gives, &[way, &[ty]].concat());
            selection.extend([" ", name(field), " { ", &below, " }"]);
        }
    }
    selection
}

/// The fields of a type that can be asked for as they are; what stands in edges stands in nodes as well.
pub fn selectable<'a>(types: &'a Types, ty: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    let plain = |field: &&Value| !list(field, "args").any(|argument| is_required(&argument["type"]));
    let of_flows = |field: &&Value| !OF_NO_FLOW.contains(&innermost(&field["type"]));
    list(&types[ty], "fields").filter(plain).filter(of_flows).filter(|field| name(field) != "edges")
}

/// A query for each field of a type that gives more than a value, with everything below it.
pub fn deep(types: &Types, list: &str, ty: &str) -> Vec<String> {
    let edges = selectable(types, ty).filter(|field| is_composite(types, innermost(&field["type"])));
    let below = |field: &Value| everything(types, innermost(&field["type"]), &[ty, "SignFlow"]);
    edges.map(|field| format!("{{ {list} {{ nodes {{ id {} {{ {} }} }} }} }}", name(field), below(field))).collect()
}
