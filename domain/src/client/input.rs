//! What a client is told to be: the one input of making and of changing one, and its check.

use std::collections::BTreeSet;

use esign_config::Settings;

use super::{Client, ClientSettings, origin};
use crate::{
    caller::{Caller, Scope, Scopes},
    error::{Error, FieldProblem, Result},
};

/// The events a client may have delivered. `sign_flow.status_changed` is for those who ask for it.
pub const WEBHOOK_EVENTS: [&str; 5] = [
    "sign_flow.completed",
    "sign_flow.failed",
    "sign_flow.timed_out",
    "sign_flow.cancelled",
    "sign_flow.status_changed",
];

/// Those that say how a flow ended: what a client gets that names none.
const USUAL_EVENTS: usize = 4;

/// What a client is told to be. What is left out stays as it was; of a new client it is as it usually is.
#[derive(Debug, Clone, Default)]
pub struct ClientInput {
    /// 2-32 of `a-z 0-9 -`; never changed.
    pub code: String,
    /// 1-100 characters; stands in messages to signers.
    pub name: String,
    /// What it may do, by name. Without any it can't do anything; [`client_default`](crate::caller::client_default) is
    /// what an upstream system needs.
    pub scopes: Vec<String>,
    /// Where webhooks go.
    pub webhook: WebhookAddress,
    /// Which events go there.
    pub webhook_events: Option<Vec<String>>,
    /// Where its users may be sent back to: `https://host[:port]` each.
    pub return_url_origins: Option<Vec<String>>,
    /// What differs from the configured defaults, whole.
    pub settings: Option<ClientSettings>,
    /// Whether it may do anything at all.
    pub enabled: Option<bool>,
}

/// What becomes of the address that webhooks go to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WebhookAddress {
    /// It stays as it was.
    #[default]
    AsItWas,
    /// There is none.
    Nowhere,
    /// `https://…`
    At(String),
}

/// An input that was found right, with what was left out filled in.
pub(super) struct Checked {
    pub(super) name: String,
    pub(super) scopes: Scopes,
    pub(super) webhook_url: Option<String>,
    pub(super) webhook_events: Vec<String>,
    pub(super) return_url_origins: Vec<String>,
    pub(super) settings: ClientSettings,
    pub(super) enabled: bool,
}

impl ClientInput {
    /// The input in its one written form, or everything that is wrong with it at once. `known`: the client that is
    /// changed; none: a new one.
    pub(super) fn checked(self, caller: &Caller, known: Option<&Client>, configured: &Settings) -> Result<Checked> {
        let mut problems = self.settings.as_ref().map_or_else(Vec::new, |settings| settings.problems(configured));
        let mut refuse = |path: String, problem: &str| problems.push(FieldProblem { path, problem: problem.into() });
        match known {
            Some(client) if client.code != self.code => refuse("code".into(), "can't be changed"),
            None if !is_code(&self.code) => refuse("code".into(), "must be 2-32 of a-z 0-9 -"),
            _ => {}
        }
        let name = self.name.trim().to_owned();
        if !(1..=100).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            refuse("name".into(), "must be 1-100 printable characters");
        }
        let scopes = scopes(caller, known, &self.scopes, &mut refuse);
        let webhook_url = match self.webhook {
            WebhookAddress::AsItWas => known.and_then(|client| client.webhook_url.clone()),
            WebhookAddress::Nowhere => None,
            WebhookAddress::At(url) => Some(url),
        };
        if webhook_url.as_ref().is_some_and(|url| !origin::may_be_called(url, configured.profile)) {
            refuse("webhookUrl".into(), "must be an https address of at most 2,048 characters, without a password");
        }
        let webhook_events = self.webhook_events.unwrap_or_else(|| match known {
            Some(client) => client.webhook_events.0.clone(),
            None => WEBHOOK_EVENTS[..USUAL_EVENTS].iter().map(ToString::to_string).collect(),
        });
        for (index, event) in webhook_events.iter().enumerate() {
            if !WEBHOOK_EVENTS.contains(&event.as_str()) {
                refuse(format!("webhookEvents.{index}"), &format!("must be one of {}", WEBHOOK_EVENTS.join(", ")));
            }
        }
        let mut origins = self
            .return_url_origins
            .or_else(|| known.map(|client| client.return_url_origins.0.clone()))
            .unwrap_or_default();
        for (index, text) in origins.iter_mut().enumerate() {
            match origin::parse(text, configured.profile) {
                Some(origin) => *text = origin,
                None => refuse(format!("returnUrlOrigins.{index}"), "must be https://host or https://host:port"),
            }
        }
        if origins.len() > MOST_ORIGINS {
            refuse("returnUrlOrigins".into(), "at most 50");
        }
        if !problems.is_empty() {
            return Err(Error::InvalidArgument(problems));
        }
        Ok(Checked {
            name,
            scopes,
            webhook_url,
            webhook_events: each_once(webhook_events),
            return_url_origins: each_once(origins),
            settings: self.settings.or_else(|| known.map(|client| client.settings.clone())).unwrap_or_default(),
            enabled: self.enabled.unwrap_or_else(|| known.is_none_or(|client| client.enabled)),
        })
    }
}

const MOST_ORIGINS: usize = 50;

/// The scopes by their names. Nobody hands out what they don't hold: else whoever may make clients could make one that
/// may do everything. What the client held before may stay.
fn scopes(caller: &Caller, known: Option<&Client>, names: &[String], refuse: &mut impl FnMut(String, &str)) -> Scopes {
    let mut scopes = Scopes::new();
    for (index, name) in names.iter().enumerate() {
        let Ok(scope) = name.parse::<Scope>() else {
            let all = Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
            refuse(format!("scopes.{index}"), &format!("must be one of {all}"));
            continue;
        };
        if !caller.has(scope) && !known.is_some_and(|client| client.scopes.0.contains(&scope)) {
            refuse(format!("scopes.{index}"), "can't be given by who doesn't hold it");
        }
        scopes.insert(scope);
    }
    scopes
}

fn is_code(text: &str) -> bool {
    (2..=32).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// The same without repetitions, in the order of first appearance.
fn each_once(texts: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    texts.into_iter().filter(|text| seen.insert(text.clone())).collect()
}
