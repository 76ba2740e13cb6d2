//! Starting a flow: the input, the plan, the answer.

use async_graphql::{ID, InputObject, SimpleObject};
use esign_domain::flow::{
    self, Started,
    input::{self, StartSignFlow},
    plan::Plan,
};

use super::{
    agreement::AgreementTemplate,
    auth_rule::AuthRule,
    flow::SignFlow,
    scalar::{Json, Moment},
    sms_template::SmsTemplate,
    terms::{AuthType, BusinessAction, IdDocumentType, Scene, SubjectRole, SubjectType},
};

/// What startSignFlow takes.
#[derive(InputObject)]
pub struct StartSignFlowInput {
    /// 签约流程流水号, the idempotency key: 1-64 of A-Z a-z 0-9 - _ . :
    flow_no: String,
    /// What the money relation is about.
    scene: Scene,
    /// The business step that wants the signature; a label.
    business_action: Option<BusinessAction>,
    /// 资金用途: 1-64 characters, passed on to the auth system unchanged.
    fund_purpose: String,
    /// Who signs.
    subject: SubjectInput,
    /// What is signed: the code of an agreement type.
    agreement_type: String,
    /// An object of strings: values for the agreement's own variables; unknown or missing names are INVALID_ARGUMENT.
    agreement_variables: Option<Json>,
    /// Where the H5 page sends the user at the end; https, and on the client's list of allowed origins.
    return_url: Option<String>,
    /// Shortens or lengthens the session within the configured bounds.
    expires_in_seconds: Option<i32>,
    /// The flow that this one takes the place of: of the same client, restartable, not superseded yet.
    supersedes: Option<ID>,
    /// Opaque to us, at most 2 KiB; echoed in queries, events and webhooks.
    metadata: Option<Json>,
}

/// Who signs.
#[derive(InputObject)]
pub struct SubjectInput {
    /// Company or person.
    #[graphql(name = "type")]
    kind: SubjectType,
    /// The part in the relation.
    role: SubjectRole,
    /// Upstream's own number for this party.
    subject_no: String,
    /// The name: 1-100 characters.
    name: String,
    /// What proves who the subject is.
    id_document: IdDocumentInput,
    /// E.164 or an 11-digit mainland number; of the person who signs.
    mobile: String,
    /// Needed for PAYMENT_VERIFICATION.
    bank_account: Option<BankAccountInput>,
    /// The person who signs; required for CORPORATE. mobile is this person's.
    signatory_name: Option<String>,
}

/// A document that proves an identity. Unified code and resident id: length, alphabet and check character are tested;
/// other kinds 1-64 characters.
#[derive(InputObject)]
pub struct IdDocumentInput {
    /// The kind of document.
    #[graphql(name = "type")]
    kind: IdDocumentType,
    /// Its number.
    number: String,
}

/// A bank account.
#[derive(InputObject)]
pub struct BankAccountInput {
    /// The account: 6-32 digits, no check digit.
    account_no: String,
    /// The name of the bank.
    bank_name: String,
    /// The bank's code.
    bank_code: Option<String>,
}

impl From<StartSignFlowInput> for StartSignFlow {
    fn from(given: StartSignFlowInput) -> Self {
        Self {
            flow_no: given.flow_no,
            scene: given.scene.into(),
            business_action: given.business_action.map(Into::into),
            fund_purpose: given.fund_purpose,
            subject: given.subject.into(),
            agreement_type: given.agreement_type,
            agreement_variables: given.agreement_variables.map(|json| json.0),
            return_url: given.return_url,
            expires_in_seconds: given.expires_in_seconds.map(Into::into),
            supersedes: given.supersedes.map(|id| id.0),
            metadata: given.metadata.map(|json| json.0),
        }
    }
}

impl From<SubjectInput> for input::SubjectInput {
    fn from(given: SubjectInput) -> Self {
        let document = given.id_document;
        Self {
            kind: given.kind.into(),
            role: given.role.into(),
            subject_no: given.subject_no,
            name: given.name,
            id_document: input::IdDocumentInput { kind: document.kind.into(), number: document.number },
            mobile: given.mobile,
            bank_account: given.bank_account.map(|account| input::BankAccountInput {
                account_no: account.account_no,
                bank_name: account.bank_name,
                bank_code: account.bank_code,
            }),
            signatory_name: given.signatory_name,
        }
    }
}

/// A flow, and whether it was there before.
#[derive(SimpleObject)]
pub struct StartSignFlowPayload {
    /// The flow.
    flow: SignFlow,
    /// True: an earlier call with the same flowNo and the same content started it.
    replayed: bool,
}

impl From<Started> for StartSignFlowPayload {
    fn from(started: Started) -> Self {
        Self { replayed: started.replayed, flow: started.into() }
    }
}

/// What startSignFlow would do.
#[derive(SimpleObject)]
pub struct SignFlowPlan {
    /// How the signer would prove who they are.
    auth_type: AuthType,
    /// The rule that decides it.
    auth_rule: AuthRule,
    /// The SMS template that would be used.
    sms_template: SmsTemplate,
    /// The text that would be sent, with a placeholder for the code in the link.
    sms_text: String,
    /// The documents that would be signed.
    documents: Vec<AgreementTemplate>,
    /// The end of the session.
    expires_at: Moment,
}

impl SignFlowPlan {
    /// The plan, with the text that would be sent; none when no SMS template matches.
    pub fn of(plan: flow::plan::Plan, sms_text: String) -> Option<Self> {
        let auth_type = plan.auth_type().into();
        let Plan { texts, rules, templates, expires_at, .. } = plan;
        Some(Self {
            auth_type,
            auth_rule: AuthRule(rules.into_iter().next()?),
            sms_template: SmsTemplate(templates.into_iter().next()?),
            sms_text,
            documents: texts.into_iter().map(AgreementTemplate).collect(),
            expires_at: expires_at.into(),
        })
    }
}
