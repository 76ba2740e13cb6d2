//! One line of the list.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use esign_domain::{
    App, Result,
    flow::{entity::sign_flow, query, secret},
    reference, seal,
    terms::FlowStatus,
    words::Lang,
};
use esign_web::language::Language;
use serde::Serialize;

use crate::{
    flow::tone,
    moment::{Moment, span},
};

/// One line of the list. People are masked, whoever reads.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The flow.
    pub id: String,
    /// Its number.
    pub flow_no: String,
    /// The subject's name; none: the person was erased.
    pub name: Option<String>,
    /// 对公 or 对私.
    pub subject_type: &'static str,
    /// Part in the relation.
    pub role: &'static str,
    /// The signatory's number.
    pub mobile: Option<String>,
    /// 场景
    pub scene: &'static str,
    /// How many documents.
    pub documents: usize,
    /// 签约状态
    pub status: &'static str,
    /// Its colour.
    pub tone: &'static str,
    /// For how long it has rested there; none: it has ended.
    pub dwell: Option<String>,
    /// It rests longer than it should.
    pub late: bool,
    /// The message came through to nobody.
    pub unreached: bool,
    /// Why it ended so.
    pub reason: Option<String>,
    /// Upstream may start another in its place.
    pub restartable: bool,
    /// Whose it is.
    pub client: String,
    /// When it was started.
    pub started: Moment,
    /// When it last moved.
    pub changed: Moment,
}

/// The lines of these flows.
pub async fn rows(app: &App, (language, lang): (Language, Lang), flows: &[sign_flow::Model]) -> Result<Vec<Row>> {
    let ids: Vec<_> = flows.iter().map(|flow| flow.id).collect();
    let subjects = secret::subjects(app, &ids).await?;
    let mut documents: HashMap<_, usize> = HashMap::new();
    for record in seal::query::of_flows(app, &ids).await? {
        *documents.entry(record.flow_id).or_default() += 1;
    }
    let superseded: HashSet<_> = query::superseded(app, &ids).await?.into_iter().collect();
    let (reference, now) = (reference::current(app).await?, app.now());
    let mut rows = Vec::new();
    for flow in flows {
        let subject = subjects.get(&flow.id);
        let restartable = !superseded.contains(&flow.id) && query::end_allows_restart(app, flow).await?;
        rows.push(Row {
            id: flow.id.to_string(),
            flow_no: flow.flow_no.clone(),
            name: subject.map(|subject| subject.name_for(false)),
            subject_type: flow.subject_type.as_str(),
            role: flow.subject_role.as_str(),
            mobile: subject.map(|subject| subject.mobile.masked()),
            scene: flow.scene.as_str(),
            documents: documents.get(&flow.id).copied().unwrap_or_default(),
            status: flow.status.as_str(),
            tone: tone(flow.status),
            dwell: (!flow.status.is_terminal()).then(|| span(language, now - flow.updated_at)),
            late: is_late(flow, now),
            unreached: flow.sms_undelivered && !flow.status.is_terminal(),
            reason: flow.failure_code.as_deref().map(|code| lang.say(code).to_owned()),
            restartable,
            client: reference.client(flow.client_id).map(|client| client.name.clone()).unwrap_or_default(),
            started: Moment::of(language, flow.created_at, now),
            changed: Moment::of(language, flow.updated_at, now),
        });
    }
    Ok(rows)
}

fn is_late(flow: &sign_flow::Model, now: DateTime<Utc>) -> bool {
    query::dwell_limit(flow.status).is_some_and(|limit| now - flow.updated_at > limit)
}

impl Row {
    /// A line for the gallery.
    pub fn sample(number: u64, status: FlowStatus) -> Self {
        let moment = Moment { short: "14:20:31".into(), full: "2026-11-22T14:20:31+08:00".into() };
        Self {
            id: format!("flow_018f0000-0000-7000-8000-{number:012}"),
            flow_no: format!("MS20261122-004184{number:02}"),
            name: Some("杭州清禾餐饮管理有限公司".into()),
            subject_type: "CORPORATE",
            role: "STORE",
            mobile: Some("138****2077".into()),
            scene: "MEMBER_SETTLEMENT",
            documents: 2,
            status: status.as_str(),
            tone: tone(status),
            dwell: (!status.is_terminal()).then(|| "38 分 2 秒".to_owned()),
            late: status == FlowStatus::Sealing,
            unreached: status == FlowStatus::Created,
            reason: (status == FlowStatus::Failed).then(|| "身份认证没有通过".to_owned()),
            restartable: status == FlowStatus::Failed,
            client: "云帆商户通".into(),
            started: moment.clone(),
            changed: moment,
        }
    }
}
