//! Two clients side by side. By which roads another's flow could be looked for is the story of `roads`.

use esign_domain::{Caller, caller::Role, event::tail, ids::StaffId};
use esign_tests::{
    TestApp,
    door::code,
    fixture::{corporate, with},
};
use serde_json::json;
use uuid::Uuid;

const CANCEL: &str = "mutation($id: ID!) { cancelSignFlow(input: {flowId: $id, reason: \"x\"}) { flow { id } } }";
const RESEND: &str = "mutation($id: ID!) { resendSms(input: {flowId: $id}) { remaining } }";

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
    let staff = Caller::Staff { id: StaffId::new(Uuid::nil()), name: "kai".into(), role: Role::Auditor, from: None };
    app.start(corporate("ours")).await;
    let theirs = with(corporate("theirs"), "/subject/mobile", json!("13512345678"));
    app.try_start_as(&app.other, theirs).await.unwrap();
    app.run_jobs().await;
    for (caller, expected) in [(app.demo.caller(), 2), (app.other.caller(), 2), (staff, 4)] {
        let events = tail::page(&app, &caller, tail::Filter::default(), None, 100).await.unwrap();
        assert_eq!(events.len(), expected, "{}", caller.label());
    }
}
