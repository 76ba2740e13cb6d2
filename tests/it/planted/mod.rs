//! Two hundred values that belong to persons, carried through every success and every failure there is. Afterwards they are
//! looked for in the log, in answers to others, in metrics, headers, titles, files and every row of the database.

mod broken;
mod endings;
mod input;
mod outside;

use chrono::TimeDelta;
use esign_domain::ids::FlowId;
use esign_tests::{
    TestApp,
    database::TestDatabase,
    door::code,
    journal::Journal,
    ledger::{Kind, Ledger},
    signer::{ADDRESS, DEVICE},
};
use futures_util::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt};
use serde_json::Value;

const START: &str = "mutation($input: StartSignFlowInput!) { startSignFlow(input: $input) { replayed flow { id } } }";
const CANCEL: &str =
    "mutation($id: ID!, $reason: String!) { cancelSignFlow(input: {flowId: $id, reason: $reason}) { flow { id } } }";

/// The story's platform with the ledger of what was planted in it.
struct Field {
    app: TestApp,
    ledger: Ledger,
}

impl Field {
    /// Starts a flow, lets its message go out, and plants its link.
    async fn start(&mut self, input: Value) -> FlowId {
        let id = self.app.start(input).await.id;
        self.ledger.plant(Kind::Link, &self.app.signer(id).await.code);
        self.app.pass(TimeDelta::seconds(3)).await;
        id
    }

    /// The same, and has it signed.
    async fn sign(&mut self, input: Value) -> FlowId {
        let id = self.start(input).await;
        self.page(id).await;
        self.app.signer(id).await.sign().await.unwrap();
        self.app.pass(TimeDelta::seconds(3)).await;
        id
    }

    /// Looks at the page of a flow as it stands.
    async fn page(&mut self, id: FlowId) {
        let link = format!("/s/{}", self.app.signer(id).await.code);
        let answer = self.app.get(&link).await;
        self.ledger.search_page("a page", &answer);
    }

    /// The auth system says something about the newest challenge; a credential it gives is planted.
    async fn told(&mut self, message: &str, word: &Value) {
        if let Some(credential) = word["credential"].as_str() {
            self.ledger.plant(Kind::Personal, credential);
        }
        self.app.call_back_with(message, word, TimeDelta::zero()).await;
        self.app.pass(TimeDelta::seconds(3)).await;
    }

    /// Asks as the demo client for what will be refused, and looks at the refusal.
    async fn refused(&mut self, query: &str, variables: Value, expected: &str) {
        let answer = self.app.ask(&self.app.token(&self.app.demo, None), "zh-CN", query, variables).await;
        assert_eq!(code(&answer.json()), Some(expected), "{}", answer.text());
        self.ledger.search_answer(expected, &answer);
    }
}

/// Looks through everything that is kept.
async fn search_what_is_kept(field: &mut Field) {
    let (app, ledger) = (&field.app, &mut field.ledger);
    ledger.search("/metrics", &app.get("/metrics").await.body, &[]);
    ledger.search("/readyz", &app.get("/readyz").await.body, &[]);
    let dump = TestDatabase::dump(&app.db).await;
    assert!(dump.len() > 300, "{} rows", dump.len());
    for (table, row) in dump {
        ledger.search(&table, row.as_bytes(), &[Kind::Opaque]);
    }
    let files = ledger.search_folder(app.folder(), &[Kind::Opaque]);
    assert!(files > 0 || app.db.backend() == sea_orm::DatabaseBackend::Postgres, "the SQLite file was looked into");
    let blobs: Vec<_> = app.blobs.list(None).try_collect().await.unwrap();
    assert!(blobs.len() > 50);
    for blob in blobs {
        let bytes = app.blobs.get(&blob.location).await.unwrap().bytes().await.unwrap();
        ledger.search("a blob", &bytes, &[]);
        ledger.search("a blob's name", blob.location.as_ref().as_bytes(), &[]);
    }
    // What others leave there meanwhile is searched as well; large files are theirs.
    for entry in std::fs::read_dir(std::env::temp_dir()).unwrap().flatten() {
        if entry.metadata().is_ok_and(|file| file.is_file() && file.len() < 1 << 16) {
            ledger.search("a temporary file", &std::fs::read(entry.path()).unwrap_or_default(), &[]);
        }
    }
}

#[tokio::test]
async fn none_of_two_hundred_values_is_found_anywhere() {
    let journal = Journal::begin();
    let mut field = Field { app: TestApp::new().await, ledger: Ledger::default() };
    for value in [ADDRESS, DEVICE] {
        field.ledger.plant(Kind::Personal, value);
    }
    endings::successes(&mut field).await;
    endings::endings(&mut field).await;
    Box::pin(outside::echoes(&mut field)).await;
    input::bad_input(&mut field).await;
    outside::strangers(&mut field).await;
    input::forms(&mut field).await;
    Box::pin(broken::broken_database(&mut field)).await;
    Box::pin(broken::refused_rows(&mut field)).await;
    Box::pin(broken::panic(&mut field.ledger)).await;
    search_what_is_kept(&mut field).await;
    let log = journal.text();
    for heard in ["flow moved", "sealing failed", "unexpected error", "a callback was refused", "job failed", "panic"] {
        assert!(log.contains(heard), "the log was heard: {heard}");
    }
    field.ledger.search("the log", log.as_bytes(), &[]);
    let ledger = &field.ledger;
    eprintln!(
        "{} values planted, {} bytes searched, {} found",
        ledger.planted(),
        ledger.searched(),
        ledger.found().len()
    );
    assert_eq!(ledger.found(), [""; 0]);
    assert!(ledger.planted() >= 200, "{}", ledger.planted());
}
