//! The vocabulary: every closed list of the system, spelled the same in the database, the API and the evidence.

use sea_orm::{DeriveActiveEnum, EnumIter, sea_query::StringLen};
use serde::{Deserialize, Serialize};

/// Declares a closed list whose names are SCREAMING_SNAKE_CASE wherever they are written down.
macro_rules! terms {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* })*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
        #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(40))")]
        pub enum $name { $(
            $(#[$vdoc])*
            #[sea_orm(string_value = $text)]
            #[serde(rename = $text)]
            $variant,
        )* }

        impl $name {
            /// All of them, in the order of the vocabulary.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name as written down everywhere.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )* };
}

terms! {
    /// 场景: what the money relation is about.
    Scene {
        /// 归集
        Collection = "COLLECTION",
        /// 批量付款
        BatchPayment = "BATCH_PAYMENT",
        /// 会员结算
        MemberSettlement = "MEMBER_SETTLEMENT",
    }
    /// 业务动作: an optional label on a flow.
    BusinessAction {
        /// 归集授权
        CollectionAuthorization = "COLLECTION_AUTHORIZATION",
        /// 关系绑定
        RelationBinding = "RELATION_BINDING",
        /// 开通付款
        PaymentActivation = "PAYMENT_ACTIVATION",
    }
    /// 主体类型: who signs.
    SubjectType {
        /// 对公
        Corporate = "CORPORATE",
        /// 对私
        Individual = "INDIVIDUAL",
    }
    /// The subject's part in the relation.
    SubjectRole {
        /// 总部
        Headquarters = "HEADQUARTERS",
        /// 门店
        Store = "STORE",
        /// 接收方
        Receiver = "RECEIVER",
        /// 付方
        Payer = "PAYER",
    }
    /// What kind of document proves the subject's identity.
    IdDocumentType {
        /// 统一社会信用代码 (GB 32100-2015)
        UnifiedSocialCreditCode = "UNIFIED_SOCIAL_CREDIT_CODE",
        /// 居民身份证 (GB 11643-1999)
        ResidentIdCard = "RESIDENT_ID_CARD",
        /// 护照
        Passport = "PASSPORT",
        /// Anything else.
        Other = "OTHER",
    }
    /// 签约状态. The last four are terminal and never left.
    FlowStatus {
        /// 已创建: the SMS is not accepted yet.
        Created = "CREATED",
        /// 待签署
        PendingSign = "PENDING_SIGN",
        /// 待认证
        PendingAuth = "PENDING_AUTH",
        /// 认证处理中
        Authenticating = "AUTHENTICATING",
        /// 签章处理中
        Sealing = "SEALING",
        /// 已完成
        Completed = "COMPLETED",
        /// 已失败
        Failed = "FAILED",
        /// 已超时
        TimedOut = "TIMED_OUT",
        /// 已撤销
        Cancelled = "CANCELLED",
    }
    /// 认证类型.
    AuthType {
        /// 打款验证: a small transfer whose amount the user types in.
        PaymentVerification = "PAYMENT_VERIFICATION",
        /// 人脸验证: on the auth system's own page.
        FaceVerification = "FACE_VERIFICATION",
    }
    /// 认证状态 of one attempt.
    AuthStatus {
        /// No challenge exists yet.
        NotStarted = "NOT_STARTED",
        /// The challenge waits for the user.
        Challenged = "CHALLENGED",
        /// The auth system is judging.
        Processing = "PROCESSING",
        /// Passed.
        Passed = "PASSED",
        /// Not passed.
        Rejected = "REJECTED",
        /// The challenge's time ran out, or it was withdrawn.
        Expired = "EXPIRED",
    }
    /// 签章状态 of one document.
    SealStatus {
        /// The user has not signed yet.
        Pending = "PENDING",
        /// The user signed; the digest is frozen.
        Signed = "SIGNED",
        /// Sealed, read back and verified.
        Sealed = "SEALED",
        /// Given up.
        Failed = "FAILED",
    }
    /// 短信发送状态.
    SmsStatus {
        /// Waits to be sent, or to be sent again.
        Queued = "QUEUED",
        /// A gateway took it.
        Accepted = "ACCEPTED",
        /// It reached the phone.
        Delivered = "DELIVERED",
        /// It did not.
        Failed = "FAILED",
    }
    /// Life of an SMS template.
    TemplateStatus {
        /// Being written.
        Draft = "DRAFT",
        /// In use.
        Enabled = "ENABLED",
        /// Out of use.
        Disabled = "DISABLED",
    }
    /// Whether a carrier approved a template.
    TemplateReview {
        /// Not decided yet.
        Pending = "PENDING",
        /// May be sent.
        Approved = "APPROVED",
        /// May not be sent.
        Rejected = "REJECTED",
    }
    /// 流程事件: what can happen to a flow.
    FlowEventType {
        /// The flow was started.
        Started = "STARTED",
        /// It failed at its start: no SMS template.
        StartFailed = "START_FAILED",
        /// A gateway accepted the SMS.
        SmsAccepted = "SMS_ACCEPTED",
        /// Every automatic retry of the SMS is spent.
        SmsExhausted = "SMS_EXHAUSTED",
        /// Another SMS was asked for.
        SmsResent = "SMS_RESENT",
        /// The link was opened.
        LinkOpened = "LINK_OPENED",
        /// Staff copied the link.
        LinkCopied = "LINK_COPIED",
        /// A document was read.
        Read = "READ",
        /// A consent was given.
        Consented = "CONSENTED",
        /// The user signed.
        Signed = "SIGNED",
        /// The text could not be laid out when the user signed.
        SignFailed = "SIGN_FAILED",
        /// The user declined.
        Declined = "DECLINED",
        /// The user asked for an authentication.
        AuthRequested = "AUTH_REQUESTED",
        /// The auth system made the challenge.
        ChallengeCreated = "CHALLENGE_CREATED",
        /// The auth system could not make the challenge.
        ChallengeFailed = "CHALLENGE_FAILED",
        /// The user's material is with the auth system.
        MaterialSubmitted = "MATERIAL_SUBMITTED",
        /// A wrong amount.
        MaterialRefused = "MATERIAL_REFUSED",
        /// Passed.
        AuthPassed = "AUTH_PASSED",
        /// Not passed.
        AuthRejected = "AUTH_REJECTED",
        /// The challenge's time ran out.
        ChallengeExpired = "CHALLENGE_EXPIRED",
        /// Every document is sealed.
        Sealed = "SEALED",
        /// Sealing failed and will be tried again.
        SealFailed = "SEAL_FAILED",
        /// Staff gave the sealing up.
        SealAbandoned = "SEAL_ABANDONED",
        /// The session ended before the flow did.
        SessionExpired = "SESSION_EXPIRED",
        /// Withdrawn by upstream or staff.
        Cancelled = "CANCELLED",
    }
}

impl FlowStatus {
    /// Whether nothing follows any more.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::TimedOut | Self::Cancelled)
    }
}

impl Scene {
    /// The name people read in documents and messages.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Collection => "归集",
            Self::BatchPayment => "批量付款",
            Self::MemberSettlement => "会员结算",
        }
    }
}

impl SubjectRole {
    /// The name people read in documents.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Headquarters => "总部",
            Self::Store => "门店",
            Self::Receiver => "接收方",
            Self::Payer => "付方",
        }
    }
}

impl IdDocumentType {
    /// The name people read in documents.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::UnifiedSocialCreditCode => "统一社会信用代码",
            Self::ResidentIdCard => "居民身份证号码",
            Self::Passport => "护照号码",
            Self::Other => "证件号码",
        }
    }
}
