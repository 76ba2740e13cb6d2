//! What the database refuses, whoever asks.

use esign_domain::ids::FlowId;
use esign_tests::{TestApp, auth_system::AMOUNT, fixture::corporate};
use sea_orm::{ConnectionTrait, DatabaseBackend};

async fn refused(app: &TestApp, sql: &str, because: &str) {
    let error = app.db.write().execute_unprepared(sql).await.expect_err(sql).to_string();
    assert!(error.contains(because), "{sql}: {error}");
}

/// A flow's id as SQL writes it.
fn literal(app: &TestApp, id: FlowId) -> String {
    match app.db.backend() {
        DatabaseBackend::Postgres => format!("'{}'", id.uuid()),
        _ => format!("x'{}'", id.uuid().simple()),
    }
}

#[tokio::test]
async fn events_are_for_ever() {
    let app = TestApp::new().await;
    app.start(corporate("for-ever")).await;
    app.run_jobs().await;
    refused(&app, "update flow_event set detail = '{}'", "append-only").await;
    refused(&app, "delete from flow_event", "append-only").await;
    if app.db.backend() == DatabaseBackend::Postgres {
        refused(&app, "truncate flow_event", "append-only").await;
    }
}

#[tokio::test]
async fn a_flow_is_completed_only_when_it_is() {
    let app = TestApp::new().await;
    let id = app.sign(corporate("not-yet")).await;
    app.run_jobs().await;
    let id = literal(&app, id);
    let set = |what: &str| format!("update sign_flow set {what} where id = {id}");
    refused(&app, &set("status = 'COMPLETED'"), "completed").await;
    refused(
        &app,
        &set("status = 'COMPLETED', auth_status = 'PASSED', seal_status = 'SEALED'"),
        "every document is sealed",
    )
    .await;
    refused(&app, &set("seal_status = 'SEALED'"), "sealed_means_completed").await;
    refused(&app, "update seal_record set status = 'SEALED'", "sealed_has_its_digests").await;
}

#[tokio::test]
async fn a_terminal_state_is_never_left() {
    let app = TestApp::new().await;
    let completed = app.sign(corporate("completed")).await;
    app.run_jobs().await;
    app.signer(completed).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    let cancelled = app.start(corporate("cancelled")).await.id;
    esign_domain::flow::cancel(&app, &app.demo.caller(), cancelled, "x").await.unwrap();
    app.run_jobs().await;
    for id in [completed, cancelled] {
        for status in ["CREATED", "FAILED", "SEALING"] {
            let sql = format!(
                "update sign_flow set status = '{status}', seal_status = 'FAILED' where id = {}",
                literal(&app, id)
            );
            refused(&app, &sql, "a terminal state is never left").await;
        }
    }
}

#[tokio::test]
async fn a_flow_no_is_taken_once_and_a_flow_superseded_once() {
    let app = TestApp::new().await;
    app.start(corporate("one")).await;
    app.start(corporate("two")).await;
    app.run_jobs().await;
    let error = app.db.write().execute_unprepared("update sign_flow set flow_no = 'one'").await;
    assert!(error.is_err());
}
