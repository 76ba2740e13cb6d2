//! The bombs: small requests that would be dear to run, and large ones that would be dear to read.

use serde_json::{Value, json};

/// A request that must be refused.
pub struct Bomb {
    /// What it is.
    pub name: String,
    /// The body; over a socket, the payload of an operation.
    pub body: Vec<u8>,
    /// A header besides, which makes it one for HTTP only.
    pub header: Option<(&'static str, &'static str)>,
}

/// All of them.
pub fn all() -> Vec<Bomb> {
    let mut all = doubled();
    all.extend(shaped());
    all.extend(priced());
    all.extend(worded());
    all.extend(valued());
    all.extend(raw());
    all
}

fn asked(name: impl Into<String>, query: impl Into<String>, variables: Value) -> Bomb {
    let mut body = json!({"query": query.into()});
    body["variables"] = variables;
    written(name, body.to_string())
}

fn plain(name: impl Into<String>, query: impl Into<String>) -> Bomb {
    asked(name, query, Value::Null)
}

fn written(name: impl Into<String>, body: impl Into<Vec<u8>>) -> Bomb {
    Bomb { name: name.into(), body: body.into(), header: None }
}

/// One after the other.
fn each(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

/// `a0: … a1: …`
fn aliased(count: usize, field: &str) -> String {
    each(count, |n| format!("a{n}: {field} "))
}

/// Fragments of which each holds the next one twice.
fn doubled() -> Vec<Bomb> {
    let mut bombs = Vec::new();
    let bomb = |way: &str, levels: usize, last: &str, level: &dyn Fn(usize) -> String| {
        let fragments: String = each(levels, |n| format!("fragment F{n} on SignFlow {{ {} }} ", level(n + 1)));
        let query =
            format!("{{ signFlow(id: \"x\") {{ ...F0 }} }} {fragments} fragment F{levels} on SignFlow {{ {last} }}");
        plain(format!("{levels} fragments that double through {way}"), query)
    };
    for levels in 10..=31 {
        bombs.push(bomb("fields", levels, "id", &|n| {
            format!("a: supersedes {{ ...F{n} }} b: supersedes {{ ...F{n} }}")
        }));
        bombs.push(bomb("inline fragments", levels, "id", &|n| {
            format!("... {{ ...F{n} }} ... on SignFlow {{ ...F{n} }}")
        }));
        bombs.push(bomb("spreads", levels, "id", &|n| format!("...F{n} ...F{n}")));
        bombs.push(bomb("circles", levels, "...F0", &|n| format!("...F{n} ...F{n}")));
    }
    bombs.push(bomb("spreads of nothing", 9, "...N ...N ...N ...N ...N", &|n| format!("...F{n} ").repeat(5)));
    bombs
}

/// Too deep, too wide, too often.
fn shaped() -> Vec<Bomb> {
    let deep = |levels: usize, open: &str| format!("{{ {}id{} }}", open.repeat(levels), " }".repeat(levels));
    let nested = |levels: usize| format!("{{ signFlow(id: \"x\") {{ {} }} }}", deep(levels, "supersedes { "));
    let batch = vec![json!({"query": "{ viewer { kind } }"}); 1_000];
    vec![
        plain("20 levels", nested(20)),
        plain("60 levels", nested(60)),
        plain("10,000 levels", nested(10_000)),
        plain("30 inline fragments in each other", deep(30, "... { ")),
        plain("10,000 brackets", format!("{{ signFlow(id: {}", "[".repeat(10_000))),
        plain(
            "a type of 10,000 lists",
            format!("query ($a: {}Int{}) {{ viewer {{ kind }} }}", "[".repeat(10_000), "]".repeat(10_000)),
        ),
        plain("700 aliases", format!("{{ {} }}", aliased(700, "viewer { kind }"))),
        plain("700 aliases of __typename", format!("{{ {} }}", aliased(700, "__typename"))),
        plain("1,000 directives", format!("{{ viewer {{ kind {} }} }}", "@skip(if: false) ".repeat(1_000))),
        plain("190 directives twice", format!("{{ viewer {{ kind {} }} }}", "@include(if: true) ".repeat(190))),
        plain("1,000 operations", each(1_000, |n| format!("query Q{n} {{ __typename }} "))),
        plain("200 operations and no name", each(200, |n| format!("query Q{n} {{ __typename }} "))),
        plain("60 spreads", format!("{{ {} }} fragment F on Query {{ __typename }}", "...F ".repeat(60))),
        written("a batch of 1,000", json!(batch).to_string()),
    ]
}

/// Lists in lists, introspection of introspection.
fn priced() -> Vec<Bomb> {
    let told = (0..4).fold("name".to_owned(), |inner, _| format!("fields {{ type {{ {inner} }} }}"));
    let types = "types { name fields { name args { name type { name } } type { name ofType { name } } } }";
    let of_type = (0..40).fold("name".to_owned(), |inner, _| format!("ofType {{ {inner} }}"));
    let pages = "signFlows(first: 100) { nodes { events(first: 100) { nodes { id } } } }";
    let defaults = "query ($n: Int = 100) { signFlows(first: $n) { nodes { events(first: $n) { nodes { id } } } } }";
    vec![
        plain("introspection that goes round", format!("{{ __schema {{ types {{ {told} }} }} }}")),
        plain("introspection 40 types deep", format!("{{ __schema {{ types {{ {of_type} }} }} }}")),
        plain("introspection 40 times", format!("{{ {} }}", aliased(40, &format!("__schema {{ {types} }}")))),
        plain("10,000 events", format!("{{ {pages} }}")),
        plain("10,000 events by a default", defaults),
        asked("10,000 events by a variable", defaults, json!({"n": 100})),
        plain("100 pages of 100", format!("{{ {} }}", aliased(100, "signFlows(first: 100) { nodes { id } }"))),
        plain("101 flows", "{ signFlows(first: 101) { nodes { id } } }"),
    ]
}

/// Long words and many faults: what is dear to parse, and what is dear to explain.
fn worded() -> Vec<Bomb> {
    let text = |inner: &str| format!("{{ signFlow(id: {inner}) {{ id }} }}");
    let faults = |field: &str| format!("{{ {} }}", aliased(400, field));
    let long_names: String = each(600, |n| format!("{}{n} ", "signFlow".repeat(190)));
    let unused: String = each(480, |n| format!("$v{n}: Int "));
    vec![
        plain("a string of 900 kB", text(&format!("\"{}\"", "x".repeat(900_000)))),
        plain("a string of 150,000 escapes", text(&format!("\"{}\"", "\\u0041".repeat(150_000)))),
        plain("a block string of 900 kB", text(&format!("\"\"\"{}\"\"\"", " \n".repeat(450_000)))),
        plain("a string without an end", text(&format!("\"{}", "x".repeat(900_000)))),
        plain("a number of 100,000 digits", text(&"1".repeat(100_000))),
        plain("a fraction of 60,000 digits", text(&format!("0.{}", "1".repeat(60_000)))),
        plain("a name of 900 kB", format!("{{ {} }}", "a".repeat(900_000))),
        plain("a comment of 900 kB", format!("#{}\n{{ viewer {{ kind }} }}", "x".repeat(900_000))),
        plain("450,000 comments", format!("{}{{ viewer {{ kind }} }}", "#\n".repeat(450_000))),
        plain("900,000 commas", format!("{{ viewer {{ kind }} {} }}", ",".repeat(900_000))),
        plain("60,000 commas and no end", format!("{{ {} ", format!("a {}", ",".repeat(100)).repeat(600))),
        plain("400 fields that don't exist", faults("nothing")),
        plain("600 long names that don't exist", format!("{{ {long_names} }}")),
        plain(
            "300 arguments that don't exist",
            format!("{{ viewer({}) {{ kind }} }}", each(300, |n| format!("a{n}: 1 "))),
        ),
        plain("480 variables for nothing", format!("query ({unused}) {{ viewer {{ kind }} }}")),
        plain("300 variables that aren't there", format!("{{ {} }}", aliased(200, "signFlow(id: $nothing) { id }"))),
        plain("400 fields that conflict", format!("{{ viewer {{ {} }} }}", "a: kind a: name ".repeat(300))),
        plain(
            "200 selections that conflict",
            format!("{{ {} }}", "a: viewer { kind } a: signFlow(id: \"x\") { id } ".repeat(120)),
        ),
        plain("1,900 enum values", text(&format!("[{}]", "A ".repeat(1_900)))),
        plain("a default of a type that isn't there", "query ($a: [Nothing] = [1]) { viewer { kind } }"),
        plain("no such type for a fragment", "{ ... on Nothing { id } }"),
        written(
            "a name of an operation of 1 MB",
            json!({"query": "query A { viewer { kind } }", "operationName": "B".repeat(1_000_000)}).to_string(),
        ),
        written("a query that is a number", r#"{"query": 5}"#),
    ]
}

/// Variables: large ones, and small ones in many places.
fn valued() -> Vec<Bomb> {
    let query = "query ($ids: [ID!]) { signFlowEvents(filter: {flowIds: $ids}) { nodes { id } } }";
    let uses = |count: usize| format!("query ($v: ID!) {{ {} }}", aliased(count, "signFlow(id: $v) { id }"));
    let input = "mutation ($input: StartSignFlowInput!) { startSignFlow(input: $input) { replayed } }";
    let skipped = format!("query ($v: Boolean!) {{ {} }}", aliased(190, "viewer @skip(if: $v) { kind }"));
    let deep = format!("{}1{}", "[".repeat(500_000), "]".repeat(500_000));
    let keys: String = each(80_000, |n| format!("\"k{n}\":1,"));
    vec![
        asked("a list of 100,000", query, json!({"ids": vec!["x"; 100_000]})),
        asked("250 places for 500 kB", uses(200), json!({"v": "x".repeat(500_000)})),
        asked("200 places for a list of 9,000", uses(200), json!({"v": vec![1; 9_000]})),
        asked("190 directives for 500 kB", skipped, json!({"v": "x".repeat(500_000)})),
        asked("a list where an object must be", input, json!({"input": vec![1; 9_000]})),
        asked("9,000 wrong values", query, json!({"ids": vec![json!({}); 4_500]})),
        asked("characters no database keeps", uses(1), json!({"v": "a\0b"})),
        written(
            "500,000 lists in each other",
            format!(r#"{{"query": "{{ viewer {{ kind }} }}", "variables": {{"a": {deep}}}}}"#),
        ),
        written(
            "80,000 variables",
            format!(r#"{{"query": "{{ viewer {{ kind }} }}", "variables": {{{keys} "z": 1}}}}"#),
        ),
        written(
            "130,000 objects",
            format!(
                r#"{{"query": "{{ viewer {{ kind }} }}", "variables": {{"a": [{} 1]}}}}"#,
                r#"{"a":1},"#.repeat(120_000)
            ),
        ),
        written(
            "extensions of 300,000 lists",
            format!(r#"{{"query": "{{ viewer {{ kind }} }}", "extensions": {{"a": [{} 1]}}}}"#, "[],".repeat(300_000)),
        ),
    ]
}

/// What is no request at all.
fn raw() -> Vec<Bomb> {
    let good = json!({"query": "{ viewer { kind } }"}).to_string();
    let headed = |name: &str, header| Bomb { name: name.into(), body: good.clone().into_bytes(), header: Some(header) };
    vec![
        written("a megabyte of brackets", "[".repeat(1_000_000)),
        written("two megabytes", format!(r#"{{"query": "{}"}}"#, "x".repeat(2_000_000))),
        written("what is not UTF-8", b"{\"query\": \"\xff\xfe\"}".to_vec()),
        written("nulls", vec![0; 10_000]),
        written("half a character", r#"{"query": "\ud800"}"#),
        written("nothing", ""),
        headed("a packed body", ("content-encoding", "gzip")),
        headed("another type", ("content-type", "multipart/form-data; boundary=x")),
    ]
}
