use async_graphql::{Variables, parser::parse_query};
use esign_domain::error::Error;
use serde_json::{Value, json};

use super::*;
use crate::graphql::rig;

const START: &str = "mutation ($input: Start!) { start(input: $input) }";

fn checked(query: &str, variables: Value) -> Result<()> {
    let document = parse_query(query).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    check(&rig::types(), &document, &operation.node, &Variables::from_json(variables))
}

fn paths(query: &str, variables: Value) -> Vec<String> {
    match checked(query, variables) {
        Ok(()) => vec![],
        Err(Error::InvalidArgument(problems)) => problems.into_iter().map(|problem| problem.path).collect(),
        Err(other) => vec![other.code().into()],
    }
}

fn right() -> Value {
    json!({"flowNo": "n", "scene": "COLLECTION", "party": {"name": "p"}})
}

#[test]
fn what_is_right_passes() {
    assert_eq!(paths(START, json!({"input": right()})), [""; 0]);
    let written = r#"mutation { start(input: {flowNo: "n", scene: COLLECTION, party: {name: "p", tags: "one"}}) }"#;
    assert_eq!(paths(written, json!({})), [""; 0]);
    assert_eq!(paths("query ($t: String! = \"x\") { echo(text: $t) }", json!({})), [""; 0]);
}

#[test]
fn every_problem_of_shape_is_told_at_once_by_path() {
    let input = json!({"flowNo": 7, "scene": null, "party": {"tags": ["a", 1], "colour": "red"}, "seconds": 1.5});
    assert_eq!(
        paths(START, json!({"input": input})),
        ["flowNo", "scene", "party.name", "party.tags.1", "party.colour", "seconds"]
    );
    assert_eq!(paths(START, json!({})), ["input"]);
    assert_eq!(paths(START, json!({"input": null})), ["input"]);
    assert_eq!(paths(START, json!({"input": [1]})), ["input"]);
}

#[test]
fn a_bad_scene_alone_has_a_code_of_its_own() {
    let mut input = right();
    input["scene"] = "LOTTERY".into();
    assert!(matches!(checked(START, json!({"input": input.clone()})), Err(Error::SceneNotSupported)));
    input["flowNo"] = Value::Null;
    assert_eq!(paths(START, json!({"input": input})), ["flowNo", "scene"]);
    let written = r#"mutation { start(input: {flowNo: "n", scene: LOTTERY, party: {name: "p"}}) }"#;
    assert_eq!(paths(written, json!({})), ["SCENE_NOT_SUPPORTED"]);
    let mut input = right();
    input["scene"] = 3.into();
    assert_eq!(paths(START, json!({"input": input})), ["scene"]);
}

#[test]
fn variables_inside_literals_are_looked_at_where_they_stand() {
    let query = "mutation ($no: String!, $s: Int) { start(input: {flowNo: $no, scene: COLLECTION, party: {name: \"p\"}, seconds: $s}) }";
    assert_eq!(paths(query, json!({"no": "n"})), [""; 0]);
    assert_eq!(paths(query, json!({"s": 5_000_000_000_i64})), ["flowNo", "seconds"]);
}

#[test]
fn a_variable_that_must_be_there_is_missed_even_where_its_place_would_do_without() {
    let query = "query ($n: Int!) { items(first: $n) { total } }";
    assert_eq!(paths(query, json!({})), ["first"]);
    assert_eq!(paths(query, json!({"n": "7"})), ["first"]);
    assert_eq!(paths(query, json!({"n": 7})), [""; 0]);
}

#[test]
fn arguments_inside_fragments_count_once() {
    let query = "{ item { ...F ...F } } fragment F on Item { items(first: \"x\") { total } }";
    assert_eq!(paths(query, json!({})), ["first"]);
}

#[test]
fn made_up_names_are_cut_and_counted() {
    let mut input = right();
    for n in 0..1_000 {
        input[format!("{n}{}", "x".repeat(100))] = 1.into();
    }
    let paths = paths(START, json!({"input": input}));
    assert_eq!(paths.len(), PROBLEMS);
    assert!(paths.iter().all(|path| path.len() <= 40));
}

#[test]
fn a_variable_of_a_directive_has_a_shape_too() {
    let query = "query ($b: Boolean!) { echo(text: \"x\") @skip(if: $b) }";
    assert_eq!(paths(query, json!({"b": true})), [""; 0]);
    assert_eq!(paths(query, json!({"b": "x"})), ["b"]);
    assert_eq!(paths(query, json!({})), ["b"]);
}

#[test]
fn no_string_holds_what_a_database_can_not_keep() {
    assert_eq!(paths("query ($t: String!) { echo(text: $t) }", json!({"t": "a\0b"})), ["text"]);
    let mut input = right();
    input["party"]["tags"] = json!(["a", "\0"]);
    assert_eq!(paths(START, json!({"input": input})), ["party.tags.1"]);
}

#[test]
fn ten_thousand_problems_are_not_told() {
    let mut input = right();
    input["party"]["tags"] = json!(vec![1; 10_000]);
    assert_eq!(paths(START, json!({"input": input})).len(), PROBLEMS);
}
