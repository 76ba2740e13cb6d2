use async_graphql::{Variables, parser::parse_query};
use esign_domain::error::{Error, Result};

use serde_json::{Value as Json, json};

use super::{
    text::{DOCUMENT, VALUES, WORD, check_document as check_text, check_json},
    *,
};
use crate::graphql::rig;

fn measured(query: &str, variables: Json) -> Result<()> {
    check_text(query)?;
    let document = parse_query(query).map_err(|error| Error::InvalidRequest(error.to_string()))?;
    let (_, operation) = document.operations.iter().next().expect("the parser wants an operation");
    check_document(&rig::types(), &document, &operation.node, &Variables::from_json(variables))
}

fn code_with(query: &str, variables: Json) -> &'static str {
    measured(query, variables).map_or_else(|error| error.code(), |()| "OK")
}

fn code(query: &str) -> &'static str {
    code_with(query, Json::Null)
}

/// `{ item { ...F0 } } fragment F0 on Item { ...F1 ...F1 } …`
fn bomb(levels: usize, fields: &str) -> String {
    let level =
        |n: usize| format!("fragment F{n} on Item {{ a{n}: next {{ ...F{0} }} b{n}: next {{ ...F{0} }} }}", n + 1);
    let fragments: Vec<String> = (0..levels).map(level).collect();
    format!("{{ item {{ ...F0 }} }} {} fragment F{levels} on Item {{ {fields} }}", fragments.join(" "))
}

/// `a0: name a1: name …`
fn aliased(count: usize, field: &str) -> String {
    (0..count).map(|n| format!("a{n}: {field}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn fragments_that_double_at_each_level_are_refused_at_once() {
    for levels in 10..=31 {
        // A check that walked all of it would not be back from the highest levels within hours.
        assert_eq!(code(&bomb(levels, "name")), "QUERY_TOO_COMPLEX", "{levels} levels");
    }
    assert_eq!(code(&bomb(4, "name")), "OK");
}

#[test]
fn spreads_that_double_without_fields_between_are_refused_too() {
    for levels in 10..=24 {
        let level = |n: usize| format!("fragment F{n} on Item {{ ...F{0} ...F{0} }}", n + 1);
        let fragments: Vec<String> = (0..levels).map(level).collect();
        let text = format!("{{ item {{ ...F0 }} }} {} fragment F{levels} on Item {{ name }}", fragments.join(" "));
        assert_eq!(code(&text), "QUERY_TOO_COMPLEX", "{levels} levels");
    }
}

#[test]
fn fragments_in_a_circle_are_no_request() {
    assert_eq!(code("{ item { ...A } } fragment A on Item { ...B } fragment B on Item { ...A }"), "INVALID_REQUEST");
    assert_eq!(code("{ item { name } } fragment A on Item { next { ...A } }"), "INVALID_REQUEST");
}

#[test]
fn depth_counts_fields_and_recursion_counts_fragments() {
    let deep = |depth: usize| {
        format!(
            "{{ {} }}",
            (1..depth).fold("name".into(), |inner, n| {
                if n == depth - 1 { format!("item {{ {inner} }}") } else { format!("next {{ {inner} }}") }
            })
        )
    };
    assert_eq!(code(&deep(12)), "OK");
    assert_eq!(code(&deep(13)), "QUERY_TOO_COMPLEX");
    let wrapped =
        |times: usize| (0..times).fold("{ item { name } }".into(), |inner, _| format!("{{ ... on Query {inner} }}"));
    assert_eq!(code(&wrapped(10)), "OK");
    assert_eq!(code(&wrapped(11)), "QUERY_TOO_COMPLEX");
}

#[test]
fn tokens_and_spreads_are_counted() {
    let fields = |count: usize| format!("{{ {} }}", aliased(count, "__typename"));
    assert_eq!(code(&fields(660)), "OK");
    assert_eq!(code(&fields(670)), "QUERY_TOO_COMPLEX");
    let spreads = |count: usize| format!("{{ item {{ {} }} }} fragment F on Item {{ name }}", "...F ".repeat(count));
    assert_eq!(code(&spreads(50)), "OK");
    assert_eq!(code(&spreads(51)), "QUERY_TOO_COMPLEX");
}

#[test]
fn strings_and_comments_are_one_token_or_none() {
    assert!(
        check_text(&format!("# {}\n{{ echo(text: \"{}\") }}", "a ".repeat(5_000), "a b \\\" ".repeat(5_000))).is_ok()
    );
    assert!(check_text(&format!("{{ echo(text: \"\"\"{}\"\"\") }}", "a \" b ".repeat(5_000))).is_ok());
    assert!(check_text("{ echo(text: \"unfinished").is_ok(), "that is for the parser to say");
    assert!(check_text(&"[".repeat(65)).is_err());
    assert!(check_text(&format!("\"{}", "\\".repeat(7))).is_ok(), "a backslash at the very end is no reason to panic");
}

#[test]
fn lists_cost_what_they_may_hold() {
    let fields = |count: usize| aliased(count, "name");
    assert_eq!(code(&format!("{{ items(first: 100) {{ nodes {{ {} }} }} }}", fields(98))), "OK");
    assert_eq!(code(&format!("{{ items(first: 100) {{ nodes {{ {} }} }} }}", fields(101))), "QUERY_TOO_COMPLEX");
    assert_eq!(code("{ items(first: 100) { nodes { items(first: 100) { nodes { name } } } } }"), "QUERY_TOO_COMPLEX");
    assert_eq!(
        code("{ items(first: 10) { nodes { items(first: 10) { nodes { items(first: 20) { nodes { name } } } } } } }"),
        "OK"
    );
    let through = "{ items(first: 100) { ...P } } fragment P on ItemConnection { nodes { items(first: 100) { nodes { name } } } }";
    assert_eq!(code(through), "QUERY_TOO_COMPLEX");
    // Too long a page is not too complex: the list itself says what is wrong with it.
    assert_eq!(code("{ items(first: 1000000) { nodes { name } } }"), "OK");
}

#[test]
fn introspection_is_exempt_from_depth_and_price_but_not_from_lists_in_lists() {
    let types = (0..9).fold("name".into(), |inner, _| format!("name ofType {{ {inner} }}"));
    let usual = format!(
        "{{ __schema {{ types {{ ...T }} }} }} fragment T on __Type {{ fields {{ args {{ type {{ ...R }} }} }} \
         inputFields {{ type {{ ...R }} }} }} fragment R on __Type {{ {types} }}"
    );
    assert_eq!(code(&usual), "OK");
    let bomb = (0..4).fold("name".into(), |inner, _| format!("fields {{ type {{ {inner} }} }}"));
    assert_eq!(code(&format!("{{ __schema {{ types {{ {bomb} }} }} }}")), "QUERY_TOO_COMPLEX");
}

#[test]
fn fragments_that_hold_nothing_are_counted_too() {
    // Five spreads at each of ten levels: ten million ways down to a fragment that isn't there.
    let level = |n: usize| format!("fragment F{n} on Item {{ {} }}", format!("...F{} ", n + 1).repeat(5));
    let fragments: Vec<String> = (0..9).map(level).collect();
    assert_eq!(code(&format!("{{ item {{ ...F0 }} }} {}", fragments.join(" "))), "QUERY_TOO_COMPLEX");
}

#[test]
fn a_page_is_as_long_as_its_variable_or_the_default_of_it() {
    let query = |default: &str| {
        format!(
            "query ($n: Int{default}) {{ items(first: $n) {{ nodes {{ items(first: $n) {{ nodes {{ name }} }} }} }} }}"
        )
    };
    assert_eq!(code(&query(" = 10")), "OK");
    assert_eq!(code(&query(" = 100")), "QUERY_TOO_COMPLEX");
    assert_eq!(code_with(&query(" = 100"), json!({"n": 10})), "OK");
    assert_eq!(code_with(&query(" = 10"), json!({"n": 100})), "QUERY_TOO_COMPLEX");
}

#[test]
fn a_variable_weighs_wherever_it_stands() {
    let query = |uses: usize| format!("query ($t: String!) {{ {} }}", aliased(uses, "echo(text: $t)"));
    let (small, large) = (json!({"t": "x"}), json!({"t": "x".repeat(100_000)}));
    assert_eq!(code_with(&query(200), small), "OK");
    assert_eq!(code_with(&query(20), large.clone()), "OK");
    assert_eq!(code_with(&query(21), large), "QUERY_TOO_COMPLEX");
    let many = json!({"t": vec![1; 5_000]});
    assert_eq!(code_with(&query(7), many), "QUERY_TOO_COMPLEX", "a value weighs, however short");
    let skipped = format!("query ($b: Boolean!) {{ {} }}", aliased(21, "item @skip(if: $b) { name }"));
    assert_eq!(code_with(&skipped, json!({"b": "x".repeat(100_000)})), "QUERY_TOO_COMPLEX");
    let page = "query ($t: String) { items(first: 100) { nodes { items(after: $t) { total } } } }";
    assert_eq!(code_with(page, json!({"t": "x".repeat(100_000)})), "QUERY_TOO_COMPLEX", "once for each in the list");
}

#[test]
fn what_does_not_exist_is_counted() {
    assert_eq!(code(&format!("{{ {} }}", aliased(20, "nothing"))), "OK", "that is for the validator to say");
    assert_eq!(code(&format!("{{ {} }}", aliased(21, "nothing"))), "INVALID_REQUEST");
    assert_eq!(code(&format!("{{ {} }}", aliased(21, "item(nothing: 1) { name }"))), "INVALID_REQUEST");
}

#[test]
fn documents_and_words_have_a_greatest_length() {
    assert_eq!(code(&format!("#{}\n{{ item {{ name }} }}", "x".repeat(DOCUMENT / 2))), "OK");
    assert_eq!(code(&format!("#{}\n{{ item {{ name }} }}", "x".repeat(DOCUMENT))), "QUERY_TOO_COMPLEX");
    assert_eq!(code(&format!("{{ {}: item {{ name }} }}", "x".repeat(WORD))), "OK");
    assert_eq!(code(&format!("{{ {}: item {{ name }} }}", "x".repeat(WORD + 1))), "QUERY_TOO_COMPLEX");
    assert_eq!(code(&format!("{{ echo(text: {}) }}", "1".repeat(WORD + 1))), "QUERY_TOO_COMPLEX");
}

#[test]
fn the_values_of_a_json_text_are_counted() {
    let list = |count: usize| format!("[{}1]", "{},".repeat(count));
    assert!(check_json(list(VALUES / 2 - 1).as_bytes()).is_ok());
    assert!(check_json(list(VALUES / 2).as_bytes()).is_err());
    assert!(check_json(b"{\"a\": \"[[[[{{{{,,,,\\\"[[[\"}").is_ok());
    assert!(check_json(&[b'['; 65]).is_err());
    assert!(check_json(b"\"unfinished \\").is_ok(), "that is for the parser to say");
}

#[test]
fn introspection_has_a_price_of_its_own() {
    let full = "types { name fields { name args { name type { name } } type { name ofType { name } } } }";
    assert_eq!(code(&format!("{{ __schema {{ {full} }} }}")), "OK");
    let many = format!("{{ {} }}", aliased(40, &format!("__schema {{ {full} }}")));
    assert_eq!(code(&many), "QUERY_TOO_COMPLEX");
}
