//! The chain: whoever changes it is found out.

use chrono::TimeDelta;
use esign_domain::{
    event::{
        chain::{GENESIS, verify, verify_flow},
        entity::flow_event::Model,
    },
    ids::{ClientId, EventId, FlowId},
    terms::{FlowEventType, FlowStatus, Scene},
};
use esign_tests::{TestApp, auth_system::AMOUNT, fixture::corporate};
use uuid::Uuid;

/// One way to tamper with one event.
type Tamper = fn(&mut Model);

const TAMPERS: [(&str, Tamper); 12] = [
    ("id", |event| event.id = EventId::new(Uuid::nil())),
    ("flow", |event| event.flow_id = FlowId::new(Uuid::nil())),
    ("flowNo", |event| event.flow_no.push('x')),
    ("seq", |event| event.seq += 1),
    ("type", |event| {
        event.kind = if event.kind == FlowEventType::Read { FlowEventType::Signed } else { FlowEventType::Read };
    }),
    ("from", |event| event.from_status = Some(FlowStatus::Cancelled)),
    ("to", |event| event.to_status = FlowStatus::Cancelled),
    ("detail", |event| event.detail = event.detail.replacen('{', "{\"x\":1,", 1).replace(",}", "}")),
    ("time", |event| event.occurred_at += TimeDelta::microseconds(1)),
    ("hash", |event| event.hash[31] ^= 1),
    ("client", |event| event.client_id = ClientId::new(Uuid::nil())),
    ("scene", |event| {
        event.scene = if event.scene == Scene::Collection { Scene::BatchPayment } else { Scene::Collection };
    }),
];

#[tokio::test]
async fn every_change_of_every_event_is_found_and_where() {
    let app = TestApp::new().await;
    let id = app.sign(corporate("tampered")).await;
    app.run_jobs().await;
    app.signer(id).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    let events = app.events(id).await;
    assert_eq!(events[0].prev_hash, GENESIS);
    let flow = app.flow(id).await;
    assert_eq!(verify_flow(&flow, &events), Ok(()));
    for at in 0..events.len() {
        for (what, tamper) in TAMPERS {
            let mut forged = events.clone();
            tamper(&mut forged[at]);
            let broken = verify_flow(&flow, &forged).expect_err(what);
            assert_eq!(broken.seq, forged[at].seq, "{what}: found where it is");
        }
        if at + 1 < events.len() {
            let mut without = events.clone();
            without.remove(at);
            assert!(verify(&without).is_err(), "event {at} dropped");
            let mut turned = events.clone();
            turned.swap(at, at + 1);
            assert!(verify(&turned).is_err(), "events {at} turned round");
        }
        let mut doubled = events.clone();
        doubled.insert(at, events[at].clone());
        assert!(verify(&doubled).is_err(), "event {at} doubled");
    }
    let cut = &events[..events.len() - 1];
    assert!(verify(cut).is_ok() && verify_flow(&flow, cut).is_err(), "a chain cut short ends elsewhere");
}

#[tokio::test]
async fn a_person_can_be_erased_and_the_chain_still_verifies() {
    use esign_domain::{event::entity::event_secret, flow::entity::flow_secret};
    use sea_orm::EntityTrait;
    let app = TestApp::new().await;
    let id = app.sign(corporate("erased")).await;
    app.run_jobs().await;
    app.signer(id).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    event_secret::Entity::delete_many().exec(app.db.write()).await.unwrap();
    flow_secret::Entity::delete_many().exec(app.db.write()).await.unwrap();
    app.assert_sound(id).await;
    let query =
        "query($id: ID!) { signFlow(id: $id) { status subject { name mobile idDocumentNumber } result { token } } }";
    let seen = app.data(query, serde_json::json!({"id": id.to_string()})).await;
    assert_eq!(seen["signFlow"]["subject"]["mobile"], "***");
}
