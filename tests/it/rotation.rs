//! Keys rotate: nothing is lost with a key that is retired, and no token is refused that was good a moment before.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use axum::body::{Body, to_bytes};
use esign_domain::{
    App, Caller, Wake,
    alert::Alerts,
    auth,
    caller::Role,
    client::{self, keyset::Keyset, keyset::verify_result, token},
    clock::Random,
    event::Tail,
    flow::{self, secret, stats::Kept},
    ids::FlowId,
    job,
    reference::Keeper,
    rotation::{self, SEALED},
    seal::blob,
    sms::breaker::Breakers,
    staff::{
        one_time, register,
        sign_in::{self, Attempt},
        totp,
    },
    vault::{self, Vault},
};
use esign_tests::{
    TestApp,
    app::start_of_time,
    auth_system::AMOUNT,
    fixture::{corporate, individual},
};
use futures_util::TryStreamExt;
use http::{Request, StatusCode};
use object_store::ObjectStore;
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// The keys every story begins with: the first that its randomness gives.
fn first_keys() -> (String, String) {
    let random = Random::seeded(7);
    (Vault::generate_ring(&random, "k1"), Vault::generate_lookup(&random))
}

fn new_key() -> String {
    Vault::generate_ring(&Random::seeded(8), "k2")
}

/// Another process over the same database and documents, with a key ring of its own.
fn process(app: &TestApp, ring: &str) -> App {
    process_with(app, Vault::new(ring, &first_keys().1).unwrap(), Keyset::generate(&Random::seeded(9), start_of_time()))
}

fn process_with(app: &TestApp, vault: Vault, keyset: Keyset) -> App {
    App {
        settings: app.settings.clone(),
        db: app.db.clone(),
        clock: app.clock.clone(),
        random: Random::seeded(10),
        vault,
        keyset,
        gateways: app.gateways.clone(),
        breakers: Breakers::default(),
        auth_system: app.auth_system.clone(),
        sealer: app.sealer.clone(),
        blobs: app.blobs.clone(),
        reference: Keeper::default(),
        overviews: Kept::default(),
        tail: Tail::default(),
        wake: Wake::default(),
        alerts: Alerts::default(),
    }
}

/// Flows that leave a value in every sealed column: paid, seen in the face and declined; gives their ids.
async fn lived_in(app: &TestApp) -> Vec<FlowId> {
    let paid = app.sign(corporate("paid")).await;
    app.run_jobs().await;
    app.signer(paid).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    let seen = app.sign(individual("seen")).await;
    app.signer(seen).await.start_face().await.unwrap();
    app.run_jobs().await;
    app.call_back("msg-seen", &app.auth.pass()).await;
    app.run_jobs().await;
    let declined = app.start(corporate("declined")).await.id;
    app.run_jobs().await;
    app.signer(declined).await.decline("条款不清楚").await.unwrap();
    for (id, state) in [(paid, "COMPLETED"), (seen, "COMPLETED"), (declined, "FAILED SIGN_DECLINED")] {
        assert_eq!(app.state(id).await, state);
    }
    let overlap = client::secret::OVERLAP;
    client::webhook_secret::rotate(app, &app.demo.caller(), app.demo.client.id, overlap).await.unwrap();
    staff_with_totp(app).await;
    vec![paid, seen, declined]
}

/// A member of staff with a TOTP, and one who is setting it up.
async fn staff_with_totp(app: &TestApp) {
    for (name, confirms) in [("li.wei", true), ("wang.fang", false)] {
        let new = register::NewStaff { name: name.into(), role: Role::Operator, password: None };
        let password = register::add(app, &Caller::System, new).await.unwrap().password;
        let attempt = Attempt { name, password: &password, from: None, agent: "" };
        let token = sign_in::with_password(app, attempt).await.unwrap().token;
        let begun = totp::begin(app, &token).await.unwrap();
        if confirms {
            let code = one_time::code_now(begun.secret.expose(), app.now()).unwrap();
            totp::confirm(app, &token, &code).await.unwrap();
        }
    }
}

async fn usage(app: &App) -> BTreeMap<String, u64> {
    rotation::usage(&app.db, &*app.blobs).await.unwrap()
}

/// Sums over all columns and documents: sealed again, passed over, unreadable.
async fn reseal(app: &App) -> (u64, u64, u64) {
    let all = rotation::reseal(app).await.unwrap();
    assert_eq!(all.len(), SEALED.len() + 1);
    all.iter().fold((0, 0, 0), |sum, it| (sum.0 + it.resealed, sum.1 + it.passed_over, sum.2 + it.unreadable))
}

/// Every column of bytes, as the schema has it.
async fn columns_of_bytes(app: &App) -> Vec<(String, String)> {
    let sql = match app.db.backend() {
        DatabaseBackend::Postgres => {
            "select table_name::text, column_name::text from information_schema.columns
             where table_schema = 'public' and data_type = 'bytea'"
        }
        _ => {
            "select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c
             where m.type = 'table' and lower(c.type) = 'blob'"
        }
    };
    let rows = app.db.read().query_all_raw(Statement::from_string(app.db.backend(), sql)).await.unwrap();
    rows.iter().map(|row| (row.try_get_by(0).unwrap(), row.try_get_by(1).unwrap())).collect()
}

#[tokio::test]
async fn every_sealed_column_is_known() {
    let app = TestApp::new().await;
    lived_in(&app).await;
    let mut sealed = Vec::new();
    for (table, column) in columns_of_bytes(&app).await {
        let sql = format!("select {column} from {table} where {column} is not null");
        let rows = app.db.read().query_all_raw(Statement::from_string(app.db.backend(), sql)).await.unwrap();
        let values = rows.iter().map(|row| row.try_get_by::<Vec<u8>, _>(0).unwrap());
        if values.filter(|value| vault::key_id(value) == Some("k1")).count() > 0 {
            sealed.push((table, column));
        }
    }
    sealed.sort();
    let mut known: Vec<_> = SEALED.iter().map(|it| (it.table.to_owned(), it.column.to_owned())).collect();
    known.sort();
    assert_eq!(sealed, known);
}

#[tokio::test]
async fn a_key_that_was_retired_is_missed_by_nothing() {
    let app = TestApp::new().await;
    let ids = lived_in(&app).await;
    let waiting = app.start(corporate("waiting")).await.id;
    let before = usage(&app).await;
    assert_eq!(before.keys().collect::<Vec<_>>(), ["k1"]);
    let texts = documents(&app).await;

    let both = process(&app, &format!("{},{}", new_key(), first_keys().0));
    assert_eq!(reseal(&both).await, (before["k1"], 0, 0));
    assert_eq!(usage(&both).await, BTreeMap::from([("k2".to_owned(), before["k1"])]));
    assert_eq!(reseal(&both).await, (0, 0, 0), "there is nothing left to do");

    let after = process(&app, &new_key());
    assert_eq!(documents(&after).await, texts);
    assert_eq!(secret::subjects(&after, &ids).await.unwrap().len(), ids.len());
    for id in &ids {
        assert_eq!(secret::link_code(&after, after.db.read(), *id).await.unwrap().expose().len(), 22);
    }
    let records = auth::query::of_flows(&after, &ids).await.unwrap();
    for record in records.iter().filter(|record| record.credential.is_some()) {
        let flow = app.flow(record.flow_id).await;
        assert!(auth::query::credential(&after, &app.demo.caller(), &flow, record).unwrap().is_some());
    }
    // What was begun under the old key goes on under the new one, and a repeated call finds its flow.
    assert_eq!(app.gateway.taken().len(), 3);
    job::drain(&after).await.unwrap();
    assert_eq!(app.gateway.taken().len(), 4);
    assert_eq!(app.state(waiting).await, "PENDING_SIGN");
    let input = serde_json::from_value(corporate("waiting")).unwrap();
    assert!(flow::start(&after, &app.demo.caller(), input).await.unwrap().replayed);
}

/// Every document, opened.
async fn documents(app: &App) -> BTreeMap<String, Vec<u8>> {
    let mut documents = BTreeMap::new();
    for object in app.blobs.list(None).try_collect::<Vec<_>>().await.unwrap() {
        let path = object.location.to_string();
        documents.insert(path.clone(), blob::get(app, &path).await.unwrap().unwrap());
    }
    assert!(documents.len() > 5);
    documents
}

#[tokio::test]
async fn two_that_reseal_at_once_seal_each_value_once() {
    let app = TestApp::new().await;
    lived_in(&app).await;
    let before = usage(&app).await["k1"];
    let ring = format!("{},{}", new_key(), first_keys().0);
    let (one, other) = (process(&app, &ring), process(&app, &ring));
    let (one, other) = tokio::join!(rotation::reseal(&one), rotation::reseal(&other));
    let rows = |done: &[rotation::Resealed]| done[..SEALED.len()].iter().map(|it| it.resealed).sum::<u64>();
    let (one, other) = (one.unwrap(), other.unwrap());
    let documents = documents(&process(&app, &new_key())).await.len() as u64;
    assert_eq!(rows(&one) + rows(&other), before - documents);
    assert_eq!(usage(&app).await, BTreeMap::from([("k2".to_owned(), before)]));
}

#[tokio::test]
async fn what_no_key_opens_is_told_and_left_as_it_is() {
    let app = TestApp::new().await;
    let ids = lived_in(&app).await;
    let before = usage(&app).await;
    let without = process(&app, &new_key());
    assert_eq!(reseal(&without).await, (0, 0, before["k1"]));
    assert_eq!(usage(&app).await, before);
    assert_eq!(secret::subjects(&app, &ids).await.unwrap().len(), ids.len());
}

#[tokio::test]
async fn another_lookup_key_is_noticed() {
    let app = TestApp::new().await;
    lived_in(&app).await;
    assert_eq!(rotation::under_another_lookup_key(&app.db, &app.vault).await.unwrap(), 0);
    let other = Vault::new(&first_keys().0, &Vault::generate_lookup(&Random::seeded(11))).unwrap();
    assert_eq!(rotation::under_another_lookup_key(&app.db, &other).await.unwrap(), 3);
}

/// Moves the PEM files of one folder into another.
fn bring(from: &Path, to: &Path) {
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::rename(file.path(), to.join(file.file_name())).unwrap();
    }
}

fn remove(folder: &Path, prefix: &str, all_but: &str) {
    for file in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = file.file_name().into_string().unwrap();
        if name.starts_with(prefix) && !name.starts_with(all_but) {
            fs::remove_file(file.path()).unwrap();
        }
    }
}

fn kid(token: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

async fn answer(app: &Arc<App>, request: Request<Body>) -> (StatusCode, Value) {
    let router = esign_api::wire::doors(app, None, &CancellationToken::new()).unwrap();
    let mut request = request;
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 40_000));
    request.extensions_mut().insert(axum::extract::ConnectInfo(address));
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

/// What the API says to a token.
async fn asked(app: &Arc<App>, token: &str) -> StatusCode {
    let request = Request::post("/graphql").header("content-type", "application/json");
    let request = request.header("authorization", format!("Bearer {token}"));
    answer(app, request.body(Body::from(json!({"query": "{ __typename }"}).to_string())).unwrap()).await.0
}

async fn published(app: &Arc<App>) -> Value {
    answer(app, Request::get("/.well-known/jwks.json").body(Body::empty()).unwrap()).await.1
}

#[tokio::test]
async fn token_keys_rotate_while_the_process_runs() {
    let app = TestApp::new().await;
    let (folder, next) = (app.folder().join("tokens"), app.folder().join("next"));
    let (old_day, new_day) = (start_of_time(), start_of_time() + chrono::TimeDelta::days(30));
    let keyset = Keyset::load_or_create(&folder, &Random::seeded(1), old_day).unwrap();
    drop(Keyset::load_or_create(&next, &Random::seeded(2), new_day).unwrap());
    let ring = format!("{},{}", new_key(), first_keys().0);
    let process = Arc::new(process_with(&app, Vault::new(&ring, &first_keys().1).unwrap(), keyset));
    let old = token::issue(&process, &app.demo.client, None).unwrap().token;
    let old_result = process.keyset.sign_result(&json!({"sub": "flow_1"}));
    assert_eq!(published(&process).await["keys"].as_array().unwrap().len(), 2);
    assert!(process.keyset.reload().unwrap().is_empty());

    bring(&next, &folder);
    let changes = process.keyset.reload().unwrap();
    assert_eq!((changes.come.len(), changes.gone.len()), (2, 0));
    let new = token::issue(&process, &app.demo.client, None).unwrap().token;
    let new_result = process.keyset.sign_result(&json!({"sub": "flow_2"}));
    assert!(kid(&new) > kid(&old) && kid(&new_result) > kid(&old_result), "the newest key signs");
    assert_eq!((asked(&process, &old).await, asked(&process, &new).await), (StatusCode::OK, StatusCode::OK));
    let keys = published(&process).await;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 4);
    let keys = serde_json::from_value(keys).unwrap();
    for token in [&old_result, &new_result] {
        assert!(verify_result(&keys, token).is_ok() && process.keyset.verify_result(token).is_ok());
    }

    // A folder that can't be used as it is changes nothing.
    fs::write(folder.join("access-99999999.pem"), "half a key").unwrap();
    assert!(process.keyset.reload().is_err());
    assert_eq!(asked(&process, &new).await, StatusCode::OK);
    fs::remove_file(folder.join("access-99999999.pem")).unwrap();

    // Once the last token under it has ended, the old access key goes; old result tokens stay good.
    app.advance(token::LIFETIME);
    assert_eq!(asked(&process, &old).await, StatusCode::UNAUTHORIZED, "it has ended");
    remove(&folder, "access-", &kid(&new));
    let changes = process.keyset.reload().unwrap();
    assert_eq!((changes.come.len(), changes.gone), (0, vec![kid(&old)]));
    assert_eq!(published(&process).await["keys"].as_array().unwrap().len(), 3);
    assert!(process.keyset.verify_result(&old_result).is_ok());
}
