//! Acts on jobs that were given up: run one again, run all again, put one away.

use axum::extract::Path;
use esign_domain::{Error, caller::Operation, stuck};
use serde::Serialize;

use crate::{
    fields::Fields,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Answer, Posted, Visit},
};

/// The question before an act.
#[derive(Debug, Clone, Serialize)]
pub struct JobPage {
    /// Its messages are `job-{act}-ask` and what follows.
    pub act: &'static str,
    pub action: String,
    pub reasoned: bool,
    pub typed: Fields,
    pub problems: Problems,
}

impl Page for JobPage {
    const TEMPLATE: &'static str = "stuck/act.html";
    const TITLE: &'static str = "stuck-title";
    const PLACE: Place = Place::Stuck;
}

/// A question as it is asked first.
pub fn question(act: &'static str, action: String) -> JobPage {
    let (typed, problems) = (Fields::default(), Problems::default());
    JobPage { act, action, reasoned: act == "dismissal", typed, problems }
}

/// `GET /admin/stuck/jobs/{id}/run`.
pub async fn ask_run(visit: Visit, Path(id): Path<String>) -> Answer {
    visit.caller().require(Operation::RunJobAgain)?;
    visit.page(&question("run", format!("/admin/stuck/jobs/{}/run", number(&id)?)))
}

/// `POST /admin/stuck/jobs/{id}/run`.
pub async fn run(visit: Visit, Path(id): Path<String>, Posted(_): Posted) -> Answer {
    let acted = stuck::run_job_again(visit.app(), visit.caller(), number(&id)?).await?;
    visit.onward("/admin/stuck", Some(if acted { "done-run" } else { "done-already" }))
}

/// `GET /admin/stuck/runs`.
pub async fn ask_all(visit: Visit) -> Answer {
    visit.caller().require(Operation::RunJobAgain)?;
    visit.page(&question("run-all", "/admin/stuck/runs".into()))
}

/// `POST /admin/stuck/runs`.
pub async fn run_all(visit: Visit, Posted(form): Posted) -> Answer {
    stuck::run_all_again(visit.app(), visit.caller(), form.given("kind")).await?;
    visit.onward("/admin/stuck", Some("done-run-all"))
}

/// `GET /admin/stuck/jobs/{id}/dismissal`.
pub async fn ask_dismissal(visit: Visit, Path(id): Path<String>) -> Answer {
    visit.caller().require(Operation::DismissJob)?;
    visit.page(&question("dismissal", format!("/admin/stuck/jobs/{}/dismissal", number(&id)?)))
}

/// `POST /admin/stuck/jobs/{id}/dismissal`.
pub async fn dismiss(visit: Visit, Path(id): Path<String>, Posted(form): Posted) -> Answer {
    let id = number(&id)?;
    match stuck::dismiss_job(visit.app(), visit.caller(), id, form.text("reason")).await {
        Ok(acted) => visit.onward("/admin/stuck", Some(if acted { "done-dismissal" } else { "done-already" })),
        Err(error) => {
            let page = question("dismissal", format!("/admin/stuck/jobs/{id}/dismissal"));
            visit.again(&JobPage { problems: Problems::of(&visit, error)?, typed: form, ..page })
        }
    }
}

fn number(text: &str) -> esign_domain::Result<i64> {
    text.parse().map_err(|_| Error::NotFound)
}
