//! Who may do what: the one table of operations, scopes, roles and tenants, walked whole. A new operation without a row
//! fails, and so does a new field at the schema's root.

mod accounts;
mod deeds;
mod table;

use std::collections::BTreeSet;

use accounts::ACCOUNTS;
use deeds::{is_of_a_flow, perform, request};
use esign_domain::{
    Caller,
    caller::{Operation, Role, Scope, Scopes},
    error::{Error, Result},
    event::tail::{self, Filter},
    ids::StaffId,
};
use esign_tests::{TestApp, door::code, fixture::corporate};
use serde_json::json;
use table::TABLE;
use uuid::Uuid;

const ROOTS: &str = "{ __schema { queryType { name fields { name } } mutationType { name fields { name } }
    subscriptionType { name fields { name } } } }";

#[tokio::test]
async fn every_operation_has_its_row_and_every_row_its_field() {
    let app = TestApp::new().await;
    for &operation in Operation::ALL {
        let of_accounts = ACCOUNTS.iter().filter(|(of, ..)| *of == operation).count();
        assert_eq!(of_accounts, usize::from(operation.roles().is_some()), "{operation:?}");
        if of_accounts > 0 {
            continue;
        }
        let rows: Vec<_> = TABLE.iter().filter(|(of, ..)| *of == operation).collect();
        assert_eq!(rows.len(), 1, "{operation:?}");
        assert_eq!(operation.scope(), rows[0].2, "{operation:?}");
    }
    let schema = app.data(ROOTS, json!({})).await["__schema"].take();
    let mut offered = BTreeSet::new();
    for root in ["queryType", "mutationType", "subscriptionType"] {
        let (parent, fields) = (&schema[root]["name"], schema[root]["fields"].as_array().unwrap());
        offered.extend(
            fields.iter().map(|field| format!("{}.{}", parent.as_str().unwrap(), field["name"].as_str().unwrap())),
        );
    }
    let known: BTreeSet<_> = TABLE.iter().flat_map(|(_, fields, ..)| *fields).map(ToString::to_string).collect();
    assert_eq!(offered, known, "an operation is new: give it a row");
}

/// Whether what came of it shows that the flow is there.
fn finds(told: &Result<bool>) -> bool {
    match told {
        Ok(found) => *found,
        Err(Error::NotFound | Error::Forbidden) => false,
        // The state, the limits, or that staff start no flows: only who may see the flow is told so.
        Err(Error::StateConflict { .. } | Error::SmsRateLimited { .. } | Error::Unauthenticated) => true,
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn the_whole_table_of_scopes_roles_and_tenants() {
    let app = TestApp::new().await;
    let id = app.start(corporate("scoped")).await.id;
    app.run_jobs().await;
    let staff = |role| Caller::Staff { id: StaffId::new(Uuid::nil()), name: "kai".into(), role, from: None };
    let mut cells = 0;
    for &(operation, _, scope, roles) in TABLE {
        let mut callers = Vec::new();
        for &held in Scope::ALL {
            let may = scope.is_none_or(|scope| scope == held);
            callers.push((app.demo.with_scopes([held].into()), may, true));
            callers.push((app.other.with_scopes([held].into()), may, false));
        }
        callers.extend(
            [Role::Admin, Role::Operator, Role::Auditor]
                .map(staff)
                .into_iter()
                .zip(roles)
                .map(|(c, may)| (c, may, true)),
        );
        callers.push((Caller::Signatory { flow_id: id }, scope.is_none(), false));
        for (caller, may, is_theirs) in callers {
            // What ends the flow or starts another would be in the way of the other cells.
            if may && matches!(operation, Operation::CancelSignFlow | Operation::StartSignFlow) && is_theirs {
                continue;
            }
            cells += 1;
            let told = perform(&app, &caller, operation, id).await;
            let cell = format!("{operation:?} {caller:?}: {told:?}");
            if operation == Operation::SessionUrl {
                assert_eq!(told.unwrap(), may && is_theirs && caller.tenant().is_some(), "{cell}");
                continue;
            }
            assert_eq!(matches!(told, Err(Error::Forbidden)), !may, "{cell}");
            if may && is_of_a_flow(operation) {
                assert_eq!(finds(&told), is_theirs, "{cell}");
            }
        }
    }
    assert!(cells > 380, "{cells}");
    app.run_jobs().await;
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

#[test]
fn roles_hold_their_scopes() {
    let lacks =
        |role: Role| Scope::ALL.iter().copied().filter(|scope| !role.scopes().contains(scope)).collect::<Vec<_>>();
    assert_eq!(lacks(Role::Admin), []);
    assert_eq!(lacks(Role::Operator), [Scope::ClientsWrite, Scope::PiiRead]);
    let auditor: Vec<_> = Role::Auditor.scopes().into_iter().map(Scope::as_str).collect();
    assert_eq!(
        auditor,
        ["flows:read", "templates:read", "rules:read", "deliveries:read", "clients:read", "audit:read"]
    );
}

#[tokio::test]
async fn the_person_with_the_link_and_who_lacks_the_scope_can_not_listen() {
    let app = TestApp::new().await;
    let flow_id = app.start(corporate("listened")).await.id;
    app.run_jobs().await;
    let writer = app.demo.with_scopes([Scope::FlowsWrite].into());
    for caller in [Caller::Signatory { flow_id }, writer] {
        assert!(tail::subscribe((*app).clone(), &caller, Filter::default(), None).is_err(), "{}", caller.label());
        for &operation in Operation::ALL {
            let allowed = operation.roles().is_none() && operation.scope().is_none_or(|scope| caller.has(scope));
            assert_eq!(caller.require(operation).is_ok(), allowed);
        }
    }
}
