//! What the list can be narrowed by, and what it is narrowed by now.

use esign_domain::{
    agreement,
    caller::Operation,
    client,
    terms::{AuthType, FlowStatus, Scene},
};
use serde::Serialize;

use super::asked::Asked;
use crate::visit::{Refusal, Visit};

/// The codes that a flow can have ended for.
const FAILURES: [&str; 7] = [
    "SIGN_DECLINED",
    "SIGN_FAILED",
    "AUTH_INIT_FAILED",
    "AUTH_FAILED",
    "AUTH_TIMEOUT",
    "SESSION_EXPIRED",
    "SMS_TEMPLATE_NOT_FOUND",
];

/// Something the list can be narrowed by.
#[derive(Debug, Clone, Serialize)]
pub struct Chip {
    name: &'static str,
    /// What it is set to, in words; empty: to nothing.
    set: Vec<Value>,
    /// Everything it could be set to.
    choices: Vec<Choice>,
    several: bool,
    /// The days it is set to.
    days: Option<(String, String)>,
    kept: Vec<(String, String)>,
    without: String,
}

/// A value, by the key of its word or as it is.
#[derive(Debug, Clone, Serialize)]
struct Value {
    key: Option<String>,
    text: String,
}

/// A value that can be chosen.
#[derive(Debug, Clone, Serialize)]
struct Choice {
    value: String,
    said: Value,
    chosen: bool,
}

impl Value {
    fn of_word(prefix: &str, name: &str) -> Self {
        Self { key: Some(format!("{prefix}-{name}")), text: String::new() }
    }

    fn plain(text: &str) -> Self {
        Self { key: None, text: text.to_owned() }
    }
}

impl Chip {
    /// For some of these values, each as it stands in an address and as it is called.
    pub fn of<N: AsRef<str>>(
        asked: &Asked,
        name: &'static str,
        several: bool,
        all: impl IntoIterator<Item = (String, N)>,
    ) -> Self {
        let all = all.into_iter().map(|(value, called)| (value, Value::plain(called.as_ref())));
        Self::choosing(asked, name, several, all)
    }

    /// For some of these terms, whose words are `{prefix}-{term}`.
    pub fn of_terms(
        asked: &Asked,
        name: &'static str,
        several: bool,
        prefix: &str,
        terms: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        let all = terms.into_iter().map(|term| (term.to_owned(), Value::of_word(prefix, term)));
        Self::choosing(asked, name, several, all)
    }

    /// For days from and to.
    pub fn of_days(asked: &Asked) -> Self {
        let (from, to) = (asked.list.text("from").to_owned(), asked.list.text("to").to_owned());
        let set = match (from.is_empty(), to.is_empty()) {
            (true, true) => vec![],
            _ if from == to => vec![Value::plain(&from)],
            _ => vec![Value::plain(&format!("{from} – {to}"))],
        };
        let names = ["from", "to"];
        let (kept, without) = (asked.kept(&names), asked.without(&names));
        Self { name: "days", set, choices: vec![], several: false, days: Some((from, to)), kept, without }
    }

    fn choosing(asked: &Asked, name: &'static str, several: bool, all: impl Iterator<Item = (String, Value)>) -> Self {
        let chosen: Vec<&str> = asked.list.all(name).collect();
        let choices: Vec<Choice> =
            all.map(|(value, said)| Choice { chosen: chosen.contains(&value.as_str()), value, said }).collect();
        let set = choices.iter().filter(|choice| choice.chosen).map(|choice| choice.said.clone()).collect();
        Self { name, set, choices, several, days: None, kept: asked.kept(&[name]), without: asked.without(&[name]) }
    }
}

/// All that this visitor can narrow the list by.
pub async fn chips(visit: &Visit, asked: &Asked) -> Result<Vec<Chip>, Refusal> {
    let (app, caller) = (visit.app(), visit.caller());
    let mut chips = vec![
        Chip::of_days(asked),
        Chip::of_terms(asked, "scene", true, "scene", Scene::ALL.iter().map(|one| one.as_str())),
        Chip::of_terms(asked, "status", true, "status", FlowStatus::ALL.iter().map(|one| one.as_str())),
    ];
    if visit.may(Operation::Clients) {
        let clients = client::query::list(app, caller).await?.into_iter();
        chips.push(Chip::of(asked, "client", false, clients.map(|client| (client.id.to_string(), client.name))));
    }
    chips.push(Chip::of_terms(asked, "auth", false, "auth-type", AuthType::ALL.iter().map(|one| one.as_str())));
    if visit.may(Operation::AgreementTypes) {
        let types = agreement::query::list(app, caller).await?.into_iter();
        chips.push(Chip::of(asked, "agreement", false, types.map(|kind| (kind.code.clone(), kind.name.clone()))));
    }
    let failures = FAILURES.map(|code| (code.to_owned(), visit.lang().say(code)));
    chips.push(Chip::of(asked, "failure", false, failures));
    Ok(chips)
}
