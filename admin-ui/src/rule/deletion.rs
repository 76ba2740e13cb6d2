//! `GET` and `POST /admin/rules/{id}/deletion`: what goes with a rule, and then it goes.

use axum::{extract::Path, response::Response};
use esign_domain::{
    Error,
    auth::{rule, rule::change},
    caller::Operation,
    decision,
};
use serde::Serialize;

use super::{
    matrix::{Doors, Matrix},
    preview::Preview,
    sample,
    show::id,
    view::{Names, RuleView, Viewer},
};
use crate::{
    drawing::Drawing,
    nav::Place,
    page::Page,
    visit::{Posted, Refusal, Visit},
};

/// The page that asks.
#[derive(Debug, Clone, Serialize)]
pub struct DeletionPage {
    rule: RuleView,
    preview: Preview,
    /// Somebody changed it since it was asked: this is how it is now.
    lost: bool,
}

impl Page for DeletionPage {
    const TEMPLATE: &'static str = "rule/deletion.html";
    const TITLE: &'static str = "rule-delete";
    const PLACE: Place = Place::Rules;
}

/// `GET /admin/rules/{id}/deletion`.
pub async fn ask(visit: Visit, Path(text): Path<String>) -> Result<Response, Refusal> {
    visit.caller().require(Operation::DeleteAuthRule)?;
    visit.page(&page(&visit, &text, false).await?)
}

/// `POST /admin/rules/{id}/deletion`.
pub async fn delete(visit: Visit, Path(text): Path<String>, Posted(form): Posted) -> Result<Response, Refusal> {
    // A form without the version that was seen deletes nothing.
    let expected = form.parsed("version").unwrap_or_default();
    match change::delete(visit.app(), visit.caller(), id(&text)?, Some(expected)).await {
        Ok(()) => visit.onward("/admin/rules", Some("done-rule-deleted")),
        Err(Error::LostUpdate { .. }) => visit.again(&page(&visit, &text, true).await?),
        Err(error) => Err(error.into()),
    }
}

async fn page(visit: &Visit, text: &str, lost: bool) -> Result<DeletionPage, Refusal> {
    let id = id(text)?;
    let rules = rule::list(visit.app(), visit.caller()).await?;
    let reference = decision::matrix(visit.app(), visit.caller()).await?;
    let names = Names::of(&rules);
    let viewer = Viewer::of(&reference, &rules, &names, (visit.language(), visit.app().now()));
    let rule = rules.iter().find(|rule| rule.id == id).ok_or(Error::NotFound)?;
    let preview = Preview::ask(visit, &reference, &names, (Some(id), Ok(None))).await?;
    Ok(DeletionPage { rule: viewer.view(rule), preview, lost })
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let world = sample::World::full();
    let names = Names::of(&world.rules);
    let viewer = world.viewer(&names);
    let matrix =
        Matrix::of(&viewer.overview.cells, viewer.agreements, &names, &world.without(&world.rules[0]), Doors::Shut);
    let page = DeletionPage { rule: viewer.view(&world.rules[0]), preview: Preview::of(matrix, 12), lost: false };
    vec![
        Drawing::new("rule-deletion-lost", DeletionPage { lost: true, ..page.clone() }),
        Drawing::new("rule-deletion", page),
    ]
}
