//! A client's secrets: a new one takes over from the old one while both are good, and is shown once.

use axum::{extract::Path, response::Response};
use chrono::TimeDelta;
use esign_config::Secret;
use esign_domain::{
    Error,
    caller::Operation,
    client::{Client, query, secret, webhook_secret},
};
use serde::Serialize;

use super::show::{AgeView, id, sample};
use crate::{
    drawing::Drawing,
    fields::Fields,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Posted, Refusal, Visit},
};

/// Which secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The first one of a new client: it gets its tokens with it.
    First,
    /// Another one to get tokens with.
    Token,
    /// One that signs what the client is told.
    Webhook,
}

impl Kind {
    fn operation(self) -> Operation {
        match self {
            Self::First => Operation::CreateClient,
            Self::Token => Operation::RotateClientSecret,
            Self::Webhook => Operation::RotateWebhookSecret,
        }
    }

    fn path(self, client: &str) -> String {
        match self {
            Self::First | Self::Token => format!("/admin/clients/{client}/secret"),
            Self::Webhook => format!("/admin/clients/{client}/webhook-secret"),
        }
    }
}

/// A secret, shown this once.
#[derive(Clone, Serialize)]
pub struct SecretPage {
    id: String,
    code: String,
    name: String,
    kind: Kind,
    secret: String,
}

impl SecretPage {
    /// The page of a client's new secret.
    pub fn of(client: &Client, secret: &Secret, kind: Kind) -> Self {
        let (id, code, name) = (client.id.to_string(), client.code.clone(), client.name.clone());
        Self { id, code, name, kind, secret: secret.expose().to_owned() }
    }
}

impl Page for SecretPage {
    const TEMPLATE: &'static str = "client/secret.html";
    const TITLE: &'static str = "client-secret-title";
    const PLACE: Place = Place::Clients;
}

/// The page that asks how long the old one stays good.
#[derive(Debug, Clone, Serialize)]
pub struct RotationPage {
    id: String,
    code: String,
    name: String,
    kind: Kind,
    /// Where it is sent to.
    action: String,
    /// The secrets that are good now.
    ages: Vec<AgeView>,
    typed: Fields,
    problems: Problems,
}

impl Page for RotationPage {
    const TEMPLATE: &'static str = "client/rotation.html";
    const TITLE: &'static str = "client-rotate-title";
    const PLACE: Place = Place::Clients;
}

/// `GET /admin/clients/{id}/secret`.
pub async fn ask_for_token(visit: Visit, Path(text): Path<String>) -> Result<Response, Refusal> {
    ask(visit, &text, Kind::Token).await
}

/// `GET /admin/clients/{id}/webhook-secret`.
pub async fn ask_for_webhook(visit: Visit, Path(text): Path<String>) -> Result<Response, Refusal> {
    ask(visit, &text, Kind::Webhook).await
}

/// `POST /admin/clients/{id}/secret`.
pub async fn rotate_token(visit: Visit, Path(text): Path<String>, form: Posted) -> Result<Response, Refusal> {
    rotate(visit, &text, form.0, Kind::Token).await
}

/// `POST /admin/clients/{id}/webhook-secret`.
pub async fn rotate_webhook(visit: Visit, Path(text): Path<String>, form: Posted) -> Result<Response, Refusal> {
    rotate(visit, &text, form.0, Kind::Webhook).await
}

async fn ask(visit: Visit, text: &str, kind: Kind) -> Result<Response, Refusal> {
    visit.caller().require(kind.operation())?;
    visit.require_fresh(&kind.path(text))?;
    let typed = Fields::default().with("hours", &secret::OVERLAP.num_hours().to_string());
    visit.page(&page(&visit, text, kind, typed, Problems::default()).await?)
}

async fn rotate(visit: Visit, text: &str, form: Fields, kind: Kind) -> Result<Response, Refusal> {
    visit.caller().require(kind.operation())?;
    visit.require_fresh(&kind.path(text))?;
    let (app, caller, id) = (visit.app(), visit.caller(), id(text)?);
    let rotated = match form.parsed::<i32>("hours") {
        Some(hours) => {
            let overlap = TimeDelta::hours(i64::from(hours));
            match kind {
                Kind::Webhook => webhook_secret::rotate(app, caller, id, overlap).await,
                Kind::First | Kind::Token => secret::rotate(app, caller, id, overlap).await,
            }
        }
        None => Err(Error::field("hours", "must be an integer")),
    };
    match rotated {
        Ok((client, secret)) => visit.page(&SecretPage::of(&client, &secret, kind)),
        Err(error @ Error::InvalidArgument(_)) => {
            // The verb counts in seconds and the form in hours.
            let problems = Problems::of(&visit, error)?;
            let problems = match problems.get("overlapSeconds") {
                Some(_) => Problems::default().and("hours", visit.lang().problem("must be from 0 to 720")),
                None => problems,
            };
            visit.again(&page(&visit, text, kind, form, problems).await?)
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    visit: &Visit,
    text: &str,
    kind: Kind,
    typed: Fields,
    problems: Problems,
) -> Result<RotationPage, Refusal> {
    let client = query::get(visit.app(), visit.caller(), id(text)?).await?;
    let (tokens, webhooks) = query::ages(visit.app(), visit.caller(), client.id).await?;
    let ages = if kind == Kind::Webhook { webhooks } else { tokens };
    let ages = ages.iter().map(|age| AgeView::of(visit.language(), age, visit.app().now())).collect();
    Ok(rotation(&client, kind, ages, typed, problems))
}

fn rotation(client: &Client, kind: Kind, ages: Vec<AgeView>, typed: Fields, problems: Problems) -> RotationPage {
    let id = client.id.to_string();
    let (code, name, action) = (client.code.clone(), client.name.clone(), kind.path(&id));
    RotationPage { id, code, name, kind, action, ages, typed, problems }
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    let client = sample();
    let shown = |kind, text: &str| SecretPage::of(&client, &Secret::new(text), kind);
    let typed = || Fields::default().with("hours", "24");
    let ask = |kind, ages, problems| rotation(&client, kind, ages, typed(), problems);
    let wrong = Problems::default().and("hours", "须在 0 到 720 之间".into());
    vec![
        Drawing::new("client-secret-first", shown(Kind::First, "esk_2r1CkqKfV9mW0zq8bqN4s7jv1oQn5hYtP6uX3eLwZaE")),
        Drawing::new("client-secret", shown(Kind::Token, "esk_2r1CkqKfV9mW0zq8bqN4s7jv1oQn5hYtP6uX3eLwZaE")),
        Drawing::new("client-webhook-secret", shown(Kind::Webhook, "whsec_c2FtcGxlc2FtcGxlc2FtcGxlc2FtcGxlc2FtcA==")),
        Drawing::new("client-rotation", ask(Kind::Token, vec![AgeView::sample(true)], Problems::default())),
        Drawing::new("client-rotation-wrong", ask(Kind::Token, vec![AgeView::sample(false)], wrong)),
        Drawing::new("client-webhook-rotation", ask(Kind::Webhook, Vec::new(), Problems::default())),
    ]
}
