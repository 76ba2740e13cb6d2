//! `GET /admin/rules/{id}`: one rule, what it decides, and what keeps it from deciding.

use axum::{extract::Path, response::Response};
use esign_domain::{Error, auth::rule, decision, ids::AuthRuleId};
use serde::Serialize;

use super::{
    sample,
    view::{Names, RuleView, Viewer, agreement_name},
};
use crate::{
    drawing::Drawing,
    nav::Place,
    page::Page,
    visit::{Refusal, Visit},
};

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct ShowPage {
    rule: RuleView,
    cells: Vec<CellLine>,
}

/// A cell that it decides.
#[derive(Debug, Clone, Serialize)]
struct CellLine {
    scene: &'static str,
    subject: &'static str,
    agreement: String,
    /// The name of the SMS template.
    sms: Option<String>,
}

impl Page for ShowPage {
    const TEMPLATE: &'static str = "rule/show.html";
    const TITLE: &'static str = "rule-title";
    const PLACE: Place = Place::Rules;
}

/// The id of an address; what is none names nothing.
pub fn id(text: &str) -> Result<AuthRuleId, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

/// `GET /admin/rules/{id}`.
pub async fn show(visit: Visit, Path(text): Path<String>) -> Result<Response, Refusal> {
    let id = id(&text)?;
    let rules = rule::list(visit.app(), visit.caller()).await?;
    let reference = decision::matrix(visit.app(), visit.caller()).await?;
    let names = Names::of(&rules);
    let viewer = Viewer::of(&reference, &rules, &names, (visit.language(), visit.app().now()));
    visit.page(&page(&viewer, id).ok_or(Error::NotFound)?)
}

fn page(viewer: &Viewer<'_>, id: AuthRuleId) -> Option<ShowPage> {
    let rule = viewer.rules.iter().find(|rule| rule.id == id)?;
    let cells = viewer.decided(id).map(|cell| CellLine {
        scene: cell.question.scene.as_str(),
        subject: cell.question.subject_type.as_str(),
        agreement: agreement_name(viewer.agreements, &cell.question.agreement_type),
        sms: cell.sms_template.as_ref().map(|template| template.name.clone()),
    });
    Some(ShowPage { cells: cells.collect(), rule: viewer.view(rule) })
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let world = sample::World::full();
    let names = Names::of(&world.rules);
    let viewer = world.viewer(&names);
    let [decides, off, shadowed] = [0, 5, 6].map(|place| page(&viewer, world.rules[place].id).expect("it is there"));
    vec![Drawing::new("rule", decides), Drawing::new("rule-off", off), Drawing::new("rule-shadowed", shadowed)]
}
