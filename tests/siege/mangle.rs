//! Malformed requests: real ones that were bent, tokens in any order, and noise.

use serde_json::{Value, json};

use crate::dice::Dice;

/// Requests as upstream systems send them.
const REAL: [&str; 6] = [
    "query One($id: ID) { signFlow(id: $id, flowNo: \"A-1\") { id status sealRecords { documentName } ...F } } \
     fragment F on SignFlow { client { code } events(first: 3) { nodes { type seq } } }",
    "{ signFlows(first: 2, filter: {statuses: [CREATED, FAILED]}) { edges { cursor node { id } } pageInfo { hasNextPage } } }",
    "mutation Start($input: StartSignFlowInput!) { startSignFlow(input: $input) { replayed flow { id session { url } } } }",
    "query Log($after: String = null) { signFlowEvents(first: 5, after: $after) { nodes { detail occurredAt } } }",
    "query { viewer { kind name scopes @include(if: true) } node(id: \"\"\"x\"\"\") { id ... on SignFlow { flowNo } } }",
    "{ __schema { types { name } } __type(name: \"SignFlow\") { fields { name } } }",
];

const TOKENS: [&str; 40] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "=",
    "!",
    "...",
    "$",
    "@",
    "|",
    "&",
    ",",
    "#",
    "\"",
    "\"\"\"",
    "\\",
    "query",
    "mutation",
    "subscription",
    "fragment",
    "on",
    "true",
    "null",
    "__typename",
    "signFlow",
    "id",
    "$id",
    "@skip(if: true)",
    "0",
    "-1",
    "1e999",
    "0.1e",
    "\"\\ud800\"",
    "\"\\u{0}\"",
    "\u{feff}",
    "\u{202e}",
    "é\u{301}签",
];

const ODD: [char; 12] = [
    '\0',
    '\u{1}',
    '\u{7f}',
    '\u{85}',
    '\u{a0}',
    '\u{2028}',
    '\u{feff}',
    '\u{fffd}',
    '\u{ffff}',
    '\u{10ffff}',
    '签',
    '𠮷',
];

/// A body, bent in one way or another.
pub fn body(dice: &mut Dice) -> Vec<u8> {
    match dice.below(8) {
        0 => json!({"query": tokens(dice)}).to_string().into_bytes(),
        1 => json!({"query": letters(dice)}).to_string().into_bytes(),
        2 => (0..dice.below(400)).map(|_| u8::try_from(dice.below(256)).unwrap_or_default()).collect(),
        3 => broken(dice),
        4 => json!({"query": REAL[dice.below(REAL.len())], "variables": value(dice, 0), "operationName": value(dice, 2), "extensions": value(dice, 2)})
            .to_string()
            .into_bytes(),
        5 => json!({"query": REAL[2], "variables": {"input": input(dice)}}).to_string().into_bytes(),
        6 => json!({"query": deep(dice)}).to_string().into_bytes(),
        _ => json!({"query": bent(dice), "variables": {"id": value(dice, 1)}}).to_string().into_bytes(),
    }
}

/// A real document with some of its characters changed, doubled or taken away.
fn bent(dice: &mut Dice) -> String {
    let mut text: Vec<char> = dice.one_of(&REAL).chars().collect();
    for _ in 0..=dice.below(6) {
        let at = dice.below(text.len());
        match dice.below(5) {
            0 => drop(text.remove(at)),
            1 => text[at] = dice.one_of(&ODD),
            2 => text.insert(at, dice.one_of(&['{', '}', '(', '"', '$', '.', '\\', '#'])),
            3 => text.truncate(at.max(1)),
            _ => text.extend_from_within(at.saturating_sub(dice.below(40))..at),
        }
        if text.is_empty() {
            break;
        }
    }
    text.into_iter().collect()
}

fn tokens(dice: &mut Dice) -> String {
    (0..dice.below(120)).flat_map(|_| [dice.one_of(&TOKENS), " "]).collect()
}

fn letters(dice: &mut Dice) -> String {
    (0..dice.below(80)).map(|_| dice.one_of(&ODD)).collect()
}

fn deep(dice: &mut Dice) -> String {
    let (open, close) =
        dice.one_of(&[("{ a ", "}"), ("[", "]"), ("a(b: ", ")"), ("{ ...on Query ", "}"), ("\"", "\"")]);
    format!("{{ {}{}", open.repeat(dice.below(3_000)), close.repeat(dice.below(3_000)))
}

/// JSON that was cut off, or has a byte changed.
fn broken(dice: &mut Dice) -> Vec<u8> {
    let mut body = json!({"query": dice.one_of(&REAL), "variables": value(dice, 0)}).to_string().into_bytes();
    let at = dice.below(body.len());
    if dice.below(2) == 0 {
        body.truncate(at);
    } else {
        body[at] = u8::try_from(dice.below(256)).unwrap_or_default();
    }
    body
}

/// Any JSON value.
fn value(dice: &mut Dice, depth: usize) -> Value {
    match dice.below(if depth > 4 { 7 } else { 9 }) {
        0 => Value::Null,
        1 => json!(dice.below(2) == 0),
        2 => json!(dice.below(usize::MAX)),
        3 => json!(-1.5e300),
        4 => json!(letters(dice)),
        5 => json!("x".repeat(dice.below(3_000))),
        6 => json!(dice.digits(20)),
        7 => (0..dice.below(6)).map(|_| value(dice, depth + 1)).collect(),
        _ => Value::Object((0..dice.below(6)).map(|_| (key(dice), value(dice, depth + 1))).collect()),
    }
}

fn key(dice: &mut Dice) -> String {
    dice.one_of(&["id", "input", "first", "flowNo", "__proto__", "", "\0", "签", "a.b", "subject"]).to_owned()
}

/// The input of a start with something wrong in it.
fn input(dice: &mut Dice) -> Value {
    let mut input = esign_tests::fixture::corporate(&dice.digits(8));
    let places = [
        "/flowNo",
        "/scene",
        "/subject",
        "/subject/mobile",
        "/subject/idDocument",
        "/subject/idDocument/number",
        "/subject/bankAccount",
        "/metadata",
        "/agreementType",
    ];
    for _ in 0..=dice.below(3) {
        if let Some(place) = input.pointer_mut(dice.one_of(&places)) {
            *place = value(dice, 1);
        }
    }
    input
}
