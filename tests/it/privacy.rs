//! Personal data: masked for who may not see it, sealed where it lies, and in no log.

use esign_domain::{
    Caller,
    caller::Role,
    flow,
    ids::{FlowId, StaffId},
};
use esign_tests::{
    TestApp,
    auth_system::AMOUNT,
    fixture::{corporate, individual_with_account, with},
    journal::Journal,
    signer::{ADDRESS, DEVICE},
};
use futures_util::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt};
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

const SUBJECT: &str = "query($id: ID!) { signFlow(id: $id) { subject {
    name mobile idDocumentNumber signatoryName bankAccountNo bankName } } }";

async fn completed(app: &TestApp, input: Value) -> FlowId {
    let id = app.sign(input).await;
    let signer = app.signer(id).await;
    app.run_jobs().await;
    if app.flow(id).await.attempt == 0 {
        signer.start_face().await.unwrap();
        app.run_jobs().await;
        app.call_back(&format!("msg-{id}"), &app.auth.pass()).await;
    } else {
        signer.amount(11).await.unwrap();
        app.run_jobs().await;
        signer.amount(AMOUNT).await.unwrap();
    }
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
    id
}

#[tokio::test]
async fn personal_data_is_masked_without_the_right_to_it() {
    let app = TestApp::new().await;
    let company = with(corporate("company"), "/subject/mobile", json!("13800001234"));
    let company = with(company, "/subject/bankAccount/accountNo", json!("571900001111226688"));
    let person = with(individual_with_account("person"), "/subject/mobile", json!("+8613900005678"));
    let person = with(person, "/subject/bankAccount/accountNo", json!("6222020200110099"));
    let table = [
        (
            company,
            json!({"name": "福州云帆商贸有限公司", "mobile": "138****1234", "idDocumentNumber": "9135****0Y43",
                "signatoryName": "张*远", "bankAccountNo": "5719****6688", "bankName": "招商银行"}),
            json!({"name": "福州云帆商贸有限公司", "mobile": "+8613800001234", "idDocumentNumber": "91350100M000100Y43",
                "signatoryName": "张思远", "bankAccountNo": "571900001111226688", "bankName": "招商银行"}),
        ),
        (
            person,
            json!({"name": "李*明", "mobile": "139****5678", "idDocumentNumber": "1101****002X",
                "signatoryName": null, "bankAccountNo": "6222****0099", "bankName": "工商银行"}),
            json!({"name": "李晓明", "mobile": "+8613900005678", "idDocumentNumber": "11010519491231002X",
                "signatoryName": null, "bankAccountNo": "6222020200110099", "bankName": "工商银行"}),
        ),
    ];
    for (input, masked, clear) in table {
        let vars = json!({"id": app.start(input).await.id.to_string()});
        for (scopes, expected) in [("flows:read flows:write", masked), ("flows:read pii:read", clear)] {
            let answer = app.graphql_as(&app.token(&app.demo, Some(scopes)), SUBJECT, vars.clone()).await;
            assert_eq!(answer["data"]["signFlow"]["subject"], expected, "{scopes}: {answer}");
        }
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn the_credential_and_the_link_are_shown_to_the_owner_alone() {
    let app = TestApp::new().await;
    let id = completed(&app, corporate("owned")).await;
    let query = "query($id: ID!) { signFlow(id: $id) { authRecords { credential } result { authCredential } } }";
    let seen = app.data(query, json!({"id": id.to_string()})).await["signFlow"].take();
    assert_eq!(seen["authRecords"][0]["credential"], app.auth.newest().credential());
    assert_eq!(seen["result"]["authCredential"], app.auth.newest().credential());
    let staff = Caller::Staff { id: StaffId::new(Uuid::nil()), name: "kai".into(), role: Role::Admin };
    let (row, records) = (app.flow(id).await, esign_domain::auth::query::of_flows(&app, &[id]).await.unwrap());
    for caller in [staff.clone(), app.other.caller(), Caller::System] {
        let shown = esign_domain::auth::query::credential(&app, &caller, &row, &records[0]).unwrap();
        assert!(shown.is_none(), "{}", caller.label());
    }
    let open = app.start(corporate("link")).await;
    let link = "query($id: ID!) { signFlow(id: $id) { session { url } } }";
    let vars = json!({"id": open.id.to_string()});
    let reads = app.graphql_as(&app.token(&app.demo, Some("flows:read")), link, vars.clone()).await;
    assert_eq!(reads["data"]["signFlow"]["session"]["url"], Value::Null);
    let both = app.graphql_as(&app.token(&app.demo, Some("flows:read flows:write")), link, vars).await;
    assert!(both["data"]["signFlow"]["session"]["url"].is_string());
    assert!(!flow::query::may_have_link(&staff, &open));
    app.run_jobs().await;
}

/// Values that must be found nowhere in the clear.
struct Planted(Vec<String>);

impl Planted {
    fn assert_absent(&self, place: &str, bytes: &[u8]) {
        for value in &self.0 {
            let found = bytes.windows(value.len()).any(|window| window == value.as_bytes());
            assert!(!found, "{place} holds {value}");
        }
    }
}

impl Planted {
    /// Looks through every row, bytes as hexadecimal.
    async fn assert_absent_from_tables(&self, app: &TestApp) {
        let rows = |sql: String| app.db.read().query_all_raw(Statement::from_string(DatabaseBackend::Postgres, sql));
        let tables =
            rows("select table_name::text as it from information_schema.tables where table_schema = 'public'".into());
        let tables = tables.await.unwrap();
        assert!(tables.len() > 10);
        let everywhere = Self(self.0.iter().flat_map(|value| [value.clone(), hex::encode(value)]).collect());
        for table in tables {
            let table: String = table.try_get("", "it").unwrap();
            for row in rows(format!("select t::text as it from {table} t")).await.unwrap() {
                everywhere.assert_absent(&table, row.try_get::<String>("", "it").unwrap().as_bytes());
            }
        }
    }
}

/// Runs flows to their ends with values that stand nowhere else; gives those values.
async fn plant(app: &TestApp) -> Planted {
    let mut planted = vec![ADDRESS.to_owned(), DEVICE.to_owned(), "因为条款七不清楚".to_owned()];
    let company = [
        ("/subject/mobile", "13877776666"),
        ("/subject/bankAccount/accountNo", "571988887777666655"),
        ("/subject/signatoryName", "欧阳若水"),
    ];
    let person = [
        ("/subject/mobile", "13977778888"),
        ("/subject/name", "司徒明远"),
        ("/subject/idDocument/number", "11010519491231002X"),
    ];
    let fill = |mut input: Value, values: &[(&str, &str)]| {
        for (pointer, value) in values {
            input = with(input, pointer, json!(value));
        }
        input
    };
    for (_, value) in company.iter().chain(&person) {
        planted.push((*value).to_owned());
    }
    let ids = [
        completed(app, fill(corporate("planted-company"), &company)).await,
        completed(app, fill(individual_with_account("planted-person"), &person)).await,
    ];
    for challenge in app.auth.challenges() {
        planted.push(challenge.credential());
    }
    for id in ids {
        planted.push(app.signer(id).await.code);
    }
    let declined =
        app.start(with(fill(corporate("planted-no"), &company), "/subject/mobile", json!("13866665555"))).await.id;
    planted.push("13866665555".into());
    app.run_jobs().await;
    app.signer(declined).await.decline("因为条款七不清楚").await.unwrap();
    app.auth.creating.fail(1, esign_tests::auth_system::busy());
    app.gateway.fail(1);
    let retried =
        app.start(with(fill(corporate("planted-retries"), &company), "/subject/mobile", json!("13855554444"))).await.id;
    planted.push("13855554444".into());
    app.live_through(chrono::TimeDelta::seconds(3)).await;
    app.sealer.sealing.fail(1, esign_tests::sealer::Mishap::Fails);
    let signer = app.signer(retried).await;
    signer.sign().await.unwrap();
    app.live_through(chrono::TimeDelta::seconds(3)).await;
    signer.amount(AMOUNT).await.unwrap();
    app.live_through(chrono::TimeDelta::seconds(3)).await;
    let mut twisted = app.auth.newest().word();
    twisted["status"] = "NONSENSE".into();
    app.call_back_with("msg-twisted", &twisted, chrono::TimeDelta::zero()).await;
    Planted(planted)
}

#[tokio::test]
async fn nothing_personal_lies_in_the_clear() {
    let app = TestApp::new().await;
    let planted = plant(&app).await;
    let mut files = 0;
    for entry in std::fs::read_dir(app.folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            planted.assert_absent(&path.display().to_string(), &std::fs::read(&path).unwrap());
            files += 1;
        }
    }
    if app.db.backend() == DatabaseBackend::Postgres {
        planted.assert_absent_from_tables(&app).await;
    } else {
        assert!(files > 0, "the SQLite file was looked into");
    }
    let blobs: Vec<_> = app.blobs.list(None).try_collect().await.unwrap();
    assert!(blobs.len() > 5);
    for blob in blobs {
        let bytes = app.blobs.get(&blob.location).await.unwrap().bytes().await.unwrap();
        planted.assert_absent(blob.location.as_ref(), &bytes);
    }
}

#[tokio::test]
async fn nothing_personal_stands_in_an_event() {
    let app = TestApp::new().await;
    let planted = plant(&app).await;
    let log = "{ signFlowEvents(first: 100) { nodes { type detail flowNo hash } } }";
    let seen = app.data(log, json!({})).await;
    assert!(seen["signFlowEvents"]["nodes"].as_array().unwrap().len() > 20);
    planted.assert_absent("the event log", seen.to_string().as_bytes());
}

#[tokio::test]
async fn nothing_personal_stands_in_the_log() {
    let journal = Journal::begin();
    let app = TestApp::new().await;
    let planted = plant(&app).await;
    let (token, secret) = (app.token(&app.demo, None), app.demo.secret.clone());
    app.graphql_as(&token, SUBJECT, json!({"id": "flow_1"})).await;
    app.graphql_as("nobody's", "{ nonsense(mobile: \"13877776666\") }", json!({})).await;
    app.graphql_as(&token, "{ nonsense(mobile: \"13877776666\") }", json!({})).await;
    let form = [("grant_type", "client_credentials"), ("client_id", "demo"), ("client_secret", &secret)];
    app.post_form("/oauth/token", &form).await;
    app.receipt("/callbacks/sms/sandbox/sandbox-receipts", json!({"gatewayMessageId": "x", "status": "DELIVERED"}))
        .await;
    let text = journal.text();
    assert!(text.contains("flow moved") && text.contains("sealing failed"), "the log was heard");
    planted.assert_absent("the log", text.as_bytes());
    Planted(vec![token, secret, "sandbox-receipts".into(), app.settings.auth.callback_secret.expose().into()])
        .assert_absent("the log", text.as_bytes());
}
