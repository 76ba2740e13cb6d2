//! How each operation is done: as a verb, and as a request.

use chrono::TimeDelta;
use esign_domain::{
    Caller,
    agreement::{self, preview::ShowTo, publish::PublishText, save::SaveType},
    audit::{self, AuditFilter},
    auth::{
        self,
        rule::{self, RuleInput, change},
    },
    caller::Operation,
    client::{self, ClientInput, register},
    decision,
    error::{Error, Result},
    event::tail::{self, Filter},
    flow::{
        self,
        query::{self, FlowFilter, Order, Slice},
        staff,
        stats::{self, Question},
    },
    ids::{FlowId, Id},
    seal,
    selector::{self, Selector},
    sms::{
        self,
        preview::PreviewSms,
        template::{self, TemplateInput},
    },
    stuck,
    terms::{AuthType, Scene, SubjectType, TemplateStatus},
    words::Lang,
};
use esign_tests::{
    TestApp,
    fixture::{corporate, individual},
};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use uuid::Uuid;

/// Does an operation on a flow, as the doors do it.
pub async fn perform(app: &TestApp, caller: &Caller, operation: Operation, id: FlowId) -> Result<bool> {
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
        Operation::PreviewAgreement => {
            agreement::preview(app, caller, &text_of_no_type(), &ShowTo::default()).await.map(|_| true)?
        }
        Operation::PublishAgreementTemplate => {
            agreement::publish(app, caller, text_of_no_type()).await.map(|_| true)?
        }
        Operation::SaveAgreementType => {
            let (scenes, subject_types) = (vec![Scene::Collection], vec![SubjectType::Corporate]);
            let input = SaveType { code: "NONE".into(), name: "无".into(), scenes, subject_types, enabled: false };
            agreement::save(app, caller, Some(1), input).await.map(|_| true)?
        }
        Operation::Clients => !client::query::list(app, caller).await?.is_empty(),
        Operation::CreateClient => register::register(app, caller, ClientInput::default()).await.map(|_| true)?,
        Operation::UpdateClient => {
            register::change(app, caller, nothing(), 1, ClientInput::default()).await.map(|_| true)?
        }
        Operation::RotateClientSecret => {
            client::secret::rotate(app, caller, nothing(), client::secret::OVERLAP).await.map(|_| true)?
        }
        Operation::RotateWebhookSecret => {
            client::webhook_secret::rotate(app, caller, nothing(), client::secret::OVERLAP).await.map(|_| true)?
        }
        Operation::AuditLog => !audit::list(app, caller, AuditFilter::default(), None, 10).await?.0.is_empty(),
        Operation::StuckWork => stuck::list(app, caller, None).await.map(|_| true)?,
        Operation::RunJobAgain => stuck::run_all_again(app, caller, None).await.map(|_| true)?,
        Operation::DismissJob => absent(stuck::dismiss_job(app, caller, i64::MAX, "无用").await)?,
        operation if !is_of_a_flow(operation) => caller.require(operation).map(|()| true)?,
        Operation::SignFlow => query::by_id(app, caller, id).await?.is_some(),
        Operation::SignFlows => {
            let slice = Slice { limit: 10, ..Slice::default() };
            !query::list(app, caller, &FlowFilter::default(), slice).await?.0.is_empty()
        }
        Operation::SignFlowEvents => !tail::page(app, caller, Filter::default(), None, 10).await?.is_empty(),
        Operation::FlowStats => {
            let question = Question {
                from: app.now() - TimeDelta::hours(1),
                to: app.now() + TimeDelta::hours(1),
                scene: None,
                client: None,
            };
            stats::flow_stats(app, caller, question).await?.started > 0
        }
        Operation::ExportSignFlows => {
            let lines = flow::export((*app).clone(), caller, Lang::En, FlowFilter::default(), Order::default()).await?;
            lines.try_collect::<String>().await?.lines().count() > 1
        }
        Operation::ResendSms => sms::resend(app, caller, id).await.map(|_| true)?,
        Operation::CancelSignFlow => flow::cancel(app, caller, id, "订单取消").await.map(|_| true)?,
        Operation::SessionUrl => query::may_have_link(caller, &app.flow(id).await),
        Operation::Timeline => staff::timeline(app, caller, id).await?.is_some(),
        Operation::CopyLink => staff::copy_link(app, caller, id).await.map(|_| true)?,
        Operation::AskAuthSystem => auth::ask_now(app, caller, id).await.map(|_| true)?,
        Operation::ReadDocument => staff::reading::page_svg(app, caller, id, 1, 1).await.map(|_| true)?,
        Operation::RevealPersonal => {
            staff::reveal(app, caller, id, staff::PersonalField::Mobile, "核对号码").await.map(|_| true)?
        }
        Operation::RetrySeal => seal::retry(app, caller, id).await.map(|_| true)?,
        Operation::AbandonSeal => seal::abandon(app, caller, id, "密钥已吊销").await.map(|_| true)?,
        _ => unreachable!("it is of no flow"),
    })
}

/// What is not there is found by nobody, and refused to none who may look.
fn absent(told: Result<bool>) -> Result<bool> {
    match told {
        Err(Error::NotFound) => Ok(false),
        told => told,
    }
}

fn question() -> selector::Question {
    let agreement_type = "SETTLEMENT_MANDATE".to_owned();
    selector::Question { scene: Scene::Collection, subject_type: SubjectType::Corporate, agreement_type }
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
    PublishText { agreement_type, document_name, position: 1, source, based_on: None }
}

/// Whether it is done to flows that are there, of one client.
pub fn is_of_a_flow(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::SignFlow
            | Operation::SignFlows
            | Operation::SignFlowEvents
            | Operation::FlowStats
            | Operation::ExportSignFlows
            | Operation::ResendSms
            | Operation::CancelSignFlow
            | Operation::SessionUrl
            | Operation::Timeline
            | Operation::CopyLink
            | Operation::AskAuthSystem
            | Operation::ReadDocument
            | Operation::RevealPersonal
            | Operation::RetrySeal
            | Operation::AbandonSeal
    )
}

/// The request that an operation is asked for with. A new operation without a row does not compile; none: the schema
/// doesn't offer it yet.
pub fn request(operation: Operation, id: &str) -> Option<(&'static str, Value)> {
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
        Operation::FlowStats => {
            ("{ flowStats(from: \"2027-01-01T00:00:00Z\", to: \"2027-02-01T00:00:00Z\") { started } }", json!({}))
        }
        Operation::ExportSignFlows
        | Operation::SessionUrl
        | Operation::Timeline
        | Operation::CopyLink
        | Operation::AskAuthSystem
        | Operation::ReadDocument
        | Operation::RevealPersonal
        | Operation::StuckWork
        | Operation::RunJobAgain
        | Operation::DismissJob => return None,
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
        // Accounts are no business of tokens.
        Operation::Staff
        | Operation::CreateStaff
        | Operation::ResetStaffPassword
        | Operation::ResetStaffTotp
        | Operation::SetStaffRole
        | Operation::SetStaffEnabled
        | Operation::EndStaffSessions
        | Operation::SignIn
        | Operation::SignOut
        | Operation::EndSession
        | Operation::ProveAgain
        | Operation::ChangePassword
        | Operation::SetUpTotp
        | Operation::RemoveTotp
        | Operation::RenewRecoveryCodes => return None,
    })
}

/// A text for a type that isn't there.
fn agreement_text() -> Value {
    json!({"agreementType": "NONE", "documentName": "授权书", "position": 1, "source": "x"})
}
