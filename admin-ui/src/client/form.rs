//! What a client is told to be, as a form says it; and the boxes to be ticked.

use esign_domain::{
    Caller,
    caller::{Scope, scope_names},
    client::{Client, ClientInput, ClientSettings, WebhookAddress, input::WEBHOOK_EVENTS},
    error::{Error, FieldProblem, Result},
};
use serde::Serialize;

use crate::{fields::Fields, problem::Problems};

/// A box to be ticked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    name: &'static str,
    ticked: bool,
    /// Whether this member may tick it: nobody gives what they don't hold.
    held: bool,
}

/// The scopes, with these ticked.
pub fn scope_choices(caller: &Caller, ticked: &[String]) -> Vec<Choice> {
    let choice = |scope: &Scope| {
        let name = scope.as_str();
        Choice { name, ticked: ticked.iter().any(|other| other == name), held: caller.has(*scope) }
    };
    Scope::ALL.iter().map(choice).collect()
}

/// The events, with these ticked.
pub fn event_choices(ticked: &[String]) -> Vec<Choice> {
    let choice = |name: &&'static str| Choice { name, ticked: ticked.iter().any(|other| other == name), held: true };
    WEBHOOK_EVENTS.iter().map(choice).collect()
}

/// What stands in the form of a client as it is.
pub fn typed(client: &Client) -> Fields {
    let ClientSettings {
        session_seconds,
        resend_max,
        resend_gap_seconds,
        auth_attempts,
        allow_typed_name,
        restart_after_decline,
    } = &client.settings;
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let choice = |value: Option<bool>| value.map_or("", |value| if value { "yes" } else { "no" });
    Fields::default()
        .with("version", &client.version.to_string())
        .with("name", &client.name)
        .with("webhookUrl", client.webhook_url.as_deref().unwrap_or_default())
        .with("returnUrlOrigins", &client.return_url_origins.0.join("\n"))
        .with("settings.sessionSeconds", &number(*session_seconds))
        .with("settings.resendMax", &number(resend_max.map(i64::from)))
        .with("settings.resendGapSeconds", &number(*resend_gap_seconds))
        .with("settings.authAttempts", &number(auth_attempts.map(i64::from)))
        .with("settings.allowTypedName", choice(*allow_typed_name))
        .with("settings.restartAfterDecline", choice(*restart_after_decline))
}

/// A client that stays as it is.
pub fn unchanged(client: &Client) -> ClientInput {
    ClientInput {
        code: client.code.clone(),
        name: client.name.clone(),
        scopes: scope_names(&client.scopes.0),
        ..ClientInput::default()
    }
}

/// The client that a form says, or which of its numbers are none.
pub fn read(form: &Fields, client: &Client) -> Result<ClientInput> {
    let mut problems = Vec::new();
    let mut number = |name: &str| {
        let number = form.parsed::<i64>(name);
        if number.is_none() && form.has(name) {
            problems.push(FieldProblem { path: name.into(), problem: "must be an integer".into() });
        }
        number
    };
    // What is too large for its column is out of its bounds, too: the verb says so.
    let small = |number: Option<i64>| number.map(|number| i32::try_from(number).unwrap_or(i32::MAX));
    let choice = |name: &str| form.given(name).map(|value| value == "yes");
    let settings = ClientSettings {
        session_seconds: number("settings.sessionSeconds"),
        resend_max: small(number("settings.resendMax")),
        resend_gap_seconds: number("settings.resendGapSeconds"),
        auth_attempts: small(number("settings.authAttempts")),
        allow_typed_name: choice("settings.allowTypedName"),
        restart_after_decline: choice("settings.restartAfterDecline"),
    };
    if !problems.is_empty() {
        return Err(Error::InvalidArgument(problems));
    }
    let origins = form.exact("returnUrlOrigins").lines().map(str::trim).filter(|line| !line.is_empty());
    let address = form.given("webhookUrl");
    Ok(ClientInput {
        code: client.code.clone(),
        name: form.text("name").into(),
        scopes: form.all("scope").map(ToOwned::to_owned).collect(),
        webhook: address.map_or(WebhookAddress::Nowhere, |url| WebhookAddress::At(url.to_owned())),
        webhook_events: Some(form.all("event").map(ToOwned::to_owned).collect()),
        return_url_origins: Some(origins.map(ToOwned::to_owned).collect()),
        settings: Some(settings),
        enabled: None,
    })
}

/// Problems of one of several lines or boxes stand beside them all, each with what it is about.
pub fn gathered(problems: &Problems, form: &Fields) -> Problems {
    let origins: Vec<_> =
        form.exact("returnUrlOrigins").lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let scopes: Vec<_> = form.all("scope").collect();
    let named = |path: &str| -> Option<(&'static str, String)> {
        let (field, place) = path.split_once('.')?;
        let place: usize = place.parse().ok()?;
        match field {
            "returnUrlOrigins" => Some(("returnUrlOrigins", (*origins.get(place)?).to_owned())),
            "scopes" => Some(("scopes", (*scopes.get(place)?).to_owned())),
            "webhookEvents" => Some(("webhookEvents", String::new())),
            _ => None,
        }
    };
    problems.iter().fold(Problems::default(), |gathered, (path, problem)| match named(path) {
        Some((field, what)) => {
            let line = format!("{what} {problem}").trim().to_owned();
            let before = gathered.get(field).map(|before| format!("{before} · {line}"));
            gathered.and(field, before.unwrap_or(line))
        }
        None => gathered.and(path, problem.clone()),
    })
}
