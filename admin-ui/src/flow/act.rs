//! `GET` and `POST /admin/flows/{id}/{act}`: an act is asked about first, and then done.

use axum::{extract::Path, http::StatusCode, response::IntoResponse};
use esign_domain::{
    Error, auth,
    flow::{
        self,
        entity::sign_flow,
        query,
        staff::{self, next::StaffAct},
    },
    ids::FlowId,
    seal, sms,
};
use serde::Serialize;

use super::{flow_id, next};
use crate::{
    fields::Fields,
    nav::{Place, local},
    page::Page,
    problem::Problems,
    visit::{Answer, Posted, Refusal, Visit},
};

/// The question.
#[derive(Debug, Clone, Serialize)]
pub struct ActPage {
    pub id: String,
    pub flow_no: String,
    pub status: String,
    /// Its messages are `act-{noun}` and what follows.
    pub noun: &'static str,
    /// It can't be undone, and wants a reason.
    pub grave: bool,
    pub typed: Fields,
    pub problems: Problems,
    /// Where to go afterwards.
    pub back: String,
    /// The flow has moved on: it can't be done any more.
    pub conflict: bool,
    /// Seconds until it may be done.
    pub wait: Option<i64>,
    /// It may not be done any more.
    pub spent: bool,
}

impl Page for ActPage {
    const TEMPLATE: &'static str = "flow/act.html";
    const TITLE: &'static str = "flow-act-title";
    const PLACE: Place = Place::Flows;
}

/// The link, shown once.
#[derive(Debug, Clone, Serialize)]
pub struct LinkPage {
    pub id: String,
    pub flow_no: String,
    pub link: String,
}

impl Page for LinkPage {
    const TEMPLATE: &'static str = "flow/link.html";
    const TITLE: &'static str = "flow-link-title";
    const PLACE: Place = Place::Flows;
}

/// `GET /admin/flows/{id}/{act}`.
pub async fn ask(visit: Visit, Path((id, noun)): Path<(String, String)>) -> Answer {
    let (act, flow) = named(&visit, &id, &noun).await?;
    let page = question(act, &flow, visit.query().clone());
    visit.page(&page)
}

/// `POST /admin/flows/{id}/{act}`.
pub async fn perform(visit: Visit, Path((id, noun)): Path<(String, String)>, Posted(form): Posted) -> Answer {
    let (act, flow) = named(&visit, &id, &noun).await?;
    match done(&visit, act, flow.id, form.text("reason")).await {
        Ok(Some(link)) => visit.page(&LinkPage { id: flow.id.to_string(), flow_no: flow.flow_no, link }),
        Ok(None) => visit.onward(&question(act, &flow, form).back, Some(done_line(act))),
        Err(error) => refused(&visit, act, flow, form, error).await,
    }
}

/// Which act, on which flow; whether the member may do it at all.
async fn named(visit: &Visit, id: &str, noun: &str) -> Result<(StaffAct, sign_flow::Model), Refusal> {
    let act = StaffAct::ALL.iter().copied().find(|act| next::noun(*act).0 == noun).ok_or(Error::NotFound)?;
    visit.caller().require(act.operation())?;
    let flow = query::by_id(visit.app(), visit.caller(), flow_id(id)?).await?.ok_or(Error::NotFound)?;
    Ok((act, flow))
}

/// Does it. The link, where that is what was asked for.
async fn done(visit: &Visit, act: StaffAct, id: FlowId, reason: &str) -> esign_domain::Result<Option<String>> {
    let (app, caller) = (visit.app(), visit.caller());
    match act {
        StaffAct::CopyLink => return staff::copy_link(app, caller, id).await.map(Some),
        StaffAct::Resend => drop(sms::resend(app, caller, id).await?),
        StaffAct::Cancel => drop(flow::cancel(app, caller, id, reason).await?),
        StaffAct::AskAuthSystem => drop(auth::ask_now(app, caller, id).await?),
        StaffAct::RetrySeal => drop(seal::retry(app, caller, id).await?),
        StaffAct::AbandonSeal => drop(seal::abandon(app, caller, id, reason).await?),
    }
    Ok(None)
}

/// The line that says what just worked.
fn done_line(act: StaffAct) -> &'static str {
    match act {
        StaffAct::Resend => "done-resend",
        StaffAct::CopyLink => "done-link",
        StaffAct::Cancel => "done-cancellation",
        StaffAct::AskAuthSystem => "done-poll",
        StaffAct::RetrySeal => "done-seal-retry",
        StaffAct::AbandonSeal => "done-abandonment",
    }
}

/// The question again, with why it was not done.
async fn refused(visit: &Visit, act: StaffAct, flow: sign_flow::Model, form: Fields, error: Error) -> Answer {
    // The flow as it stands now is what stands in the way.
    let now = query::by_id(visit.app(), visit.caller(), flow.id).await?.unwrap_or(flow);
    let page = question(act, &now, form);
    match error {
        Error::StateConflict { .. } => {
            Ok((StatusCode::CONFLICT, visit.page(&ActPage { conflict: true, ..page })?).into_response())
        }
        Error::SmsRateLimited { retry_after_seconds, .. } => {
            let page = ActPage { wait: retry_after_seconds, spent: retry_after_seconds.is_none(), ..page };
            Ok((StatusCode::TOO_MANY_REQUESTS, visit.page(&page)?).into_response())
        }
        error => {
            let problems = Problems::of(visit, error)?;
            visit.again(&ActPage { problems, ..page })
        }
    }
}

fn question(act: StaffAct, flow: &sign_flow::Model, typed: Fields) -> ActPage {
    let own = format!("/admin/flows/{}", flow.id);
    let grave = matches!(act, StaffAct::Cancel | StaffAct::AbandonSeal);
    ActPage {
        id: flow.id.to_string(),
        flow_no: flow.flow_no.clone(),
        status: flow.status.to_string(),
        noun: next::noun(act).0,
        grave,
        back: typed.given("back").map_or(own, |back| local(back).to_owned()),
        typed,
        problems: Problems::default(),
        conflict: false,
        wait: None,
        spent: false,
    }
}
