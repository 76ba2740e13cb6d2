//! `GET /admin/rules`: the matrix, all rules, and the trial.

use axum::response::Response;
use esign_domain::{auth::rule, caller::Operation, decision};
use serde::Serialize;

use super::{
    matrix::{Doors, Matrix},
    sample,
    trial::Trial,
    view::{Names, RuleView, Viewer},
};
use crate::{
    drawing::Drawing,
    nav::Place,
    page::Page,
    visit::{Refusal, Visit},
};

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct IndexPage {
    matrix: Matrix,
    rules: Vec<RuleView>,
    shadowed: usize,
    trial: Trial,
}

impl Page for IndexPage {
    const TEMPLATE: &'static str = "rule/index.html";
    const TITLE: &'static str = "rule-title";
    const PLACE: Place = Place::Rules;
}

/// `GET /admin/rules`.
pub async fn show(visit: Visit) -> Result<Response, Refusal> {
    let rules = rule::list(visit.app(), visit.caller()).await?;
    let reference = decision::matrix(visit.app(), visit.caller()).await?;
    let names = Names::of(&rules);
    let viewer = Viewer::of(&reference, &rules, &names, (visit.language(), visit.app().now()));
    let doors = if visit.may(Operation::CreateAuthRule) { Doors::Write } else { Doors::Read };
    let trial = Trial::of(&visit, &reference, &names).await?;
    visit.page(&page(&viewer, doors, trial))
}

fn page(viewer: &Viewer<'_>, doors: Doors, trial: Trial) -> IndexPage {
    IndexPage {
        matrix: Matrix::of(&viewer.overview.cells, viewer.agreements, viewer.names, &[], doors),
        rules: viewer.all(),
        shadowed: viewer.overview.auth_rules.shadowed.len(),
        trial,
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let [full, none] = [sample::World::full(), sample::World::empty()];
    let [full, none] = [full, none].map(|world| {
        let names = Names::of(&world.rules);
        page(&world.viewer(&names), Doors::Write, Trial::unasked(&world.agreements))
    });
    vec![Drawing::new("rules", full), Drawing::new("rules-none", none)]
}
