//! The vocabulary's closed lists, as the schema spells them: twins of the domain's, so that neither can grow alone.

use async_graphql::Enum;
use esign_domain::terms;

/// What the money relation is about.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(remote = "terms::Scene")]
pub enum Scene {
    /// 归集: money is gathered from the subject.
    Collection,
    /// 批量付款: many payees are paid at once.
    BatchPayment,
    /// 会员结算: members are settled with.
    MemberSettlement,
}

/// The business step that wants the signature; an optional label on a flow.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(remote = "terms::BusinessAction")]
pub enum BusinessAction {
    /// 归集授权: leave to gather money.
    CollectionAuthorization,
    /// 关系绑定: two parties are tied together.
    RelationBinding,
    /// 开通付款: payment is switched on.
    PaymentActivation,
}

/// Whether a company or a person signs.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(remote = "terms::SubjectType")]
pub enum SubjectType {
    /// 对公: a company, by a person who signs for it.
    Corporate,
    /// 对私: a person.
    Individual,
}

/// The subject's part in the relation.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(remote = "terms::SubjectRole")]
pub enum SubjectRole {
    /// 总部: the head of a chain.
    Headquarters,
    /// 门店: a store of it.
    Store,
    /// 接收方: who receives money.
    Receiver,
    /// 付方: who pays.
    Payer,
}

/// Which document proves who the subject is.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(remote = "terms::IdDocumentType")]
pub enum IdDocumentType {
    /// 统一社会信用代码 (GB 32100): 18 characters, the last is a check character.
    UnifiedSocialCreditCode,
    /// 居民身份证 (GB 11643): 18 characters, the last is a check character.
    ResidentIdCard,
    /// 护照: 1-64 characters.
    Passport,
    /// Any other document: 1-64 characters.
    Other,
}

/// Where a flow stands. The last four are terminal and never left.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(remote = "terms::FlowStatus")]
pub enum FlowStatus {
    /// 已创建: no gateway has accepted the SMS yet.
    Created,
    /// 待签署: waits for the signature.
    PendingSign,
    /// 待认证: signed; waits for the signer to prove who they are.
    PendingAuth,
    /// 认证处理中: the auth system is judging.
    Authenticating,
    /// 签章处理中: authenticated; the documents are being sealed.
    Sealing,
    /// 已完成: every document is sealed.
    Completed,
    /// 已失败: see failure.
    Failed,
    /// 已超时: the time for signing or for authentication ran out.
    TimedOut,
    /// 已撤销: withdrawn by upstream or by staff.
    Cancelled,
}

/// How the signer proves who they are.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(remote = "terms::AuthType")]
pub enum AuthType {
    /// 打款验证: a small transfer whose amount the signer types in.
    PaymentVerification,
    /// 人脸验证: on the auth system's own page.
    FaceVerification,
}

/// How an attempt to authenticate stands.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(remote = "terms::AuthStatus")]
pub enum AuthStatus {
    /// No challenge exists yet.
    NotStarted,
    /// The challenge waits for the signer.
    Challenged,
    /// The auth system is judging.
    Processing,
    /// Passed; there is a credential.
    Passed,
    /// Not passed.
    Rejected,
    /// The challenge's time ran out.
    Expired,
}

/// How the sealing of one document stands.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(remote = "terms::SealStatus")]
pub enum SealStatus {
    /// Not signed yet.
    Pending,
    /// The user has signed and the text is frozen.
    Signed,
    /// The sealed file is stored and was verified.
    Sealed,
    /// Given up.
    Failed,
}

/// How a message stands.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(remote = "terms::SmsStatus")]
pub enum SmsStatus {
    /// Waits to be sent, or to be sent again.
    Queued,
    /// A gateway took it.
    Accepted,
    /// It reached the phone.
    Delivered,
    /// It did not, and is not tried again.
    Failed,
}

/// Whether an SMS template is in use.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(remote = "terms::TemplateStatus")]
pub enum TemplateStatus {
    /// Being written.
    Draft,
    /// In use.
    Enabled,
    /// No longer in use.
    Disabled,
}

/// Whether a carrier approved a template.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(remote = "terms::TemplateReview")]
pub enum TemplateReview {
    /// Not decided yet.
    Pending,
    /// May be sent.
    Approved,
    /// May not be sent.
    Rejected,
}

/// What can happen to a flow.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(remote = "terms::FlowEventType")]
pub enum FlowEventType {
    /// The flow was started.
    Started,
    /// It failed at its start, for want of an SMS template.
    StartFailed,
    /// A gateway accepted the SMS.
    SmsAccepted,
    /// Every automatic retry of the SMS is spent; the link stays good.
    SmsExhausted,
    /// Another SMS was asked for.
    SmsResent,
    /// The link was opened for the first time.
    LinkOpened,
    /// Staff copied the link, to pass it on another way.
    LinkCopied,
    /// A document was read.
    Read,
    /// The signer gave a consent.
    Consented,
    /// The signer signed.
    Signed,
    /// The text could not be laid out when the signer signed.
    SignFailed,
    /// The signer declined.
    Declined,
    /// The signer asked to be authenticated.
    AuthRequested,
    /// The auth system made the challenge.
    ChallengeCreated,
    /// The auth system could not make the challenge.
    ChallengeFailed,
    /// What the signer gave is with the auth system.
    MaterialSubmitted,
    /// The signer typed a wrong amount.
    MaterialRefused,
    /// The auth system vouches for the signer.
    AuthPassed,
    /// The auth system doesn't.
    AuthRejected,
    /// The challenge's time ran out.
    ChallengeExpired,
    /// Every document is sealed.
    Sealed,
    /// Sealing failed and will be tried again.
    SealFailed,
    /// Staff gave the sealing up.
    SealAbandoned,
    /// The time for signing ran out.
    SessionExpired,
    /// The flow was withdrawn.
    Cancelled,
}

/// Twins of a list.
pub fn twins<A, B: From<A>>(list: impl IntoIterator<Item = A>) -> Vec<B> {
    list.into_iter().map(B::from).collect()
}
