//! `GET /admin/flows/{id}`: one flow.

use axum::extract::Path;
use esign_domain::{
    Error,
    event::tail::Filter,
    flow::staff::{self, Timeline},
};
use serde::Serialize;

use super::{
    facts::{self, Choice, Due, Paper, Party, Record},
    flow_id,
    next::{self, Act, Next, Step},
    told::{self, Day},
    tone,
};
use crate::{
    moment::Moment,
    nav::Place,
    page::Page,
    visit::{Answer, Visit},
};

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct FlowPage {
    pub id: String,
    pub flow_no: String,
    pub client: String,
    pub status: String,
    pub tone: &'static str,
    pub failure: Option<String>,
    pub next: Next,
    pub acts: Vec<Act>,
    pub rail: Vec<Step>,
    pub days: Vec<Day>,
    /// Everything is told, not only what matters.
    pub all: bool,
    /// Events of the chain.
    pub events: i32,
    /// The key of whether the chain holds; none: it was not checked.
    pub chain: Option<&'static str>,
    pub left_out: bool,
    pub party: Option<Party>,
    pub scene: String,
    pub action: Option<String>,
    pub purpose: String,
    pub agreement: String,
    pub auth_type: String,
    pub made: Moment,
    pub papers: Vec<Paper>,
    pub records: Vec<Record>,
    pub choices: Vec<Choice>,
    pub due: Vec<Due>,
    pub claims: Option<String>,
    /// Upstream's own, as text.
    pub metadata: Option<String>,
    pub supersedes: Option<String>,
    pub superseded_by: Option<(String, String)>,
}

impl Page for FlowPage {
    const TEMPLATE: &'static str = "flow/show.html";
    const TITLE: &'static str = "flow-title";
    const PLACE: Place = Place::Flows;
}

/// `GET /admin/flows/{id}`.
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let told = staff::timeline(visit.app(), visit.caller(), flow_id(&id)?).await?.ok_or(Error::NotFound)?;
    visit.page(&page(&visit, &told))
}

/// `GET /admin/flows/{id}/live`.
pub async fn live(visit: Visit, Path(id): Path<String>) -> Answer {
    let mut filter = Filter::default();
    filter.flow_ids = Some(vec![flow_id(&id)?]);
    crate::live::ticks(&visit, filter)
}

fn page(visit: &Visit, told: &Timeline) -> FlowPage {
    let (language, now) = (visit.language(), visit.app().now());
    let all = visit.query().has("all");
    let flow = &told.flow;
    FlowPage {
        id: flow.id.to_string(),
        flow_no: flow.flow_no.clone(),
        client: told.client.name.clone(),
        status: flow.status.to_string(),
        tone: tone(flow.status),
        failure: flow.failure_code.as_ref().map(|code| format!("failure-{code}")),
        next: next::next(language, told, now),
        acts: next::acts(language, told, now),
        rail: next::rail(language, told, now),
        days: told::days(language, &told.entries, all, now),
        all,
        events: flow.event_count,
        chain: told.chain.as_ref().map(|chain| if chain.is_ok() { "chain-holds" } else { "chain-broken" }),
        left_out: told.left_out,
        party: told.subject.as_ref().map(facts::party),
        scene: format!("scene-{}", flow.scene),
        action: flow.business_action.map(|action| format!("action-{action}")),
        purpose: flow.fund_purpose.clone(),
        agreement: flow.agreement_type.clone(),
        auth_type: format!("auth-type-{}", flow.auth_type),
        made: Moment::of(language, flow.created_at, now),
        papers: facts::papers(told),
        records: facts::records(language, told, now),
        choices: facts::choices(language, &flow.decision),
        due: facts::due(language, told, now),
        claims: facts::claims(told),
        metadata: flow.metadata.as_ref().and_then(|value| serde_json::to_string_pretty(value).ok()),
        supersedes: flow.supersedes.map(|id| id.to_string()),
        superseded_by: told.superseded_by.as_ref().map(|flow| (flow.id.to_string(), flow.flow_no.clone())),
    }
}
