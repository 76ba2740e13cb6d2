//! Agreements (协议): the catalogue of types, their texts, and what became of each text.

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};
use esign_domain::{
    Error,
    agreement::{
        entity::{agreement_template, agreement_type},
        query,
    },
};
use serde::Serialize;

use crate::{
    drawing::Drawing,
    template::{Templates, templates},
    visit::{Refusal, Visit},
};

mod compare;
mod editor;
mod index;
mod kind;
mod publish;
mod sample;
mod sheet;
mod show;
mod status;
mod version;

/// The templates of these pages.
pub const TEMPLATES: Templates = templates! {
    "agreement/index.html" "agreement/kind.html" "agreement/show.html" "agreement/status.html" "agreement/editor.html"
    "agreement/publish.html" "agreement/version.html" "agreement/compare.html" "agreement/parts.html"
};

/// Their routes.
pub fn routes() -> Router {
    Router::new()
        .route("/admin/agreements", get(index::show).post(kind::create))
        .route("/admin/agreements/new", get(kind::fresh))
        .route("/admin/agreements/{code}", get(show::show).post(kind::update))
        .route("/admin/agreements/{code}/edit", get(kind::form))
        .route("/admin/agreements/{code}/status", get(status::ask).post(status::set))
        .route("/admin/agreements/{code}/text", get(editor::form))
        .route("/admin/agreements/{code}/text/preview", post(editor::preview))
        .route("/admin/agreements/{code}/text/pdf", post(editor::pdf))
        .route("/admin/agreements/{code}/text/confirmation", post(publish::ask))
        .route("/admin/agreements/{code}/text/publication", post(publish::publish))
        .route("/admin/agreements/{code}/versions/{id}", get(version::show))
        .route("/admin/agreements/{code}/comparison", get(compare::show))
}

/// The pages in every shape they take.
pub fn drawings() -> Vec<Drawing> {
    [
        index::drawings(),
        kind::drawings(),
        show::drawings(),
        status::drawings(),
        editor::drawings(),
        publish::drawings(),
        version::drawings(),
        compare::drawings(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The type that an address names.
async fn named(visit: &Visit, code: &str) -> Result<Arc<agreement_type::Model>, Refusal> {
    Ok(query::by_code(visit.app(), visit.caller(), code).await?.ok_or(Error::NotFound)?)
}

/// Every version of its texts: by place, the newest first.
async fn texts(visit: &Visit, kind: &agreement_type::Model) -> Result<Vec<agreement_template::Model>, Refusal> {
    Ok(query::versions(visit.app(), visit.caller(), kind.id).await?)
}

/// The newest version of a document, if there is one of this name.
fn current<'a>(texts: &'a [agreement_template::Model], name: &str) -> Option<&'a agreement_template::Model> {
    texts.iter().filter(|text| text.document_name == name).max_by_key(|text| text.version)
}

/// What every page of a type says of it.
#[derive(Debug, Clone, Serialize)]
struct Head {
    code: String,
    name: String,
    enabled: bool,
    version: i32,
    scenes: Vec<String>,
    subject_types: Vec<String>,
}

impl Head {
    fn of(kind: &agreement_type::Model) -> Self {
        Self {
            code: kind.code.clone(),
            name: kind.name.clone(),
            enabled: kind.enabled,
            version: kind.version,
            scenes: names(&kind.scenes),
            subject_types: names(&kind.subject_types),
        }
    }

    fn address(&self) -> String {
        format!("/admin/agreements/{}", self.code)
    }
}

fn names(list: &serde_json::Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}
