//! Who acts, and what each may do.
//!
//! Everything is refused unless allowed. [`Operation::scope`] is the one table of the machine doors; a verb asks
//! [`Caller::require`] before anything else. What a client may see besides is only its own: [`Caller::sees`].

use std::{collections::BTreeSet, fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    ids::{ClientId, FlowId, StaffId},
};

/// Declares scopes with their names.
macro_rules! scopes {
    ($($variant:ident = $text:literal,)*) => {
        /// A right to a group of operations, as it stands in tokens.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "a scope says what it allows in its own name")]
        pub enum Scope { $(#[serde(rename = $text)] $variant,)* }

        impl Scope {
            /// All scopes.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in tokens.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl FromStr for Scope {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(Error::field("scope", format!("unknown scope {text}"))),
                }
            }
        }
    };
}

scopes! {
    FlowsRead = "flows:read",
    FlowsWrite = "flows:write",
    TemplatesRead = "templates:read",
    TemplatesWrite = "templates:write",
    RulesRead = "rules:read",
    RulesWrite = "rules:write",
    DeliveriesRead = "deliveries:read",
    DeliveriesWrite = "deliveries:write",
    ClientsRead = "clients:read",
    ClientsWrite = "clients:write",
    AuditRead = "audit:read",
    PiiRead = "pii:read",
    FlowsOperate = "flows:operate",
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes.
pub type Scopes = BTreeSet<Scope>;

/// The names of a set of scopes.
pub fn scope_names(scopes: &Scopes) -> Vec<String> {
    scopes.iter().map(|scope| scope.as_str().to_owned()).collect()
}

/// A client's default set: what an upstream system needs, and nothing that belongs to staff.
pub fn client_default() -> Scopes {
    [Scope::FlowsRead, Scope::FlowsWrite, Scope::DeliveriesRead].into()
}

/// What staff may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// 管理员: everything.
    Admin,
    /// 运营: everything but clients' secrets and clear personal data.
    Operator,
    /// 审计: sees everything but clear personal data, changes nothing.
    Auditor,
}

impl Role {
    /// The scopes of the role.
    pub fn scopes(self) -> Scopes {
        Scope::ALL
            .iter()
            .copied()
            .filter(|scope| match self {
                Self::Admin => true,
                Self::Operator => !matches!(scope, Scope::ClientsWrite | Scope::PiiRead),
                Self::Auditor => scope.as_str().ends_with(":read") && *scope != Scope::PiiRead,
            })
            .collect()
    }

    /// The name in the command line and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
        }
    }
}

impl FromStr for Role {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "admin" => Ok(Self::Admin),
            "operator" => Ok(Self::Operator),
            "auditor" => Ok(Self::Auditor),
            _ => Err(Error::field("role", "admin, operator or auditor")),
        }
    }
}

/// The operations of the machine doors, a row each of the scope table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the operation of that name in the API")]
pub enum Operation {
    Viewer,
    Node,
    SignFlow,
    SignFlows,
    SignFlowEvents,
    FlowStats,
    ExportSignFlows,
    PlanSignFlow,
    StartSignFlow,
    ResendSms,
    CancelSignFlow,
    SessionUrl,
    Timeline,
    CopyLink,
    AskAuthSystem,
    RetrySeal,
    AbandonSeal,
    ReadDocument,
    RevealPersonal,
    StuckWork,
    RunJobAgain,
    DismissJob,
    SmsTemplate,
    SmsTemplates,
    ResolveSmsTemplate,
    PreviewSms,
    CreateSmsTemplate,
    UpdateSmsTemplate,
    SetSmsTemplateStatus,
    SendTestSms,
    AuthRules,
    ResolveAuthType,
    DecisionMatrix,
    DecisionReport,
    AuthRuleImpact,
    SmsTemplateImpact,
    CreateAuthRule,
    UpdateAuthRule,
    DeleteAuthRule,
    AgreementTypes,
    AgreementType,
    PreviewAgreement,
    SaveAgreementType,
    PublishAgreementTemplate,
    Clients,
    CreateClient,
    UpdateClient,
    RotateClientSecret,
    RotateWebhookSecret,
    AuditLog,
    Staff,
    CreateStaff,
    ResetStaffPassword,
    ResetStaffTotp,
    SetStaffRole,
    SetStaffEnabled,
    EndStaffSessions,
    SignIn,
    SignOut,
    EndSession,
    ProveAgain,
    ChangePassword,
    SetUpTotp,
    RemoveTotp,
    RenewRecoveryCodes,
}

impl Operation {
    /// All operations.
    pub const ALL: &[Self] = &[
        Self::Viewer,
        Self::Node,
        Self::SignFlow,
        Self::SignFlows,
        Self::SignFlowEvents,
        Self::FlowStats,
        Self::ExportSignFlows,
        Self::PlanSignFlow,
        Self::StartSignFlow,
        Self::ResendSms,
        Self::CancelSignFlow,
        Self::SessionUrl,
        Self::Timeline,
        Self::CopyLink,
        Self::AskAuthSystem,
        Self::RetrySeal,
        Self::AbandonSeal,
        Self::ReadDocument,
        Self::RevealPersonal,
        Self::StuckWork,
        Self::RunJobAgain,
        Self::DismissJob,
        Self::SmsTemplate,
        Self::SmsTemplates,
        Self::ResolveSmsTemplate,
        Self::PreviewSms,
        Self::CreateSmsTemplate,
        Self::UpdateSmsTemplate,
        Self::SetSmsTemplateStatus,
        Self::SendTestSms,
        Self::AuthRules,
        Self::ResolveAuthType,
        Self::DecisionMatrix,
        Self::DecisionReport,
        Self::AuthRuleImpact,
        Self::SmsTemplateImpact,
        Self::CreateAuthRule,
        Self::UpdateAuthRule,
        Self::DeleteAuthRule,
        Self::AgreementTypes,
        Self::AgreementType,
        Self::PreviewAgreement,
        Self::SaveAgreementType,
        Self::PublishAgreementTemplate,
        Self::Clients,
        Self::CreateClient,
        Self::UpdateClient,
        Self::RotateClientSecret,
        Self::RotateWebhookSecret,
        Self::AuditLog,
        Self::Staff,
        Self::CreateStaff,
        Self::ResetStaffPassword,
        Self::ResetStaffTotp,
        Self::SetStaffRole,
        Self::SetStaffEnabled,
        Self::EndStaffSessions,
        Self::SignIn,
        Self::SignOut,
        Self::EndSession,
        Self::ProveAgain,
        Self::ChangePassword,
        Self::SetUpTotp,
        Self::RemoveTotp,
        Self::RenewRecoveryCodes,
    ];

    /// The name in the API and in the audit log: `createSmsTemplate`.
    pub fn name(self) -> String {
        let mut name = format!("{self:?}");
        name[..1].make_ascii_lowercase();
        name
    }

    /// The roles of staff it is for, where no scope covers it: no token reaches accounts, whatever its scopes.
    pub fn roles(self) -> Option<&'static [Role]> {
        match self {
            Self::Staff
            | Self::CreateStaff
            | Self::ResetStaffPassword
            | Self::ResetStaffTotp
            | Self::SetStaffRole
            | Self::SetStaffEnabled
            | Self::EndStaffSessions => Some(&[Role::Admin]),
            Self::SignIn
            | Self::SignOut
            | Self::EndSession
            | Self::ProveAgain
            | Self::ChangePassword
            | Self::SetUpTotp
            | Self::RemoveTotp
            | Self::RenewRecoveryCodes => Some(&[Role::Admin, Role::Operator, Role::Auditor]),
            _ => None,
        }
    }

    /// The scope it needs; none: any valid token will do, unless it is for [`roles`](Self::roles) of staff alone.
    pub fn scope(self) -> Option<Scope> {
        match self {
            Self::Viewer
            | Self::Staff
            | Self::CreateStaff
            | Self::ResetStaffPassword
            | Self::ResetStaffTotp
            | Self::SetStaffRole
            | Self::SetStaffEnabled
            | Self::EndStaffSessions
            | Self::SignIn
            | Self::SignOut
            | Self::EndSession
            | Self::ProveAgain
            | Self::ChangePassword
            | Self::SetUpTotp
            | Self::RemoveTotp
            | Self::RenewRecoveryCodes => None,
            Self::Node
            | Self::SignFlow
            | Self::SignFlows
            | Self::SignFlowEvents
            | Self::FlowStats
            | Self::ExportSignFlows
            | Self::Timeline
            | Self::StuckWork => Some(Scope::FlowsRead),
            Self::PlanSignFlow
            | Self::StartSignFlow
            | Self::ResendSms
            | Self::CancelSignFlow
            | Self::SessionUrl
            | Self::CopyLink => Some(Scope::FlowsWrite),
            Self::AskAuthSystem | Self::RetrySeal | Self::AbandonSeal | Self::RunJobAgain | Self::DismissJob => {
                Some(Scope::FlowsOperate)
            }
            Self::ReadDocument | Self::RevealPersonal => Some(Scope::PiiRead),
            Self::SmsTemplate
            | Self::SmsTemplates
            | Self::ResolveSmsTemplate
            | Self::PreviewSms
            | Self::AgreementTypes
            | Self::AgreementType
            | Self::PreviewAgreement => Some(Scope::TemplatesRead),
            Self::CreateSmsTemplate
            | Self::UpdateSmsTemplate
            | Self::SetSmsTemplateStatus
            | Self::SendTestSms
            | Self::SaveAgreementType
            | Self::PublishAgreementTemplate => Some(Scope::TemplatesWrite),
            Self::AuthRules
            | Self::ResolveAuthType
            | Self::DecisionMatrix
            | Self::DecisionReport
            | Self::AuthRuleImpact
            | Self::SmsTemplateImpact => Some(Scope::RulesRead),
            Self::CreateAuthRule | Self::UpdateAuthRule | Self::DeleteAuthRule => Some(Scope::RulesWrite),
            Self::Clients => Some(Scope::ClientsRead),
            Self::CreateClient | Self::UpdateClient | Self::RotateClientSecret | Self::RotateWebhookSecret => {
                Some(Scope::ClientsWrite)
            }
            Self::AuditLog => Some(Scope::AuditRead),
        }
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// An upstream system.
    Client {
        /// Its id.
        id: ClientId,
        /// Its code.
        code: String,
        /// What its token allows.
        scopes: Scopes,
        /// The address it calls from, where the door knows one.
        from: Option<IpAddr>,
    },
    /// A member of staff.
    Staff {
        /// Its id.
        id: StaffId,
        /// The sign-in name.
        name: String,
        /// What the role allows.
        role: Role,
        /// The address they work from, where the door knows one.
        from: Option<IpAddr>,
    },
    /// The person who holds a flow's link.
    Signatory {
        /// The flow of the link.
        flow_id: FlowId,
    },
    /// The system itself: jobs, clocks, results from outside.
    System,
}

impl Caller {
    /// Refuses unless the caller may do this.
    pub fn require(&self, operation: Operation) -> Result<()> {
        let may = match (operation.roles(), self) {
            (Some(roles), Self::Staff { role, .. }) => roles.contains(role),
            (Some(_), caller) => *caller == Self::System,
            (None, caller) => operation.scope().is_none_or(|scope| caller.has(scope)),
        };
        may.then_some(()).ok_or(Error::Forbidden)
    }

    /// Whether the caller holds a scope.
    pub fn has(&self, scope: Scope) -> bool {
        match self {
            Self::Client { scopes, .. } => scopes.contains(&scope),
            Self::Staff { role, .. } => role.scopes().contains(&scope),
            Self::Signatory { .. } => false,
            Self::System => true,
        }
    }

    /// Whether things of this client exist for the caller at all.
    pub fn sees(&self, client: ClientId) -> bool {
        match self {
            Self::Client { id, .. } => *id == client,
            Self::Staff { .. } | Self::System => true,
            Self::Signatory { .. } => false,
        }
    }

    /// Whether the caller is this very client, with this scope: what a credential or a link is shown for.
    pub fn owns(&self, client: ClientId, scope: Scope) -> bool {
        matches!(self, Self::Client { id, scopes, .. } if *id == client && scopes.contains(&scope))
    }

    /// The client whose things alone the caller may see; none: all.
    pub fn tenant(&self) -> Option<ClientId> {
        match self {
            Self::Client { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// The same caller at this address: what the audit log says besides who.
    #[must_use]
    pub fn at(mut self, address: Option<IpAddr>) -> Self {
        if let Self::Client { from, .. } | Self::Staff { from, .. } = &mut self {
            *from = address;
        }
        self
    }

    /// Where from, if known.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Client { from, .. } | Self::Staff { from, .. } => *from,
            Self::Signatory { .. } | Self::System => None,
        }
    }

    /// Who it was, for evidence and audit: a name, never a secret or a person's data.
    pub fn label(&self) -> String {
        match self {
            Self::Client { code, .. } => format!("client:{code}"),
            Self::Staff { name, .. } => format!("staff:{name}"),
            Self::Signatory { .. } => "signatory".into(),
            Self::System => "system".into(),
        }
    }
}
