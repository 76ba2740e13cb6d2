//! `GET /admin/clients/{id}/edit`, `POST /admin/clients/{id}`: a client is changed.

use axum::{extract::Path, response::Response};
use chrono::TimeDelta;
use esign_domain::{
    Caller, Error,
    caller::{Operation, scope_names},
    client::{Client, query, register},
};
use serde::Serialize;

use super::{
    form::{Choice, event_choices, gathered, read, scope_choices, typed},
    show::{id, sample},
};
use crate::{
    drawing::Drawing,
    fields::Fields,
    moment::span,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Posted, Refusal, Visit},
};

/// The form.
#[derive(Debug, Clone, Serialize)]
pub struct EditPage {
    id: String,
    code: String,
    typed: Fields,
    scopes: Vec<Choice>,
    events: Vec<Choice>,
    defaults: Defaults,
    problems: Problems,
    /// Somebody else changed it meanwhile: what is now otherwise than it was typed.
    lost: Option<Vec<Now>>,
}

/// What holds for a client that has no settings of its own.
#[derive(Debug, Clone, Serialize)]
struct Defaults {
    session: String,
    resend_max: String,
    resend_gap: String,
    auth_attempts: String,
}

/// A field as it is now.
#[derive(Debug, Clone, Serialize)]
struct Now {
    label: &'static str,
    value: String,
}

impl Page for EditPage {
    const TEMPLATE: &'static str = "client/edit.html";
    const TITLE: &'static str = "client-edit-title";
    const PLACE: Place = Place::Clients;
}

/// `GET /admin/clients/{id}/edit`.
pub async fn form(visit: Visit, Path(text): Path<String>) -> Result<Response, Refusal> {
    visit.caller().require(Operation::UpdateClient)?;
    let client = query::get(visit.app(), visit.caller(), id(&text)?).await?;
    visit.page(&of(&visit, &client, whole(&client), Problems::default()))
}

/// `POST /admin/clients/{id}`.
pub async fn change(visit: Visit, Path(text): Path<String>, Posted(form): Posted) -> Result<Response, Refusal> {
    visit.caller().require(Operation::UpdateClient)?;
    let client = query::get(visit.app(), visit.caller(), id(&text)?).await?;
    let expected = form.parsed("version").unwrap_or_default();
    let changed = match read(&form, &client) {
        Ok(input) => register::change(visit.app(), visit.caller(), client.id, expected, input).await,
        Err(error) => Err(error),
    };
    match changed {
        Ok(client) => visit.onward(&format!("/admin/clients/{}", client.id), Some("done-client-changed")),
        Err(Error::LostUpdate { .. }) => {
            let client = query::get(visit.app(), visit.caller(), client.id).await?;
            let now = otherwise(&form, &client);
            let form = form.with("version", &client.version.to_string());
            visit.again(&EditPage { lost: Some(now), ..of(&visit, &client, form, Problems::default()) })
        }
        Err(error @ Error::InvalidArgument(_)) => {
            let problems = gathered(&Problems::of(&visit, error)?, &form);
            visit.again(&of(&visit, &client, form, problems))
        }
        Err(error) => Err(error.into()),
    }
}

/// Everything that stands in the form of a client as it is, boxes and all.
fn whole(client: &Client) -> Fields {
    let scopes = scope_names(&client.scopes.0);
    let boxes = scopes.iter().map(|scope| ("scope", scope)).chain(client.webhook_events.0.iter().map(|e| ("event", e)));
    boxes.fold(typed(client), |fields, (name, value)| fields.and(name, value))
}

/// What is now otherwise than it was typed.
fn otherwise(form: &Fields, client: &Client) -> Vec<Now> {
    const FIELDS: [(&str, &str); 11] = [
        ("name", "client-name"),
        ("scope", "client-scopes"),
        ("webhookUrl", "client-webhook-url"),
        ("event", "client-webhook-events"),
        ("returnUrlOrigins", "client-origins"),
        ("settings.sessionSeconds", "client-session-seconds"),
        ("settings.resendMax", "client-resend-max"),
        ("settings.resendGapSeconds", "client-resend-gap"),
        ("settings.authAttempts", "client-auth-attempts"),
        ("settings.allowTypedName", "client-typed-name"),
        ("settings.restartAfterDecline", "client-restart"),
    ];
    let said = |fields: &Fields, name: &str| {
        let values = fields.all(name).flat_map(str::lines).map(str::trim).filter(|value| !value.is_empty());
        let mut values: Vec<_> = values.map(ToOwned::to_owned).collect();
        values.sort_unstable();
        values.join(" · ")
    };
    let now = whole(client);
    let differing = FIELDS.iter().map(|(name, label)| (said(form, name), said(&now, name), *label));
    differing.filter(|(typed, now, _)| typed != now).map(|(_, value, label)| Now { label, value }).collect()
}

fn of(visit: &Visit, client: &Client, typed: Fields, problems: Problems) -> EditPage {
    let (settings, language) = (&visit.app().settings, visit.language());
    let defaults = Defaults {
        session: span(language, TimeDelta::seconds(settings.flow.session_seconds)),
        resend_max: settings.sms.resend_max.to_string(),
        resend_gap: span(language, TimeDelta::seconds(settings.sms.resend_gap_seconds)),
        auth_attempts: settings.flow.auth_attempts.to_string(),
    };
    page(visit.caller(), client, defaults, (typed, problems))
}

fn page(caller: &Caller, client: &Client, defaults: Defaults, (typed, problems): (Fields, Problems)) -> EditPage {
    let all = |name: &str| typed.all(name).map(ToOwned::to_owned).collect::<Vec<_>>();
    EditPage {
        id: client.id.to_string(),
        code: client.code.clone(),
        scopes: scope_choices(caller, &all("scope")),
        events: event_choices(&all("event")),
        typed,
        defaults,
        problems,
        lost: None,
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let client = sample();
    let defaults = || Defaults {
        session: "3 天".into(),
        resend_max: "5".into(),
        resend_gap: "1 分".into(),
        auth_attempts: "3".into(),
    };
    let draw = |typed, problems| page(&Caller::System, &client, defaults(), (typed, problems));
    let problems = Problems::default()
        .and("name", "须为 1-100 个可见字符".into())
        .and("scopes", "pii:read 自己没有的权限不能给".into())
        .and("returnUrlOrigins", "http://shop 须为 https://主机 或 https://主机:端口".into())
        .and("settings.resendMax", "须在 0 到 100 之间".into());
    let lost = vec![
        Now { label: "client-name", value: "云帆商户平台".into() },
        Now { label: "client-webhook-url", value: String::new() },
    ];
    vec![
        Drawing::new("client-edit", draw(whole(&client), Problems::default())),
        Drawing::new("client-edit-wrong", draw(whole(&client).with("name", ""), problems)),
        Drawing::new("client-edit-lost", EditPage { lost: Some(lost), ..draw(whole(&client), Problems::default()) }),
    ]
}
