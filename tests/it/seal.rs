//! Sealing: it may fail, it is never forgotten, and only staff give it up.

use chrono::TimeDelta;
use esign_domain::{
    alert::Alert,
    error::Error,
    flow,
    ids::FlowId,
    seal::{self, query},
    terms::{FlowEventType as Kind, SealStatus},
};
use esign_tests::{TestApp, auth_system::AMOUNT, fixture::corporate, sealer::Mishap};
use futures_util::TryStreamExt;
use object_store::ObjectStore;
use serde_json::json;

/// A company whose amount was right; the seal is due and not made.
async fn authenticated(app: &TestApp, flow_no: &str) -> FlowId {
    let id = app.sign(corporate(flow_no)).await;
    app.run_jobs().await;
    app.call_back(&format!("msg-{flow_no}"), &app.auth.pass()).await;
    assert_eq!(app.state(id).await, "SEALING");
    id
}

async fn sealed_files(app: &TestApp) -> Vec<String> {
    let files: Vec<_> = app.blobs.list(None).try_collect().await.unwrap();
    files.into_iter().map(|file| file.location.to_string()).filter(|path| path.contains("/sealed-")).collect()
}

#[tokio::test]
async fn a_seal_that_fails_is_tried_again_until_it_holds() {
    let app = TestApp::new().await;
    let id = authenticated(&app, "patient").await;
    app.sealer.sealing.next([Some(Mishap::Fails), Some(Mishap::Spoils), Some(Mishap::Fails), None]);
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "SEALING");
    let mut gaps = Vec::new();
    while app.flow(id).await.status.as_str() == "SEALING" {
        let due = app.waiting("seal").await[0];
        gaps.push((due - app.now()).num_seconds());
        app.clock.advance_to(due);
        app.run_jobs().await;
    }
    assert_eq!(gaps, [2, 10, 60]);
    assert_eq!(app.state(id).await, "COMPLETED");
    assert_eq!(app.alerts.counts()[&Alert::SealFailed], 3);
    let history = app.history(id).await;
    assert!(history.ends_with(&[Kind::AuthPassed, Kind::SealFailed, Kind::SealFailed, Kind::SealFailed, Kind::Sealed]));
    let records = query::of_flows(&app, &[id]).await.unwrap();
    let kept: Vec<_> = records.into_iter().filter_map(|record| record.sealed_blob).collect();
    assert_eq!(sealed_files(&app).await, kept, "tries that failed leave no file");
}

#[tokio::test]
async fn staff_can_try_at_once_or_give_up() {
    let app = TestApp::new().await;
    let retry = "mutation($id: ID!) { retrySeal(flowId: $id) { flow { status } } }";
    let abandon = "mutation($id: ID!) { abandonSeal(flowId: $id, reason: \"密钥已吊销\") { flow { status failure { code retryable } } } }";
    app.sealer.sealing.always(Some(Mishap::Fails));
    let (again, given_up) = (authenticated(&app, "again").await, authenticated(&app, "given-up").await);
    app.live_through(TimeDelta::minutes(30)).await;
    app.sealer.sealing.always(None);
    app.data(retry, json!({"id": again.to_string()})).await;
    app.data(abandon, json!({"id": given_up.to_string()})).await;
    app.run_jobs().await;
    assert_eq!(app.state(again).await, "COMPLETED");
    assert_eq!(app.state(given_up).await, "FAILED SIGN_FAILED");
    let seals = query::of_flows(&app, &[given_up]).await.unwrap();
    assert!(seals.iter().all(|seal| seal.status == SealStatus::Failed && seal.failure_reason.is_some()));
    for (query, id) in [(retry, given_up), (abandon, given_up), (retry, again), (abandon, again)] {
        let answer = app.graphql(query, json!({"id": id.to_string()})).await;
        assert_eq!(esign_tests::door::code(&answer), Some("STATE_CONFLICT"));
    }
    app.live_through(TimeDelta::hours(2)).await;
}

#[tokio::test]
async fn a_seal_that_is_finished_after_the_flow_was_given_up_leaves_nothing() {
    let app = TestApp::new().await;
    let id = authenticated(&app, "fenced").await;
    let gate = app.sealer.hold();
    let staff = app.demo.caller();
    let give_up = async {
        gate.begun().await;
        seal::abandon(&app, &staff, id, "hopeless").await.unwrap();
        gate.open();
    };
    tokio::join!(app.run_jobs(), give_up);
    assert_eq!(app.state(id).await, "FAILED SIGN_FAILED");
    assert_eq!(sealed_files(&app).await, Vec::<String>::new());
    assert!(app.history(id).await.ends_with(&[Kind::AuthPassed, Kind::SealAbandoned]));
}

#[tokio::test]
async fn a_document_that_changed_since_it_was_signed_is_not_sealed() {
    let app = TestApp::new().await;
    let id = authenticated(&app, "swapped").await;
    let path = format!("flows/{id}/1/base.pdf");
    let base = seal::blob::get(&app, &path).await.unwrap().unwrap();
    seal::blob::put(&app, &path, b"%PDF-1.7 something else").await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "SEALING");
    assert_eq!(sealed_files(&app).await, Vec::<String>::new());
    seal::blob::put(&app, &path, &base).await.unwrap();
    app.live_through(TimeDelta::seconds(2)).await;
    assert_eq!(app.state(id).await, "COMPLETED");
}

#[tokio::test]
async fn documents_that_were_lost_are_laid_out_again_to_the_same_bytes() {
    let app = TestApp::new().await;
    let id = authenticated(&app, "lost").await;
    for name in ["base.pdf", "document.json", "page-1.svg"] {
        seal::blob::delete(&app, &format!("flows/{id}/1/{name}")).await.unwrap();
    }
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
}

#[tokio::test]
async fn a_text_that_can_not_be_laid_out_fails_the_flow_at_the_third_signature() {
    let app = TestApp::new().await;
    let id = app.start(corporate("no-glyph")).await.id;
    app.run_jobs().await;
    let signer = app.signer(id).await;
    signer.read().await.unwrap();
    lose_layout(&app, id).await;
    app.sealer.laying_out.always(Some(Mishap::Fails));
    for failures in 1..=3 {
        assert_eq!(app.state(id).await, "PENDING_SIGN");
        assert!(matches!(signer.write_name().await, Err(Error::SignFailed)));
        assert_eq!(app.flow(id).await.sign_failures, failures);
    }
    assert_eq!(app.state(id).await, "FAILED SIGN_FAILED");
    assert_eq!(app.alerts.counts()[&Alert::LayoutFailed], 3);
    assert!(app.history(id).await.ends_with(&[Kind::SignFailed; 3]));
    assert!(flow::h5::view(&app, &signer.code).await.is_ok(), "the page still comes up");
}

#[tokio::test]
async fn a_layout_that_failed_once_may_succeed_at_the_next_signature() {
    let app = TestApp::new().await;
    let id = app.start(corporate("passing")).await.id;
    app.run_jobs().await;
    let signer = app.signer(id).await;
    signer.read().await.unwrap();
    lose_layout(&app, id).await;
    app.sealer.laying_out.fail(1, Mishap::Fails);
    let submission = signer.submission();
    assert!(matches!(signer.sign_as(submission, esign_tests::signer::ink()).await, Err(Error::SignFailed)));
    app.sealer.laying_out.fail(1, Mishap::Fails);
    let again = signer.sign_as(submission, esign_tests::signer::ink()).await;
    assert_eq!(again.unwrap().sign_failures, 1, "the same submission fails once");
    signer.write_name().await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "PENDING_AUTH");
    signer.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
}

async fn lose_layout(app: &TestApp, id: FlowId) {
    seal::blob::delete(app, &format!("flows/{id}/1/document.json")).await.unwrap();
}
