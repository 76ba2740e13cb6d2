//! `GET /admin/clients/{id}`: what a client is, may do and was given, and who changed it lately.

use axum::{extract::Path, response::Response};
use chrono::{DateTime, Utc};
use esign_domain::{
    Error,
    audit::{self, AuditFilter},
    caller::{Operation, client_default, scope_names},
    client::{
        Client, ClientSettings,
        entity::{ScopeList, TextList},
        query::{self, Age},
    },
    ids::ClientId,
};
use esign_web::language::Language;
use serde::Serialize;

use crate::{
    drawing::Drawing,
    moment::{Moment, span},
    nav::Place,
    page::Page,
    visit::{Refusal, Visit},
};

/// So many changes are shown; the audit page has them all.
const CHANGES: u64 = 8;

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct ShowPage {
    id: String,
    code: String,
    name: String,
    enabled: bool,
    version: i32,
    scopes: Vec<String>,
    webhook_url: Option<String>,
    webhook_events: Vec<String>,
    origins: Vec<String>,
    /// What differs from the configured defaults.
    settings: Vec<Setting>,
    made: Moment,
    changed: Moment,
    tokens: Vec<AgeView>,
    webhooks: Vec<AgeView>,
    /// What changed lately; none: this member may not see it.
    changes: Option<Vec<ChangeLine>>,
}

/// A setting of its own.
#[derive(Debug, Clone, Serialize)]
struct Setting {
    name: &'static str,
    value: String,
    /// A key of `yes` and `no` rather than a value.
    is_key: bool,
}

/// How old a secret is.
#[derive(Debug, Clone, Serialize)]
pub struct AgeView {
    made: Moment,
    /// `38 天`
    age: String,
    ends: Option<Moment>,
}

impl AgeView {
    /// Of a secret, at a time.
    pub fn of(language: Language, age: &Age, now: DateTime<Utc>) -> Self {
        Self {
            made: Moment::of(language, age.made, now),
            age: span(language, now - age.made),
            ends: age.ends.map(|end| Moment::of(language, end, now)),
        }
    }

    /// To draw a page from.
    pub fn sample(ends: bool) -> Self {
        let made = Moment { short: "10-14 09:12".into(), full: "2026-10-14T09:12:00+08:00".into() };
        let end = Moment { short: "11-23 14:20".into(), full: "2026-11-23T14:20:00+08:00".into() };
        Self { made, age: "38 天 5 小时".into(), ends: ends.then_some(end) }
    }
}

/// An entry of the audit log.
#[derive(Debug, Clone, Serialize)]
struct ChangeLine {
    at: Moment,
    actor: String,
    /// The key of its words: `client-act-updateClient`.
    act: &'static str,
    /// The keys of what it changed.
    fields: Vec<&'static str>,
}

impl Page for ShowPage {
    const TEMPLATE: &'static str = "client/show.html";
    const TITLE: &'static str = "client-title";
    const PLACE: Place = Place::Clients;
}

/// The id of an address; what is none names nothing.
pub fn id(text: &str) -> Result<ClientId, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

/// `GET /admin/clients/{id}`.
pub async fn show(visit: Visit, Path(text): Path<String>) -> Result<Response, Refusal> {
    let (app, caller, reader) = (visit.app(), visit.caller(), (visit.language(), visit.app().now()));
    let client = query::get(app, caller, id(&text)?).await?;
    let (tokens, webhooks) = query::ages(app, caller, client.id).await?;
    let changes = if visit.may(Operation::AuditLog) {
        let filter = AuditFilter { target: Some(client.id.to_string()), ..AuditFilter::default() };
        let (entries, _) = audit::list(app, caller, filter, None, CHANGES).await?;
        Some(entries.iter().map(|entry| line(entry, reader)).collect())
    } else {
        None
    };
    let ages = |ages: Vec<Age>| ages.iter().map(|age| AgeView::of(reader.0, age, reader.1)).collect();
    visit.page(&page(&client, reader, ages(tokens), ages(webhooks), changes))
}

fn page(
    client: &Client,
    (language, now): (Language, DateTime<Utc>),
    tokens: Vec<AgeView>,
    webhooks: Vec<AgeView>,
    changes: Option<Vec<ChangeLine>>,
) -> ShowPage {
    ShowPage {
        id: client.id.to_string(),
        code: client.code.clone(),
        name: client.name.clone(),
        enabled: client.enabled,
        version: client.version,
        scopes: scope_names(&client.scopes.0),
        webhook_url: client.webhook_url.clone(),
        webhook_events: client.webhook_events.0.clone(),
        origins: client.return_url_origins.0.clone(),
        settings: settings(&client.settings, language),
        made: Moment::of(language, client.created_at, now),
        changed: Moment::of(language, client.updated_at, now),
        tokens,
        webhooks,
        changes,
    }
}

/// What a client has otherwise than configured, as people read it.
fn settings(of: &ClientSettings, language: Language) -> Vec<Setting> {
    let time = |seconds: i64| span(language, chrono::TimeDelta::try_seconds(seconds).unwrap_or_default());
    let value = |name, value: Option<String>| value.map(|value| Setting { name, value, is_key: false });
    let choice = |name, choice: Option<bool>| {
        choice.map(|yes| Setting { name, value: if yes { "yes" } else { "no" }.into(), is_key: true })
    };
    let all = [
        value("client-session-seconds", of.session_seconds.map(time)),
        value("client-resend-max", of.resend_max.map(|count| count.to_string())),
        value("client-resend-gap", of.resend_gap_seconds.map(time)),
        value("client-auth-attempts", of.auth_attempts.map(|count| count.to_string())),
        choice("client-typed-name", of.allow_typed_name),
        choice("client-restart", of.restart_after_decline),
    ];
    all.into_iter().flatten().collect()
}

fn line(entry: &audit::entity::Model, (language, now): (Language, DateTime<Utc>)) -> ChangeLine {
    let act = match entry.action.as_str() {
        "createClient" => "client-act-create",
        "updateClient" => "client-act-update",
        "rotateClientSecret" => "client-act-secret",
        "rotateWebhookSecret" => "client-act-webhook-secret",
        _ => "client-act-other",
    };
    let (before, after) = (entry.before.as_ref(), entry.after.as_ref());
    let differs = |(field, _): &&(&str, &str)| match (before, after) {
        (Some(before), Some(after)) => before.get(*field) != after.get(*field),
        _ => false,
    };
    let actor = entry.actor.trim_start_matches("staff:").to_owned();
    let at = Moment::of(language, entry.at, now);
    ChangeLine { at, actor, act, fields: FIELDS.iter().filter(differs).map(|(_, key)| *key).collect() }
}

/// The fields of a client in the log, with their words.
const FIELDS: [(&str, &str); 7] = [
    ("name", "client-name"),
    ("scopes", "client-scopes"),
    ("webhookUrl", "client-webhook-url"),
    ("webhookEvents", "client-webhook-events"),
    ("returnUrlOrigins", "client-origins"),
    ("settings", "client-settings"),
    ("enabled", "client-state"),
];

/// A client to draw pages from.
pub fn sample() -> Client {
    let made = "2026-10-14T01:12:00Z".parse().expect("a time");
    Client {
        id: "client_018f0000-0000-7000-8000-000000000001".parse().expect("an id"),
        code: "yunfan".into(),
        name: "云帆商户通".into(),
        scopes: ScopeList(client_default()),
        webhook_url: Some("https://hooks.yunfan.example/esign".into()),
        webhook_events: TextList(vec!["sign_flow.completed".into(), "sign_flow.failed".into()]),
        return_url_origins: TextList(vec!["https://shop.yunfan.example".into(), "https://m.yunfan.example".into()]),
        settings: ClientSettings {
            session_seconds: Some(172_800),
            allow_typed_name: Some(true),
            ..ClientSettings::default()
        },
        enabled: true,
        version: 3,
        created_at: made,
        updated_at: made,
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let reader = (Language::Chinese, "2026-11-22T06:20:31Z".parse().expect("a time"));
    let at = |text: &str| Moment { short: text.into(), full: "2026-11-18T14:20:00+08:00".into() };
    let line = |text: &str, act, fields| ChangeLine { at: at(text), actor: "zhou.lan".into(), act, fields };
    let changes = vec![
        line("昨天 13:58", "client-act-secret", Vec::new()),
        line("11-18 14:20", "client-act-update", vec!["client-scopes", "client-origins"]),
        line("10-14 09:12", "client-act-create", Vec::new()),
    ];
    let ages = vec![AgeView { age: "16 小时 22 分".into(), ..AgeView::sample(false) }, AgeView::sample(true)];
    let full = page(&sample(), reader, ages, vec![AgeView::sample(false)], Some(changes));
    let bare = Client {
        enabled: false,
        webhook_url: None,
        return_url_origins: TextList::default(),
        settings: ClientSettings::default(),
        name: "<script>alert(1)</script>".into(),
        ..sample()
    };
    let bare = page(&bare, reader, vec![AgeView::sample(false)], Vec::new(), None);
    vec![Drawing::new("client", full), Drawing::new("client-bare", bare)]
}
