//! What must be true of every flow at every moment between two transactions.

use esign_domain::{
    auth::entity::auth_record,
    event::{chain, entity::flow_event},
    flow::entity::{sign_flow, sign_result},
    ids::FlowId,
    job::entity::job,
    seal::entity::seal_record,
    terms::{AuthStatus, FlowStatus, SealStatus},
};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, prelude::*};

/// Jobs that can end a flow.
const ENDING: [&str; 3] = ["expire_session", "expire_challenge", "seal"];

/// Checks every flow of a database.
pub async fn assert_all_sound(db: &impl ConnectionTrait) {
    for flow in sign_flow::Entity::find().all(db).await.expect("flows can be read") {
        assert_sound(db, flow.id).await;
    }
}

/// Checks one flow: its chain verifies and agrees with the row, it has at most one end, COMPLETED says what it promises,
/// a result is there exactly when it is over, and until then a job waits that can end it.
pub async fn assert_sound(db: &impl ConnectionTrait, id: FlowId) {
    let flow = sign_flow::Entity::find_by_id(id).one(db).await.expect("flows can be read").expect("the flow exists");
    assert_chain(db, &flow).await;
    assert_completion(db, &flow).await;
    let result = sign_result::Entity::find_by_id(id).one(db).await.expect("results can be read");
    assert_eq!(
        result.is_some(),
        flow.status.is_terminal(),
        "{id} is {} and its result is {}",
        flow.status,
        result.is_some()
    );
    if let Some(result) = result {
        assert_eq!(result.evidence_digest, hex::encode(&flow.head_hash), "{id}: the result names another event");
    } else {
        let waiting = job::Entity::find()
            .filter(job::Column::FlowId.eq(id))
            .filter(job::Column::State.is_in(["available", "running"]))
            .filter(job::Column::Kind.is_in(ENDING))
            .count(db)
            .await
            .expect("jobs can be read");
        assert!(waiting > 0, "{id} is {} and no job can end it", flow.status);
    }
}

async fn assert_chain(db: &impl ConnectionTrait, flow: &sign_flow::Model) {
    let events = flow_event::Entity::find()
        .filter(flow_event::Column::FlowId.eq(flow.id))
        .order_by_asc(flow_event::Column::Seq)
        .all(db)
        .await
        .expect("events can be read");
    chain::verify_flow(flow, &events).unwrap_or_else(|broken| panic!("{}: {broken}", flow.id));
    assert_eq!(events.last().map(|event| event.to_status), Some(flow.status), "{}: the last event", flow.id);
    let ends = events.iter().filter(|event| event.to_status.is_terminal()).count();
    assert_eq!(ends, usize::from(flow.status.is_terminal()), "{}: events that end it", flow.id);
    for (before, after) in events.iter().zip(&events[1..]) {
        assert_eq!(Some(before.to_status), after.from_status, "{}: event {}", flow.id, after.seq);
    }
}

async fn assert_completion(db: &impl ConnectionTrait, flow: &sign_flow::Model) {
    let seals = seal_record::Entity::find().filter(seal_record::Column::FlowId.eq(flow.id)).all(db).await;
    let seals = seals.expect("seals can be read");
    let passed = auth_record::Entity::find()
        .filter(auth_record::Column::FlowId.eq(flow.id))
        .filter(auth_record::Column::Attempt.eq(flow.attempt))
        .filter(auth_record::Column::Status.eq(AuthStatus::Passed))
        .filter(auth_record::Column::Credential.is_not_null())
        .one(db)
        .await
        .expect("attempts can be read");
    let sealed =
        !seals.is_empty() && seals.iter().all(|seal| seal.status == SealStatus::Sealed && seal.sealed_blob.is_some());
    let finished = sealed && passed.is_some() && flow.auth_status == AuthStatus::Passed;
    assert_eq!(flow.status == FlowStatus::Completed, finished, "{} is {}", flow.id, flow.status);
}
