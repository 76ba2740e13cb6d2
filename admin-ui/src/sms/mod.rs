//! SMS templates (短信模板): what staff write to those who are to sign, and which flows get which words.

use axum::{
    Router,
    routing::{get, post},
};
use esign_domain::{
    Error,
    ids::SmsTemplateId,
    sms::{entity::sms_template, template::query},
};

use crate::{
    drawing::Drawing,
    template::{Templates, templates},
    visit::{Refusal, Visit},
};

mod compare;
mod edit;
mod form;
mod index;
mod look;
mod sample;
mod show;
mod status;
mod trial;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! {
    "sms/index.html" "sms/show.html" "sms/edit.html" "sms/status.html" "sms/trial.html" "sms/compare.html"
    "sms/parts.html"
};

/// Their routes.
pub fn routes() -> Router {
    Router::new()
        .route("/admin/sms-templates", get(index::show).post(edit::create))
        .route("/admin/sms-templates/new", get(edit::fresh))
        .route("/admin/sms-templates/preview", post(edit::preview_new))
        .route("/admin/sms-templates/{id}", get(show::show).post(edit::update))
        .route("/admin/sms-templates/{id}/edit", get(edit::form))
        .route("/admin/sms-templates/{id}/preview", post(edit::preview))
        .route("/admin/sms-templates/{id}/status", get(status::ask).post(status::set))
        .route("/admin/sms-templates/{id}/test", get(trial::ask).post(trial::send))
        .route("/admin/sms-templates/{id}/comparison", get(compare::show))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    [index::drawings(), show::drawings(), edit::drawings(), status::drawings(), trial::drawings(), compare::drawings()]
        .into_iter()
        .flatten()
        .collect()
}

/// The template that an address names.
async fn named(visit: &Visit, id: &str) -> Result<sms_template::Model, Refusal> {
    let id: SmsTemplateId = id.parse().map_err(|_| Error::NotFound)?;
    Ok(query::by_id(visit.app(), visit.caller(), id).await?.ok_or(Error::NotFound)?)
}

fn address(id: SmsTemplateId) -> String {
    format!("/admin/sms-templates/{id}")
}
