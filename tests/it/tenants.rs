//! Another client's flow does not exist, by whatever road one looks for it.

use esign_domain::{
    Caller,
    caller::Role,
    event::tail,
    ids::{FlowId, StaffId},
};
use esign_tests::{
    TestApp,
    auth_system::AMOUNT,
    door::code,
    fixture::{corporate, with},
};
use serde_json::{Value, json};
use uuid::Uuid;

const CANCEL: &str = "mutation($id: ID!) { cancelSignFlow(input: {flowId: $id, reason: \"x\"}) { flow { id } } }";
const RESEND: &str = "mutation($id: ID!) { resendSms(input: {flowId: $id}) { remaining } }";

async fn completed(app: &TestApp, flow_no: &str) -> FlowId {
    let id = app.sign(corporate(flow_no)).await;
    app.run_jobs().await;
    app.signer(id).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    id
}

/// Every id that hangs on a flow.
async fn ids(app: &TestApp, id: FlowId) -> Vec<String> {
    let query = "query($id: ID!) { signFlow(id: $id) { id session { id } sealRecords { id } authRecords { id }
        smsRecords { id } events { nodes { id } } } }";
    let flow = app.data(query, json!({"id": id.to_string()})).await["signFlow"].take();
    let mut ids = vec![flow["id"].clone(), flow["session"]["id"].clone()];
    for list in [&flow["sealRecords"], &flow["authRecords"], &flow["smsRecords"], &flow["events"]["nodes"]] {
        ids.extend(list.as_array().unwrap().iter().map(|item| item["id"].clone()));
    }
    ids.into_iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_foreign_flow_is_not_there() {
    let app = TestApp::new().await;
    let id = completed(&app, "ours").await;
    let stranger = app.token(&app.other, None);
    let node = "query($id: ID!) { node(id: $id) { id } }";
    for name in ids(&app, id).await {
        let vars = json!({"id": name});
        assert_eq!(app.data(node, vars.clone()).await["node"]["id"], name, "its owner finds it");
        let seen = app.graphql_as(&stranger, node, vars).await;
        assert_eq!((&seen["data"]["node"], &seen["errors"]), (&Value::Null, &Value::Null), "{name}");
    }
    let table = [
        ("query($id: ID!) { signFlow(id: $id) { id } }", "signFlow"),
        ("query($no: String) { signFlow(flowNo: $no) { id } }", "signFlow"),
        ("query($no: String) { signFlow(flowNo: $no, clientCode: \"demo\") { id } }", "signFlow"),
    ];
    for (query, field) in table {
        let vars = if query.contains("$no") { json!({"no": "ours"}) } else { json!({"id": id.to_string()}) };
        let seen = app.graphql_as(&stranger, query, vars).await;
        assert_eq!((&seen["data"][field], &seen["errors"]), (&Value::Null, &Value::Null), "{query}");
    }
    let list = "query($filter: SignFlowFilter) { signFlows(filter: $filter) { nodes { id } } }";
    let mobile = corporate("ours")["subject"]["mobile"].clone();
    let challenge = app.auth.newest().id;
    for filter in [
        json!(null),
        json!({"clientId": app.demo.client.id}),
        json!({"mobile": mobile}),
        json!({"idDocumentNumber": "91350100M000100Y43"}),
        json!({"challengeId": challenge}),
        json!({"subjectNo": "S-ours"}),
    ] {
        let vars = json!({"filter": filter});
        let seen = app.graphql_as(&stranger, list, vars.clone()).await;
        assert_eq!(seen["data"]["signFlows"]["nodes"], json!([]), "{vars}");
        assert_eq!(app.data(list, vars.clone()).await["signFlows"]["nodes"].as_array().unwrap().len(), 1, "{vars}");
    }
    let log = "query($filter: SignFlowEventFilter) { signFlowEvents(filter: $filter) { nodes { id } } }";
    for filter in [json!(null), json!({"flowIds": [id.to_string()]})] {
        let seen = app.graphql_as(&stranger, log, json!({"filter": filter})).await;
        assert_eq!(seen["data"]["signFlowEvents"]["nodes"], json!([]));
    }
}

#[tokio::test]
async fn a_foreign_flow_can_not_be_moved() {
    let app = TestApp::new().await;
    let id = app.start(corporate("ours")).await.id;
    app.run_jobs().await;
    let events = app.events(id).await.len();
    let stranger = app.token(&app.other, None);
    let retry = "mutation($id: ID!) { retrySeal(flowId: $id) { flow { id } } }";
    let abandon = "mutation($id: ID!) { abandonSeal(flowId: $id, reason: \"x\") { flow { id } } }";
    for query in [CANCEL, RESEND, retry, abandon] {
        for name in [id.to_string(), "flow_00000000-0000-7000-8000-000000000000".into(), "nonsense".into()] {
            let refused = app.graphql_as(&stranger, query, json!({"id": name})).await;
            assert_eq!(code(&refused), Some("NOT_FOUND"), "{query} {name}: {refused}");
        }
    }
    assert_eq!(app.events(id).await.len(), events);
}

#[tokio::test]
async fn the_same_flow_no_of_two_clients_is_two_flows() {
    let app = TestApp::new().await;
    let ours = app.start(corporate("shared")).await.id;
    let theirs = with(corporate("shared"), "/subject/mobile", json!("13512345678"));
    let theirs = app.try_start_as(&app.other, theirs).await.unwrap();
    assert!(!theirs.replayed);
    app.run_jobs().await;
    let query = "{ signFlow(flowNo: \"shared\") { id } }";
    assert_eq!(app.data(query, json!({})).await["signFlow"]["id"], ours.to_string());
    let seen = app.graphql_as(&app.token(&app.other, None), query, json!({})).await;
    assert_eq!(seen["data"]["signFlow"]["id"], theirs.flow.id.to_string());
}

#[tokio::test]
async fn each_client_hears_of_its_own_flows_only_and_staff_of_all() {
    let app = TestApp::new().await;
    let staff = Caller::Staff { id: StaffId::new(Uuid::nil()), name: "kai".into(), role: Role::Auditor };
    app.start(corporate("ours")).await;
    let theirs = with(corporate("theirs"), "/subject/mobile", json!("13512345678"));
    app.try_start_as(&app.other, theirs).await.unwrap();
    app.run_jobs().await;
    for (caller, expected) in [(app.demo.caller(), 2), (app.other.caller(), 2), (staff, 4)] {
        let events = tail::page(&app, &caller, tail::Filter::default(), None, 100).await.unwrap();
        assert_eq!(events.len(), expected, "{}", caller.label());
    }
}
