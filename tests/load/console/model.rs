//! The upstream systems of a seeded platform, and one flow of each kind as the verbs make it.

use esign_domain::{
    App, Caller,
    client::{ClientInput, register},
    flow::{self, StartSignFlow, entity::sign_flow, secret::place},
    seal::entity::seal_record,
    sms::entity::sms_record,
    terms::Scene,
};
use esign_tests::fixture::{corporate, individual, with};
use sea_orm::{EntityTrait, QueryFilter, prelude::*};
use serde_json::{Value, json};

use super::story::mixed;
use crate::Failure;

/// Upstream systems: code, name, and how many flows of a thousand are theirs.
const CLIENTS: [(&str, &str, u64); 5] = [
    ("yunfan", "云帆商户通", 500),
    ("guiji", "归集平台", 300),
    ("xinfutong", "薪付通", 150),
    ("lvcheng", "绿城物业", 49),
    ("xiaodian", "小店助手", 1),
];

/// A flow of each kind, as the verbs make it.
pub struct Model {
    pub input: StartSignFlow,
    pub flow: sign_flow::Model,
    pub seals: Vec<seal_record::Model>,
    pub sms: sms_record::Model,
    pub data: Vec<u8>,
}

/// Three models a client: a company of 归集 or 会员结算, a person of 批量付款.
pub async fn models(app: &App) -> Result<Vec<Model>, Failure> {
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

/// Which of the models a flow is like: the clients have their shares, the scenes theirs.
pub fn kind(number: u64) -> usize {
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
