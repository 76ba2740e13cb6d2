//! Which scope opens which operation: every one, without its scope and with nothing else.

use esign_domain::{
    Caller,
    caller::{Operation, Role, Scope, Scopes},
    event::tail,
    ids::StaffId,
};
use esign_tests::{
    TestApp,
    door::code,
    fixture::{corporate, individual},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// The request that an operation is asked for with. A new operation without a row does not compile; none: the schema
/// doesn't offer it yet.
fn request(operation: Operation, id: &str) -> Option<(&'static str, Value)> {
    let by_id = json!({"id": id});
    Some(match operation {
        Operation::Viewer => ("{ viewer { name } }", json!({})),
        Operation::Node => ("query($id: ID!) { node(id: $id) { id } }", by_id),
        Operation::SignFlow => ("query($id: ID!) { signFlow(id: $id) { id } }", by_id),
        Operation::SignFlows => ("{ signFlows { nodes { id } } }", json!({})),
        Operation::SignFlowEvents => ("{ signFlowEvents { nodes { id } } }", json!({})),
        Operation::PlanSignFlow => (
            "query($input: StartSignFlowInput!) { planSignFlow(input: $input) { authType } }",
            json!({"input": corporate("planned")}),
        ),
        Operation::StartSignFlow => (
            "mutation($input: StartSignFlowInput!) { startSignFlow(input: $input) { replayed } }",
            json!({"input": individual("by-scope")}),
        ),
        Operation::ResendSms => ("mutation($id: ID!) { resendSms(input: {flowId: $id}) { remaining } }", by_id),
        Operation::CancelSignFlow => {
            ("mutation($id: ID!) { cancelSignFlow(input: {flowId: $id, reason: \"x\"}) { flow { id } } }", by_id)
        }
        Operation::RetrySeal => ("mutation($id: ID!) { retrySeal(flowId: $id) { flow { id } } }", by_id),
        Operation::AbandonSeal => {
            ("mutation($id: ID!) { abandonSeal(flowId: $id, reason: \"x\") { flow { id } } }", by_id)
        }
        Operation::FlowStats | Operation::SessionUrl => return None,
    })
}

#[tokio::test]
async fn an_operation_opens_with_its_scope_and_with_no_other() {
    let app = TestApp::new().await;
    let id = app.start(corporate("scoped")).await.id;
    app.run_jobs().await;
    app.advance(chrono::TimeDelta::minutes(2));
    for &operation in Operation::ALL {
        let Some((query, vars)) = request(operation, &id.to_string()) else { continue };
        for &held in Scope::ALL {
            if operation == Operation::CancelSignFlow && Some(held) == operation.scope() {
                continue; // It would end the flow that the other rows need; it comes below.
            }
            let answer = app.graphql_as(&app.token(&app.demo, Some(held.as_str())), query, vars.clone()).await;
            let refused = code(&answer) == Some("FORBIDDEN");
            let may = operation.scope().is_none_or(|needed| needed == held);
            assert_eq!(refused, !may, "{operation:?} with {held}: {answer}");
        }
    }
    let (query, vars) = request(Operation::CancelSignFlow, &id.to_string()).unwrap();
    let token = app.token(&app.demo, Some("flows:write"));
    assert!(code(&app.graphql_as(&token, query, vars).await).is_none());
    app.run_jobs().await;
}

#[tokio::test]
async fn a_token_is_worth_what_its_client_holds_now() {
    let app = TestApp::new().await;
    let token = app.token(&app.demo, None);
    let query = "{ signFlows { nodes { id } } }";
    assert!(code(&app.graphql_as(&token, query, json!({})).await).is_none());
    set_scopes(&app, [Scope::FlowsWrite].into()).await;
    assert_eq!(code(&app.graphql_as(&token, query, json!({})).await), Some("FORBIDDEN"));
    let row = esign_domain::client::entity::client::ActiveModel {
        enabled: sea_orm::ActiveValue::Set(false),
        ..changed(&app)
    };
    sea_orm::ActiveModelTrait::update(row, app.db.write()).await.unwrap();
    assert_eq!(code(&app.graphql_as(&token, query, json!({})).await), Some("UNAUTHENTICATED"));
}

fn changed(app: &TestApp) -> esign_domain::client::entity::client::ActiveModel {
    esign_domain::client::entity::client::ActiveModel {
        id: sea_orm::ActiveValue::Unchanged(app.demo.client.id),
        ..Default::default()
    }
}

async fn set_scopes(app: &TestApp, scopes: Scopes) {
    let mut row = changed(app);
    row.scopes = sea_orm::ActiveValue::Set(esign_domain::client::entity::ScopeList(scopes));
    sea_orm::ActiveModelTrait::update(row, app.db.write()).await.unwrap();
}

#[tokio::test]
async fn staff_may_do_what_their_role_says() {
    let may = |role: Role, operation: Operation| {
        let caller = Caller::Staff { id: StaffId::new(Uuid::nil()), name: "kai".into(), role };
        caller.require(operation).is_ok()
    };
    for &operation in Operation::ALL {
        let changes = matches!(
            operation,
            Operation::PlanSignFlow
                | Operation::StartSignFlow
                | Operation::ResendSms
                | Operation::CancelSignFlow
                | Operation::SessionUrl
                | Operation::RetrySeal
                | Operation::AbandonSeal
        );
        assert!(may(Role::Admin, operation) && may(Role::Operator, operation), "{operation:?}");
        assert_eq!(may(Role::Auditor, operation), !changes, "{operation:?}");
    }
    let holds =
        |role: Role| Scope::ALL.iter().copied().filter(|scope| !role.scopes().contains(scope)).collect::<Vec<_>>();
    assert_eq!(holds(Role::Admin), []);
    assert_eq!(holds(Role::Operator), [Scope::ClientsWrite, Scope::PiiRead]);
    assert!(!Role::Auditor.scopes().contains(&Scope::PiiRead));
}

#[tokio::test]
async fn the_person_with_the_link_and_who_lacks_the_scope_can_not_listen() {
    let app = TestApp::new().await;
    let flow_id = app.start(corporate("listened")).await.id;
    app.run_jobs().await;
    let writer = app.demo.with_scopes([Scope::FlowsWrite].into());
    for caller in [Caller::Signatory { flow_id }, writer] {
        assert!(tail::subscribe((*app).clone(), &caller, tail::Filter::default(), None).is_err(), "{}", caller.label());
        for &operation in Operation::ALL {
            let allowed = operation.scope().is_none_or(|scope| caller.has(scope));
            assert_eq!(caller.require(operation).is_ok(), allowed);
        }
    }
}
