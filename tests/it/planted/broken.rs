//! What breaks within: the database in the middle of an act, and a resolver.

use chrono::TimeDelta;
use esign_domain::job;
use esign_tests::{
    TestApp,
    door::code,
    ledger::{Kind, Ledger},
};
use sea_orm::{ConnectionTrait, DatabaseBackend};
use serde_json::json;

use super::{CANCEL, Field, START};

/// A database that fails in the middle of every act.
pub async fn broken_database(field: &mut Field) {
    let unopened = field.ledger.person("unopened");
    let unopened = field.app.start(unopened).await.id;
    field.ledger.plant(Kind::Link, &field.app.signer(unopened).await.code);
    let company = field.ledger.company("broken");
    let id = field.start(company).await;
    let signer = field.app.signer(id).await;
    signer.read().await.unwrap();
    let new = field.ledger.person("never-started");
    let reason = field.ledger.plant(Kind::Personal, "上官婉儿要求撤销");
    let challenge = field.app.auth.newest();
    let mut word = challenge.word();
    word["credential"] = field.ledger.plant(Kind::Personal, "credential-never-kept").into();
    for table in ["event_secret", "flow_event", "submission", "flow_secret", "auth_inbox"] {
        let rename = |from: &str, to: &str| format!("alter table {from} rename to {to}");
        let away = format!("{table}_away");
        field.app.db.write().execute_unprepared(&rename(table, &away)).await.unwrap();
        let (app, ledger) = (&field.app, &mut field.ledger);
        let all = app.token(&app.demo, None);
        for (query, variables) in
            [(START, json!({"input": new})), (CANCEL, json!({"id": id.to_string(), "reason": reason}))]
        {
            let answer = app.ask(&all, "zh-CN", query, variables).await;
            ledger.search_answer(table, &answer);
        }
        for code in [unopened, id] {
            let base = match table {
                // Without its secrets no link is known to the story either.
                "flow_secret" => "/s/none".to_owned(),
                _ => format!("/s/{}", app.signer(code).await.code),
            };
            ledger.search_page(table, &app.get(&base).await);
            let form =
                [("submission", "sub_00000000-0000-7000-8000-000000000009"), ("reason", "other"), ("details", &reason)];
            ledger.search_page(table, &app.post_form(&format!("{base}/refusal"), &form).await);
        }
        app.call_back_with("msg-never-kept", &word, TimeDelta::zero()).await;
        job::drain(app).await.unwrap();
        field.app.db.write().execute_unprepared(&rename(&away, table)).await.unwrap();
    }
    field.app.pass(TimeDelta::minutes(20)).await;
}

/// Rows that the database refuses; PostgreSQL quotes the whole of such a row to us.
pub async fn refused_rows(field: &mut Field) {
    let company = field.ledger.company("refused-rows");
    let id = field.sign(company).await;
    let (refuse, relent) = match field.app.db.backend() {
        DatabaseBackend::Postgres => (
            "alter table sign_flow add constraint refuses check (event_count < 0) not valid",
            "alter table sign_flow drop constraint refuses",
        ),
        _ => (
            "create trigger refuses before update on sign_flow begin select raise(abort, 'no more rows'); end",
            "drop trigger refuses",
        ),
    };
    field.app.db.write().execute_unprepared(refuse).await.unwrap();
    let reason = field.ledger.plant(Kind::Personal, "独孤信不想签了");
    let vars = json!({"id": id.to_string(), "reason": reason});
    let answer = field.app.ask(&field.app.token(&field.app.demo, None), "en", CANCEL, vars).await;
    field.ledger.search_answer("a refused row", &answer);
    let link = format!("/s/{}", field.app.signer(id).await.code);
    let submission = field.app.signer(id).await.submission().to_string();
    let form = [("submission", submission.as_str()), ("reason", "other"), ("details", &reason), ("confirmed", "yes")];
    let answer = field.app.post_form(&format!("{link}/refusal"), &form).await;
    assert_eq!(answer.status, 500);
    field.ledger.search_page("a refused row on a page", &answer);
    let passed = field.app.auth.pass();
    assert_eq!(field.app.call_back("msg-refused-row", &passed).await, 503);
    field.app.pass(TimeDelta::seconds(10)).await;
    field.app.db.write().execute_unprepared(relent).await.unwrap();
    field.told("msg-refused-row", &passed.word()).await;
    assert_eq!(field.app.state(id).await, "COMPLETED");
}

/// A resolver that panics over a flow.
pub async fn panic(ledger: &mut Ledger) {
    // No document's address lasts that long: the resolver that makes it panics.
    let app = TestApp::with(|settings| settings.flow.download_seconds = i64::MAX).await;
    let mut field = Field { app, ledger: std::mem::take(ledger) };
    let company = field.ledger.company("panics");
    let id = field.sign(company).await;
    let word = field.app.auth.pass().word();
    field.told("msg-panics", &word).await;
    assert_eq!(field.app.state(id).await, "COMPLETED");
    let query = "query($id: ID!) { signFlow(id: $id) { subject { name } sealRecords { downloadUrl } } }";
    let vars = json!({"id": id.to_string()});
    let answer = field.app.ask(&field.app.token(&field.app.demo, None), "en", query, vars).await;
    assert_eq!((answer.status.as_u16(), code(&answer.json())), (500, Some("INTERNAL")));
    field.ledger.search_answer("a panic", &answer);
    *ledger = std::mem::take(&mut field.ledger);
}
