//! Reference data: known to every process as it stands, whoever changed it and wherever.

use std::{sync::Arc, time::Duration};

use esign_domain::{App, client::token, reference, wake};
use esign_tests::{TestApp, database::TestDatabase, fixture::individual};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use tokio::{sync::watch, task::JoinSet, time::timeout};

async fn change(app: &App, sql: &str) {
    app.db.write().execute_unprepared(sql).await.unwrap();
}

#[tokio::test]
async fn what_one_process_changes_all_know_at_their_next_question() {
    let app = TestApp::new().await;
    let (other, issued) = (app.replica(1).await, token::issue(&app, &app.demo.client, None).unwrap());
    for process in [&*app as &Arc<App>, &other] {
        assert!(token::admit(process, &issued.token).await.is_ok(), "both have read everything, and the token, once");
    }
    change(&app, "update client set enabled = false where code = 'demo'").await;
    assert!(token::admit(&other, &issued.token).await.is_err());
    assert!(token::admit(&app, &issued.token).await.is_err());
    change(&other, "update client set enabled = true where code = 'demo'").await;
    assert!(token::admit(&app, &issued.token).await.is_ok());

    change(&app, "update agreement_type set enabled = false").await;
    assert_eq!(app.try_start(individual("no-type")).await.unwrap_err().code(), "AGREEMENT_TYPE_NOT_SUPPORTED");
    change(&other, "update agreement_type set enabled = true").await;
    change(&other, "update auth_rule set enabled = false").await;
    assert_eq!(app.try_start(individual("no-rule")).await.unwrap_err().code(), "AUTH_RULE_NOT_FOUND");
    change(&other, "update auth_rule set enabled = true").await;
    change(&other, "update sms_template set status = 'DISABLED'").await;
    assert_eq!(app.try_start(individual("no-template")).await.unwrap_err().code(), "SMS_TEMPLATE_NOT_FOUND");
}

#[tokio::test]
async fn every_change_of_it_moves_its_version_on_and_a_change_taken_back_does_not() {
    let app = TestApp::new().await;
    let column = [
        ("client", "name = name"),
        ("agreement_type", "name = name"),
        ("auth_rule", "note = note"),
        ("sms_template", "name = name"),
    ];
    for (table, nothing) in column {
        let before = version(&app).await;
        change(&app, &format!("update {table} set {nothing}")).await;
        assert!(version(&app).await > before, "update of {table}");
    }
    let before = version(&app).await;
    change(
        &app,
        "insert into agreement_template (id, agreement_type_id, document_name, position, version, source, variables, published_at)
         select agreement_type_id, agreement_type_id, 'another', 2, 1, '', '[]', published_at from agreement_template",
    )
    .await;
    let inserted = version(&app).await;
    assert!(inserted > before, "insert of agreement_template");
    change(&app, "delete from auth_rule").await;
    let deleted = version(&app).await;
    assert!(deleted > inserted, "delete of auth_rule");
    let tx = app.write_tx().await.unwrap();
    tx.execute_unprepared("update client set name = 'never'").await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(version(&app).await, deleted);
}

async fn version(app: &App) -> i64 {
    let question = Statement::from_string(app.db.backend(), "select version from reference_version");
    let row = app.db.read().query_one_raw(question).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn a_crowd_that_asks_at_once_is_answered_alike_and_in_an_outage_refused_and_then_answered() {
    let app = TestApp::new().await;
    let crowd = || join_all((0..200).map(|_| reference::current(&app)));
    let first = reference::current(&app).await.unwrap();
    assert!(crowd().await.into_iter().all(|known| Arc::ptr_eq(&known.unwrap(), &first)), "nothing has changed");
    change(&app, "alter table reference_version rename to away").await;
    assert!(crowd().await.into_iter().all(|known| known.is_err()));
    change(&app, "alter table away rename to reference_version").await;
    assert!(crowd().await.into_iter().all(|known| known.is_ok()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_race_for_a_number_leaves_nothing_behind() {
    let app = Arc::new(TestApp::new().await);
    let mut calls = JoinSet::new();
    for _ in 0..30 {
        let app = Arc::clone(&app);
        calls.spawn(async move { app.try_start(individual("once")).await.unwrap().replayed });
    }
    let replayed = calls.join_all().await.into_iter().filter(|replayed| *replayed).count();
    assert_eq!(replayed, 29);
    let dump = TestDatabase::dump(&app.db).await;
    for (table, rows) in
        [("sign_flow", 1), ("flow_secret", 1), ("h5_session", 1), ("seal_record", 1), ("flow_event", 1), ("job", 2)]
    {
        assert_eq!(dump.iter().filter(|(name, _)| name == table).count(), rows, "{table}");
    }
    app.run_jobs().await;
}

/// On SQLite there is one process, and nothing to be heard.
#[tokio::test]
async fn a_process_hears_what_another_commits() {
    let app = TestApp::new().await;
    if app.db.backend() != DatabaseBackend::Postgres {
        return;
    }
    let other = app.replica(1).await;
    let (stop, stopped) = watch::channel(false);
    let mut heralds = JoinSet::new();
    for process in [&*app as &Arc<App>, &other] {
        heralds.spawn(wake::run_herald(Arc::clone(process), stopped.clone()));
    }
    // A herald that is not listening yet hears nothing, so something is committed until it does.
    let heard = async {
        loop {
            app.wake.all();
            if timeout(Duration::from_millis(100), other.wake.events.notified()).await.is_ok() {
                return;
            }
        }
    };
    timeout(Duration::from_secs(30), heard).await.expect("the other process hears of it");
    timeout(Duration::from_secs(30), other.wake.jobs.notified()).await.expect("so do its workers");
    stop.send_replace(true);
    heralds.join_all().await;
}
