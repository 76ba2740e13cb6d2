//! The table itself.

use esign_domain::caller::{Operation, Scope};

/// A row: the operation, where the schema offers it, the scope that opens it, and whether admin, operator and auditor may.
pub type Row = (Operation, &'static [&'static str], Option<Scope>, [bool; 3]);

const EVERYBODY: [bool; 3] = [true, true, true];
const NO_AUDITOR: [bool; 3] = [true, true, false];
const ADMIN_ALONE: [bool; 3] = [true, false, false];
/// Staff have no flows of their own to start.
const NO_STAFF: [bool; 3] = [false; 3];

pub const TABLE: &[Row] = &[
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
    (Operation::FlowStats, &["Query.flowStats"], Some(Scope::FlowsRead), EVERYBODY),
    // The console's alone.
    (Operation::ExportSignFlows, &[], Some(Scope::FlowsRead), EVERYBODY),
    (Operation::PlanSignFlow, &["Query.planSignFlow"], Some(Scope::FlowsWrite), NO_STAFF),
    (Operation::StartSignFlow, &["Mutation.startSignFlow"], Some(Scope::FlowsWrite), NO_STAFF),
    (Operation::ResendSms, &["Mutation.resendSms"], Some(Scope::FlowsWrite), NO_AUDITOR),
    (Operation::CancelSignFlow, &["Mutation.cancelSignFlow"], Some(Scope::FlowsWrite), NO_AUDITOR),
    // A field of a flow's session, for the owning client alone.
    (Operation::SessionUrl, &[], Some(Scope::FlowsWrite), NO_AUDITOR),
    // What staff see and do at a flow: no fields of the schema.
    (Operation::Timeline, &[], Some(Scope::FlowsRead), EVERYBODY),
    (Operation::CopyLink, &[], Some(Scope::FlowsWrite), NO_AUDITOR),
    (Operation::AskAuthSystem, &[], Some(Scope::FlowsOperate), NO_AUDITOR),
    (Operation::ReadDocument, &[], Some(Scope::PiiRead), ADMIN_ALONE),
    (Operation::RevealPersonal, &[], Some(Scope::PiiRead), ADMIN_ALONE),
    (Operation::StuckWork, &[], Some(Scope::FlowsRead), EVERYBODY),
    (Operation::RunJobAgain, &[], Some(Scope::FlowsOperate), NO_AUDITOR),
    (Operation::DismissJob, &[], Some(Scope::FlowsOperate), NO_AUDITOR),
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
