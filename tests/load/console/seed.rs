//! A platform that has been in use for half a year: so many flows, spread over its clients, scenes, days and endings.
//!
//! A model of each kind of flow is started through the verbs, on a clock that is set; all others are its likeness with
//! another subject, another time and another end, sealed and chained by the platform's own code, so that every page can
//! show them. What a flow's row, its sealed input and its chain say is one story; most stories are told short.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, TimeDelta, Utc};
use esign_api::{first_start, wire};
use esign_config::{Profile, Settings, from_sources};
use esign_domain::{
    App, Caller,
    client::{ClientInput, register},
    clock::{Clock, Random, SystemClock},
    event::{
        chain::{self, Evidence, GENESIS},
        entity::flow_event,
    },
    flow::{
        self, StartSignFlow,
        entity::{flow_secret, h5_session, sign_flow},
        secret::{fresh_link_code, link_hash, place},
    },
    seal::entity::seal_record,
    sms::entity::sms_record,
    terms::{AuthStatus, FlowStatus, Scene, SealStatus, SmsStatus},
};
use esign_tests::fixture::{corporate, individual, with};
use sea_orm::{EntityTrait, QueryFilter, TryIntoModel, prelude::*};
use serde_json::{Value, json};

use super::{
    copy::Copy,
    story::{began, fate, mixed, steps},
};
use crate::{Failure, postgres, say};

/// So many flows are written at a time.
const CHUNK: u64 = 4_000;
/// Upstream systems: code, name, and how many flows of a thousand are theirs.
const CLIENTS: [(&str, &str, u64); 5] = [
    ("yunfan", "云帆商户通", 500),
    ("guiji", "归集平台", 300),
    ("xinfutong", "薪付通", 150),
    ("lvcheng", "绿城物业", 49),
    ("xiaodian", "小店助手", 1),
];
const FAMILIES: [&str; 8] = ["陈", "林", "黄", "吴", "赵", "欧阳", "周", "徐"];
const GIVEN: [&str; 8] = ["晴", "磊", "晓霞", "桐", "思远", "建国", "雅", "一鸣"];
const TOWNS: [&str; 6] = ["杭州", "宁波", "苏州", "成都", "温州", "福州"];
const TRADES: [&str; 6] = ["清禾餐饮管理", "百味轩酒店", "云上茶事商贸", "锦里食集管理", "海泰鞋业", "小满烘焙"];

/// The platform in this process, with a clock that can be set.
pub struct Platform {
    /// The system.
    pub app: Arc<App>,
    clock: Arc<SetClock>,
}

struct SetClock(Mutex<DateTime<Utc>>);

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("no holder of the clock panics")
    }
}

impl SetClock {
    fn set(&self, to: DateTime<Utc>) {
        *self.0.lock().expect("no holder of the clock panics") = to;
    }
}

/// The platform on a database, with its keys in a folder; the schema and what is shipped are put in.
pub async fn platform(folder: &Path, url: &str) -> Result<Platform, Failure> {
    let sources = Settings::shipped(Profile::Sandbox).merge(("data_dir", folder)).merge(("database.url", url));
    let settings = from_sources(sources).map_err(|error| error.to_string())?;
    let clock = Arc::new(SetClock(Mutex::new(SystemClock.now())));
    let platform = wire::compose_with(settings, clock.clone(), Random::from_system()).await;
    let app = platform.map_err(|error| format!("{error:#}"))?.app;
    first_start::prepare(&app).await.map_err(|error| format!("{error:#}"))?;
    Ok(Platform { app, clock })
}

/// A flow of each kind, as the verbs make it.
struct Model {
    input: StartSignFlow,
    flow: sign_flow::Model,
    seals: Vec<seal_record::Model>,
    sms: sms_record::Model,
    data: Vec<u8>,
}

/// Rows that are written together.
#[derive(Default)]
struct Rows {
    flows: Vec<sign_flow::Model>,
    secrets: Vec<flow_secret::Model>,
    sessions: Vec<h5_session::Model>,
    seals: Vec<seal_record::Model>,
    events: Vec<flow_event::Model>,
    messages: Vec<sms_record::Model>,
}

/// Fills an empty database with so many flows.
pub async fn seed(folder: &Path, url: &str, count: u64) -> Result<Platform, Failure> {
    let platform = platform(folder, url).await?;
    let now = platform.app.now();
    platform.clock.set(began(0, count, now));
    let models = models(&platform.app).await?;
    let mut copy = Copy::open(url).await?;
    for first in (0..count).step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX)) {
        let mut rows = Rows::default();
        for number in first..count.min(first + CHUNK) {
            let at = began(number, count, now);
            likeness(&platform, &models, number, (at, now), &mut rows)?;
        }
        rows.write(&mut copy).await?;
        if first % 100_000 == 0 {
            say(&format!("  {first} of {count} flows"));
        }
    }
    platform.clock.set(now);
    let connection = postgres::connect(url).await?;
    postgres::run(&connection, "vacuum analyze").await?;
    Ok(platform)
}

impl Rows {
    async fn write(self, copy: &mut Copy) -> Result<(), Failure> {
        copy.write::<sign_flow::Entity>(&self.flows, &[]).await?;
        copy.write::<flow_secret::Entity>(&self.secrets, &[]).await?;
        copy.write::<h5_session::Entity>(&self.sessions, &[]).await?;
        copy.write::<seal_record::Entity>(&self.seals, &[]).await?;
        copy.write::<flow_event::Entity>(&self.events, &["position"]).await?;
        copy.write::<sms_record::Entity>(&self.messages, &[]).await
    }
}

/// Two models a client: a company of 归集 or 会员结算, a person of 批量付款.
async fn models(app: &App) -> Result<Vec<Model>, Failure> {
    let words = |error: esign_domain::Error| error.to_string();
    let mut models = Vec::new();
    for (code, name, _) in CLIENTS {
        let new = ClientInput {
            code: code.into(),
            name: name.into(),
            scopes: vec!["flows:read".into(), "flows:write".into()],
            ..ClientInput::default()
        };
        let client = register::register(app, &Caller::System, new).await.map_err(words)?.client;
        let caller = Caller::Client { id: client.id, code: client.code, scopes: client.scopes.0, from: None };
        let scene = |input, scene: Scene| with(input, "/scene", json!(scene));
        for input in [
            corporate(&format!("{code}-model-1")),
            scene(corporate(&format!("{code}-model-2")), Scene::MemberSettlement),
            individual(&format!("{code}-model-3")),
        ] {
            models.push(model(app, &caller, input).await?);
        }
    }
    Ok(models)
}

async fn model(app: &App, caller: &Caller, input: Value) -> Result<Model, Failure> {
    let words = |error: esign_domain::Error| error.to_string();
    let input: StartSignFlow = serde_json::from_value(input).map_err(|error| error.to_string())?;
    let flow = flow::start(app, caller, input.clone()).await.map_err(words)?.flow;
    let row = flow::secret::row(app.db.read(), flow.id).await.map_err(words)?;
    let data = app.vault.open(&place("document_data", flow.id), &row.document_data).map_err(words)?;
    let db = |error: sea_orm::DbErr| error.to_string();
    let seals = seal_record::Entity::find().filter(seal_record::Column::FlowId.eq(flow.id)).all(app.db.read());
    let sms = sms_record::Entity::find().filter(sms_record::Column::FlowId.eq(flow.id)).one(app.db.read());
    let (seals, sms) = (seals.await.map_err(db)?, sms.await.map_err(db)?.ok_or("a flow without a message")?);
    Ok(Model { input, flow, seals, sms, data })
}

/// Which of the models: the clients have their shares, the scenes theirs.
fn kind(number: u64) -> usize {
    let mut lot = mixed(number, 3) % 1000;
    let mut client = 0;
    while lot >= CLIENTS[client].2 {
        lot -= CLIENTS[client].2;
        client += 1;
    }
    let scene = match mixed(number, 4) % 100 {
        0..40 => 0,
        40..69 => 1,
        _ => 2,
    };
    client * 3 + scene
}

fn pick<'a>(list: &[&'a str], number: u64, salt: u64) -> &'a str {
    let place = usize::try_from(mixed(number, salt)).unwrap_or_default();
    list[place % list.len()]
}

/// The model's input with another subject.
fn another(model: &Model, number: u64) -> StartSignFlow {
    let mut input = model.input.clone();
    let head = if input.subject.bank_account.is_some() { "MS" } else { "PF" };
    input.flow_no = format!("{head}{:03}-{number:08}", number / 10_000 % 1000);
    let subject = &mut input.subject;
    subject.subject_no = format!("S-{:07}", mixed(number, 5) % 3_000_000);
    let person = format!("{}{}", pick(&FAMILIES, number, 6), pick(&GIVEN, number, 7));
    if subject.signatory_name.is_some() {
        let branch = mixed(number, 10) % 20_000;
        subject.name = format!("{}{}有限公司第 {branch} 分店", pick(&TOWNS, number, 8), pick(&TRADES, number, 9));
        subject.signatory_name = Some(person);
    } else {
        subject.name = person;
    }
    subject.mobile = format!("+861{}{:09}", 3 + number % 7, mixed(number, 11) % 1_000_000_000);
    input
}

fn likeness(
    platform: &Platform,
    models: &[Model],
    number: u64,
    (at, now): (DateTime<Utc>, DateTime<Utc>),
    rows: &mut Rows,
) -> Result<(), Failure> {
    let words = |error: esign_domain::Error| error.to_string();
    let (app, model) = (&platform.app, &models[kind(number)]);
    platform.clock.set(at);
    let (input, fate) = (another(model, number), fate(number, now - at));
    let told = steps(number, &fate, now - at);
    let moved = at + TimeDelta::seconds(told.last().map_or(0, |step| step.2));
    let hash = |purpose: &str, value: &str| app.vault.lookup(purpose, value);
    let canonical = input.canonical().map_err(words)?;
    let subject = input.subject();
    let reached = !matches!(fate.status, FlowStatus::Created);
    let mut flow = sign_flow::Model {
        id: app.id(),
        flow_no: input.flow_no.clone(),
        content_hmac: hash("sign_flow.content", &canonical),
        subject_no: subject.subject_no.clone(),
        mobile_hash: hash("mobile", subject.mobile.expose()),
        name_hash: Some(hash("name", subject.name())),
        status: fate.status,
        auth_status: fate.auth,
        seal_status: fate.seal,
        attempt: i32::from(fate.auth != AuthStatus::NotStarted),
        failure_code: fate.failure.map(str::to_owned),
        sms_undelivered: fate.unreached,
        sms_sent_count: i32::from(reached),
        last_sms_at: reached.then_some(at),
        event_count: 0,
        head_hash: GENESIS.to_vec(),
        created_at: at,
        updated_at: moved,
        expires_at: at + TimeDelta::hours(72),
        completed_at: fate.status.is_terminal().then_some(moved),
        ..model.flow.clone()
    };
    let event_key: [u8; 32] = app.random.bytes();
    let mut before = None;
    for (kind, to, after) in told {
        platform.clock.set(at + TimeDelta::seconds(after));
        let evidence = Evidence::facts(json!({"by": "seed"}));
        let link = chain::next(app, &mut flow, &event_key, (kind, before, to), evidence).map_err(words)?;
        before = Some(to);
        let mut event = link.event;
        event.position = sea_orm::ActiveValue::Set(0);
        rows.events.push(event.try_into_model().map_err(|error| error.to_string())?);
    }
    platform.clock.set(at);
    let code = fresh_link_code(&app.random);
    let sealed = |column: &str, value: &[u8]| app.vault.seal(&app.random, &place(column, flow.id), value);
    rows.secrets.push(flow_secret::Model {
        flow_id: flow.id,
        event_key: sealed("event_key", &event_key),
        input: sealed("input", canonical.as_bytes()),
        link_code: sealed("link_code", code.expose().as_bytes()),
        document_data: sealed("document_data", &model.data),
        ink: None,
    });
    let opened = fate.seal != SealStatus::Pending || number.is_multiple_of(3);
    rows.sessions.push(h5_session::Model {
        id: app.id(),
        flow_id: flow.id,
        code_hash: link_hash(app, code.expose()),
        opened_at: opened.then_some(moved.min(at + TimeDelta::seconds(60))),
        created_at: at,
    });
    rows.messages.push(message(app, model, &flow, number, reached));
    rows.seals.extend(model.seals.iter().map(|seal| document(app, seal, &flow, moved)));
    rows.flows.push(flow);
    Ok(())
}

fn message(app: &App, model: &Model, flow: &sign_flow::Model, number: u64, reached: bool) -> sms_record::Model {
    let at = flow.created_at;
    let sent = reached.then_some(at + TimeDelta::milliseconds(300));
    let delivered = sent.filter(|_| !number.is_multiple_of(50)).map(|sent| sent + TimeDelta::seconds(3));
    let status = match (sent, delivered) {
        (_, Some(_)) => SmsStatus::Delivered,
        (Some(_), None) => SmsStatus::Accepted,
        (None, None) => SmsStatus::Failed,
    };
    sms_record::Model {
        id: app.id(),
        flow_id: Some(flow.id),
        attempt: 1,
        status,
        gateway: Some("sandbox".into()),
        gateway_message_id: sent.map(|_| format!("m-{number}")),
        failure_code: (!reached).then(|| "HTTP_503".into()),
        mobile_hash: flow.mobile_hash.clone(),
        counted_at: sent,
        next_attempt_at: None,
        sent_at: sent,
        delivered_at: delivered,
        created_at: at,
        updated_at: delivered.or(sent).unwrap_or(at),
        ..model.sms.clone()
    }
}

fn document(app: &App, of: &seal_record::Model, flow: &sign_flow::Model, moved: DateTime<Utc>) -> seal_record::Model {
    let digest = |salt: &str| esign_domain::vault::sha256_hex(format!("{salt}{}", flow.id).as_bytes());
    let signed = flow.seal_status != SealStatus::Pending;
    let sealed = flow.seal_status == SealStatus::Sealed;
    seal_record::Model {
        id: app.id(),
        flow_id: flow.id,
        status: flow.seal_status,
        content_digest: signed.then(|| digest("base")),
        sealed_digest: sealed.then(|| digest("sealed")),
        level: sealed.then(|| "PAdES-B-B".into()),
        signed_at: signed.then_some(moved),
        sealed_at: sealed.then_some(moved),
        created_at: flow.created_at,
        updated_at: moved,
        ..of.clone()
    }
}
