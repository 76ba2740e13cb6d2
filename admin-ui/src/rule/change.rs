//! `POST /admin/rules`, `POST /admin/rules/{id}`: what was previewed is saved.

use axum::{extract::Path, response::Response};
use esign_domain::{Error, auth::rule::change, caller::Operation};

use super::{
    form::{lost, read, wrong},
    show::id,
};
use crate::visit::{Posted, Refusal, Visit};

/// `POST /admin/rules`.
pub async fn create(visit: Visit, Posted(form): Posted) -> Result<Response, Refusal> {
    visit.caller().require(Operation::CreateAuthRule)?;
    let form = form.without(&["id", "version"]);
    let made = match read(&form) {
        Ok(input) => change::create(visit.app(), visit.caller(), input).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(_) => visit.onward("/admin/rules", Some("done-rule-made")),
        Err(Error::InvalidArgument(_) | Error::AlreadyExists { .. }) => wrong(&visit, form).await,
        Err(error) => Err(error.into()),
    }
}

/// `POST /admin/rules/{id}`.
pub async fn update(visit: Visit, Path(text): Path<String>, Posted(form): Posted) -> Result<Response, Refusal> {
    visit.caller().require(Operation::UpdateAuthRule)?;
    let (id, form) = (id(&text)?, form.with("id", &text));
    let expected = form.parsed("version").unwrap_or_default();
    let changed = match read(&form) {
        Ok(input) => change::update(visit.app(), visit.caller(), id, expected, input).await,
        Err(error) => Err(error),
    };
    match changed {
        Ok(_) => visit.onward("/admin/rules", Some("done-rule-changed")),
        Err(Error::LostUpdate { version }) => lost(&visit, form, version).await,
        Err(Error::InvalidArgument(_) | Error::AlreadyExists { .. }) => wrong(&visit, form).await,
        Err(error) => Err(error.into()),
    }
}
