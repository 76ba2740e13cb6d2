//! Who may do what: the one table of operations, scopes, roles and tenants, walked whole. A new operation without a row
//! fails, and so does a new field at the schema's root.

use std::collections::BTreeSet;

use esign_domain::{
    Caller,
    agreement::{self, publish::PublishText, save::SaveType},
    auth::rule::{self, RuleInput, change},
    caller::{Operation, Role, Scope, Scopes},
    decision,
    error::{Error, Result},
    event::tail::{self, Filter},
    flow::{
        self,
        query::{self, FlowFilter, Slice},
    },
    ids::{FlowId, Id, StaffId},
    seal,
    selector::{Question, Selector},
    sms::{
        self,
        preview::PreviewSms,
        template::{self, TemplateInput},
    },
    terms::{AuthType, Scene, SubjectType, TemplateStatus},
};
use esign_tests::{
    TestApp,
    door::code,
    fixture::{corporate, individual},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// A row: the operation, where the schema offers it, the scope that opens it, and whether admin, operator and auditor may.
type Row = (Operation, &'static [&'static str], Option<Scope>, [bool; 3]);

const EVERYBODY: [bool; 3] = [true, true, true];
const NO_AUDITOR: [bool; 3] = [true, true, false];
const ADMIN_ALONE: [bool; 3] = [true, false, false];
/// Staff have no flows of their own to start.
const NO_STAFF: [bool; 3] = [false; 3];

const TABLE: [Row; 41] = [
    (Operation::Viewer, &["Query.viewer"], None, EVERYBODY),
    (Operation::Node, &["Query.node"], Some(Scope::FlowsRead), EVERYBODY),
    (Operation::SignFlow, &["Query.signFlow"], Some(Scope::FlowsRead), EVERYBODY),
    (Operation::SignFlows, &["Query.signFlows"], Some(Scope::FlowsRead), EVERYBODY),
    (
        Operation::SignFlowEvents,
        &["Query.signFlowEvents", "Subscription.signFlowEvents"],
        Some(Scope::FlowsRead),
        EVERYBODY,
    ),
    // Not offered yet.
    (Operation::FlowStats, &[], Some(Scope::FlowsRead), EVERYBODY),
    (Operation::PlanSignFlow, &["Query.planSignFlow"], Some(Scope::FlowsWrite), NO_STAFF),
    (Operation::StartSignFlow, &["Mutation.startSignFlow"], Some(Scope::FlowsWrite), NO_STAFF),
    (Operation::ResendSms, &["Mutation.resendSms"], Some(Scope::FlowsWrite), NO_AUDITOR),
    (Operation::CancelSignFlow, &["Mutation.cancelSignFlow"], Some(Scope::FlowsWrite), NO_AUDITOR),
    // A field of a flow's session, for the owning client alone.
    (Operation::SessionUrl, &[], Some(Scope::FlowsWrite), NO_AUDITOR),
    (Operation::RetrySeal, &["Mutation.retrySeal"], Some(Scope::FlowsOperate), NO_AUDITOR),
    (Operation::AbandonSeal, &["Mutation.abandonSeal"], Some(Scope::FlowsOperate), NO_AUDITOR),
    (Operation::SmsTemplate, &["Query.smsTemplate"], Some(Scope::TemplatesRead), EVERYBODY),
    (Operation::SmsTemplates, &["Query.smsTemplates"], Some(Scope::TemplatesRead), EVERYBODY),
    (Operation::ResolveSmsTemplate, &["Query.resolveSmsTemplate"], Some(Scope::TemplatesRead), EVERYBODY),
    (Operation::PreviewSms, &["Query.previewSms"], Some(Scope::TemplatesRead), EVERYBODY),
    (Operation::CreateSmsTemplate, &["Mutation.createSmsTemplate"], Some(Scope::TemplatesWrite), NO_AUDITOR),
    (Operation::UpdateSmsTemplate, &["Mutation.updateSmsTemplate"], Some(Scope::TemplatesWrite), NO_AUDITOR),
    (Operation::SetSmsTemplateStatus, &["Mutation.setSmsTemplateStatus"], Some(Scope::TemplatesWrite), NO_AUDITOR),
    (Operation::SendTestSms, &["Mutation.sendTestSms"], Some(Scope::TemplatesWrite), NO_AUDITOR),
    (Operation::AuthRules, &["Query.authRules"], Some(Scope::RulesRead), EVERYBODY),
    (Operation::ResolveAuthType, &["Query.resolveAuthType"], Some(Scope::RulesRead), EVERYBODY),
    (Operation::DecisionMatrix, &["Query.decisionMatrix"], Some(Scope::RulesRead), EVERYBODY),
    (Operation::DecisionReport, &["Query.decisionReport"], Some(Scope::RulesRead), EVERYBODY),
    (Operation::AuthRuleImpact, &["Query.authRuleImpact"], Some(Scope::RulesRead), EVERYBODY),
    (Operation::SmsTemplateImpact, &["Query.smsTemplateImpact"], Some(Scope::RulesRead), EVERYBODY),
    (Operation::CreateAuthRule, &["Mutation.createAuthRule"], Some(Scope::RulesWrite), NO_AUDITOR),
    (Operation::UpdateAuthRule, &["Mutation.updateAuthRule"], Some(Scope::RulesWrite), NO_AUDITOR),
    (Operation::DeleteAuthRule, &["Mutation.deleteAuthRule"], Some(Scope::RulesWrite), NO_AUDITOR),
    (Operation::AgreementTypes, &["Query.agreementTypes"], Some(Scope::TemplatesRead), EVERYBODY),
    (Operation::AgreementType, &["Query.agreementType"], Some(Scope::TemplatesRead), EVERYBODY),
    (Operation::PreviewAgreement, &["Query.previewAgreement"], Some(Scope::TemplatesRead), EVERYBODY),
    (Operation::SaveAgreementType, &["Mutation.saveAgreementType"], Some(Scope::TemplatesWrite), NO_AUDITOR),
    (
        Operation::PublishAgreementTemplate,
        &["Mutation.publishAgreementTemplate"],
        Some(Scope::TemplatesWrite),
        NO_AUDITOR,
    ),
    (Operation::Clients, &["Query.clients"], Some(Scope::ClientsRead), EVERYBODY),
    (Operation::CreateClient, &["Mutation.createClient"], Some(Scope::ClientsWrite), ADMIN_ALONE),
    (Operation::UpdateClient, &["Mutation.updateClient"], Some(Scope::ClientsWrite), ADMIN_ALONE),
    (Operation::RotateClientSecret, &["Mutation.rotateClientSecret"], Some(Scope::ClientsWrite), ADMIN_ALONE),
    (Operation::RotateWebhookSecret, &["Mutation.rotateWebhookSecret"], Some(Scope::ClientsWrite), ADMIN_ALONE),
    (Operation::AuditLog, &["Query.auditLog"], Some(Scope::AuditRead), EVERYBODY),
];

const ROOTS: &str = "{ __schema { queryType { name fields { name } } mutationType { name fields { name } }
    subscriptionType { name fields { name } } } }";

#[tokio::test]
async fn every_operation_has_its_row_and_every_row_its_field() {
    let app = TestApp::new().await;
    for &operation in Operation::ALL {
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

/// Does an operation on a flow, as the doors do it.
async fn perform(app: &TestApp, caller: &Caller, operation: Operation, id: FlowId) -> Result<bool> {
    let input = || serde_json::from_value(individual("by-scope")).unwrap();
    Ok(match operation {
        Operation::PlanSignFlow => flow::plan(app, caller, &input()).await.map(|_| true)?,
        Operation::StartSignFlow => flow::start(app, caller, input()).await.map(|_| true)?,
        Operation::AuthRules => rule::list(app, caller).await.map(|_| true)?,
        Operation::ResolveAuthType => decision::resolve_auth_type(app, caller, &question()).await.map(|_| true)?,
        Operation::ResolveSmsTemplate => {
            decision::resolve_sms_template(app, caller, &question()).await.map(|_| true)?
        }
        Operation::DecisionMatrix => decision::matrix(app, caller).await.map(|_| true)?,
        Operation::DecisionReport => decision::report(app, caller).await.map(|_| true)?,
        Operation::AuthRuleImpact => {
            decision::auth_rule_impact(app, caller, None, Some(idle_rule())).await.map(|_| true)?
        }
        Operation::SmsTemplateImpact => {
            decision::sms_template_impact(app, caller, Some(nothing()), None).await.map(|_| true)?
        }
        Operation::CreateAuthRule => change::create(app, caller, idle_rule()).await.map(|_| true)?,
        Operation::UpdateAuthRule => change::update(app, caller, nothing(), 1, idle_rule()).await.map(|_| true)?,
        Operation::DeleteAuthRule => change::delete(app, caller, nothing(), None).await.map(|()| true)?,
        Operation::SmsTemplate => template::query::by_id(app, caller, nothing()).await.map(|_| true)?,
        Operation::SmsTemplates => template::query::list(app, caller, None, None, 10).await.map(|_| true)?,
        Operation::PreviewSms => sms::preview(app, caller, PreviewSms::default()).await.map(|_| true)?,
        Operation::CreateSmsTemplate => template::create(app, caller, an_sms()).await.map(|_| true)?,
        Operation::UpdateSmsTemplate => template::update(app, caller, nothing(), 1, an_sms()).await.map(|_| true)?,
        Operation::SetSmsTemplateStatus => {
            template::set_status(app, caller, nothing(), 1, TemplateStatus::Enabled).await.map(|_| true)?
        }
        // There is no such template: nothing is sent.
        Operation::SendTestSms => sms::send_test(app, caller, nothing(), "13900139000").await.map(|_| true)?,
        Operation::AgreementTypes => !agreement::query::list(app, caller).await?.is_empty(),
        Operation::AgreementType => agreement::query::by_code(app, caller, "SETTLEMENT_MANDATE").await?.is_some(),
        Operation::PreviewAgreement => agreement::preview(app, caller, &text_of_no_type(), None).await.map(|_| true)?,
        Operation::PublishAgreementTemplate => {
            agreement::publish(app, caller, text_of_no_type()).await.map(|_| true)?
        }
        Operation::SaveAgreementType => {
            let (scenes, subject_types) = (vec![Scene::Collection], vec![SubjectType::Corporate]);
            let input = SaveType { code: "NONE".into(), name: "无".into(), scenes, subject_types, enabled: false };
            agreement::save(app, caller, Some(1), input).await.map(|_| true)?
        }
        operation if !is_of_a_flow(operation) => caller.require(operation).map(|()| true)?,
        Operation::SignFlow => query::by_id(app, caller, id).await?.is_some(),
        Operation::SignFlows => {
            let slice = Slice { limit: 10, ..Slice::default() };
            !query::list(app, caller, &FlowFilter::default(), slice).await?.0.is_empty()
        }
        Operation::SignFlowEvents => !tail::page(app, caller, Filter::default(), None, 10).await?.is_empty(),
        Operation::ResendSms => sms::resend(app, caller, id).await.map(|_| true)?,
        Operation::CancelSignFlow => flow::cancel(app, caller, id, "订单取消").await.map(|_| true)?,
        Operation::SessionUrl => query::may_have_link(caller, &app.flow(id).await),
        Operation::RetrySeal => seal::retry(app, caller, id).await.map(|_| true)?,
        Operation::AbandonSeal => seal::abandon(app, caller, id, "密钥已吊销").await.map(|_| true)?,
        _ => unreachable!("it is of no flow"),
    })
}

fn question() -> Question {
    let agreement_type = "SETTLEMENT_MANDATE".to_owned();
    Question { scene: Scene::Collection, subject_type: SubjectType::Corporate, agreement_type }
}

/// A rule that decides nothing.
fn idle_rule() -> RuleInput {
    let selector = Selector::default();
    RuleInput { selector, auth_type: AuthType::FaceVerification, enabled: false, note: None }
}

/// The id of nothing.
fn nothing<K>() -> Id<K> {
    Id::new(Uuid::nil())
}

/// A template that can be saved.
fn an_sms() -> TemplateInput {
    TemplateInput {
        name: "草稿".into(),
        selector: Selector::default(),
        body: "您好".into(),
        sign_name: None,
        gateway_templates: vec![],
    }
}

fn text_of_no_type() -> PublishText {
    let (agreement_type, document_name, source) = ("NONE".into(), "授权书".into(), "x".into());
    PublishText { agreement_type, document_name, position: 1, source }
}

/// Whether it is done to flows that are there, of one client.
fn is_of_a_flow(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::SignFlow
            | Operation::SignFlows
            | Operation::SignFlowEvents
            | Operation::ResendSms
            | Operation::CancelSignFlow
            | Operation::SessionUrl
            | Operation::RetrySeal
            | Operation::AbandonSeal
    )
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
    for (operation, _, scope, roles) in TABLE {
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
        Operation::AuthRules => ("{ authRules { id } }", json!({})),
        Operation::ResolveAuthType => (
            "query($selector: ResolveInput!) { resolveAuthType(selector: $selector) { authType } }",
            json!({"selector": question()}),
        ),
        Operation::ResolveSmsTemplate => (
            "query($selector: ResolveInput!) { resolveSmsTemplate(selector: $selector) { smsTemplate { id } } }",
            json!({"selector": question()}),
        ),
        Operation::DecisionMatrix => ("{ decisionMatrix { authType } }", json!({})),
        Operation::DecisionReport => ("{ decisionReport { idleAuthRules { id } } }", json!({})),
        Operation::AuthRuleImpact => {
            ("query($rule: AuthRuleInput) { authRuleImpact(rule: $rule) { after } }", json!({"rule": idle_rule()}))
        }
        Operation::SmsTemplateImpact => ("query($id: ID) { smsTemplateImpact(id: $id) { scene } }", by_id),
        Operation::CreateAuthRule => (
            "mutation($input: AuthRuleInput!) { createAuthRule(input: $input) { authRule { id } } }",
            json!({"input": idle_rule()}),
        ),
        Operation::UpdateAuthRule => (
            "mutation($id: ID!, $input: AuthRuleInput!) {
                updateAuthRule(id: $id, expectedVersion: 1, input: $input) { authRule { id } } }",
            json!({"id": id, "input": idle_rule()}),
        ),
        Operation::DeleteAuthRule => ("mutation($id: ID!) { deleteAuthRule(id: $id) { deletedId } }", by_id),
        Operation::SmsTemplate => ("query($id: ID!) { smsTemplate(id: $id) { id } }", by_id),
        Operation::SmsTemplates => ("{ smsTemplates { nodes { id } } }", json!({})),
        Operation::PreviewSms => ("{ previewSms(input: {body: \"x\"}) { text } }", json!({})),
        Operation::CreateSmsTemplate => (
            "mutation { createSmsTemplate(input: {name: \"x\", selector: {}, body: \"x\"}) { smsTemplate { id } } }",
            json!({}),
        ),
        Operation::UpdateSmsTemplate => (
            "mutation($id: ID!) { updateSmsTemplate(id: $id, expectedVersion: 1,
                input: {name: \"x\", selector: {}, body: \"x\"}) { smsTemplate { id } } }",
            by_id,
        ),
        Operation::SetSmsTemplateStatus => (
            "mutation($id: ID!) { setSmsTemplateStatus(id: $id, expectedVersion: 1, status: ENABLED) { smsTemplate { id } } }",
            by_id,
        ),
        Operation::SendTestSms => {
            ("mutation($id: ID!) { sendTestSms(templateId: $id, mobile: \"13900139000\") { smsRecord { id } } }", by_id)
        }
        Operation::AgreementTypes => ("{ agreementTypes { code } }", json!({})),
        Operation::AgreementType => ("{ agreementType(code: \"SETTLEMENT_MANDATE\") { id } }", json!({})),
        Operation::PreviewAgreement => (
            "query($input: PublishAgreementTemplateInput!) { previewAgreement(input: $input) { pageCount } }",
            json!({"input": agreement_text()}),
        ),
        Operation::SaveAgreementType => (
            "mutation($input: AgreementTypeInput!) { saveAgreementType(input: $input) { agreementType { id } } }",
            json!({"input": {"code": "SCOPED", "name": "范围", "scenes": ["COLLECTION"], "subjectTypes": ["CORPORATE"], "enabled": true}}),
        ),
        Operation::PublishAgreementTemplate => (
            "mutation($input: PublishAgreementTemplateInput!) { publishAgreementTemplate(input: $input) { agreementType { id } } }",
            json!({"input": agreement_text()}),
        ),
        Operation::FlowStats | Operation::SessionUrl => return None,
        Operation::Clients => ("{ clients { id } }", json!({})),
        Operation::CreateClient => (
            "mutation($input: ClientInput!) { createClient(input: $input) { secret } }",
            json!({"input": {"code": "by-scope", "name": "商城", "scopes": []}}),
        ),
        Operation::UpdateClient => (
            "mutation($id: ID!, $input: ClientInput!) { updateClient(id: $id, expectedVersion: 1, input: $input) {
                client { id } } }",
            json!({"id": "client_none", "input": {"code": "by-scope", "name": "商城", "scopes": []}}),
        ),
        Operation::RotateClientSecret => {
            ("mutation($id: ID!) { rotateClientSecret(id: $id) { secret } }", json!({"id": "client_none"}))
        }
        Operation::RotateWebhookSecret => {
            ("mutation($id: ID!) { rotateWebhookSecret(id: $id) { secret } }", json!({"id": "client_none"}))
        }
        Operation::AuditLog => ("{ auditLog { nodes { id } } }", json!({})),
    })
}

/// A text for a type that isn't there.
fn agreement_text() -> Value {
    json!({"agreementType": "NONE", "documentName": "授权书", "position": 1, "source": "x"})
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
            let allowed = operation.scope().is_none_or(|scope| caller.has(scope));
            assert_eq!(caller.require(operation).is_ok(), allowed);
        }
    }
}
