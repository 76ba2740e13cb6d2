//! A client is disabled, which its every door feels at once, or enabled again.

use axum::{extract::Path, response::Response};
use esign_domain::{
    Error,
    caller::Operation,
    client::{Client, ClientInput, query, register},
};
use serde::Serialize;

use super::{
    form::unchanged,
    show::{id, sample},
};
use crate::{
    drawing::Drawing,
    fields::Fields,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Posted, Refusal, Visit},
};

/// The page that asks.
#[derive(Debug, Clone, Serialize)]
pub struct SwitchPage {
    id: String,
    code: String,
    name: String,
    version: i32,
    /// Whether it is to be enabled.
    on: bool,
    typed: Fields,
    problems: Problems,
}

impl Page for SwitchPage {
    const TEMPLATE: &'static str = "client/switch.html";
    const TITLE: &'static str = "client-disable";
    const PLACE: Place = Place::Clients;

    fn title(&self) -> &'static str {
        if self.on { "client-enable" } else { Self::TITLE }
    }
}

/// `GET /admin/clients/{id}/enabling`.
pub async fn ask_to_enable(visit: Visit, Path(text): Path<String>) -> Result<Response, Refusal> {
    ask(visit, &text, true).await
}

/// `GET /admin/clients/{id}/disabling`.
pub async fn ask_to_disable(visit: Visit, Path(text): Path<String>) -> Result<Response, Refusal> {
    ask(visit, &text, false).await
}

/// `POST /admin/clients/{id}/enabling`.
pub async fn enable(visit: Visit, Path(text): Path<String>, form: Posted) -> Result<Response, Refusal> {
    switch(visit, &text, form.0, true).await
}

/// `POST /admin/clients/{id}/disabling`.
pub async fn disable(visit: Visit, Path(text): Path<String>, form: Posted) -> Result<Response, Refusal> {
    switch(visit, &text, form.0, false).await
}

async fn ask(visit: Visit, text: &str, on: bool) -> Result<Response, Refusal> {
    visit.caller().require(Operation::UpdateClient)?;
    let client = query::get(visit.app(), visit.caller(), id(text)?).await?;
    visit.page(&page(&client, on, Fields::default(), Problems::default()))
}

async fn switch(visit: Visit, text: &str, form: Fields, on: bool) -> Result<Response, Refusal> {
    visit.caller().require(Operation::UpdateClient)?;
    let client = query::get(visit.app(), visit.caller(), id(text)?).await?;
    // Typing the code is no rule of the platform: it keeps a hand from slipping.
    if !on && form.text("typed") != client.code {
        let problem = visit.lang().problem("type the code as it stands here");
        return visit.again(&page(&client, on, form, Problems::default().and("typed", problem)));
    }
    let input = ClientInput { enabled: Some(on), ..unchanged(&client) };
    let expected = form.parsed("version").unwrap_or_default();
    match register::change(visit.app(), visit.caller(), client.id, expected, input).await {
        Ok(client) => {
            let done = if on { "done-client-enabled" } else { "done-client-disabled" };
            visit.onward(&format!("/admin/clients/{}", client.id), Some(done))
        }
        Err(error @ Error::LostUpdate { .. }) => {
            let problems = Problems::of(&visit, error)?;
            let client = query::get(visit.app(), visit.caller(), client.id).await?;
            visit.again(&page(&client, on, form, problems))
        }
        Err(error) => Err(error.into()),
    }
}

fn page(client: &Client, on: bool, typed: Fields, problems: Problems) -> SwitchPage {
    let (id, code, name) = (client.id.to_string(), client.code.clone(), client.name.clone());
    SwitchPage { id, code, name, version: client.version, on, typed, problems }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let draw = |on, problems| page(&sample(), on, Fields::default(), problems);
    let wrong = Problems::default().and("typed", "请照上面的代码原样填写".into());
    vec![
        Drawing::new("client-enabling", draw(true, Problems::default())),
        Drawing::new("client-disabling", draw(false, Problems::default())),
        Drawing::new("client-disabling-wrong", draw(false, wrong)),
        Drawing::new("client-disabling-lost", draw(false, Problems::whole("刚刚有人改过".into()))),
    ]
}
