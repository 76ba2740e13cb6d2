//! The tables of a flow. `sign_flow.status` and what follows from it is written by `flow::transition` alone.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::{ids::*, terms::*};

/// A sign flow (签约流程).
pub mod sign_flow {
    use super::*;

    /// A sign flow (签约流程).
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_flow")]
    pub struct Model {
        /// Id; the flowId of webhooks, tokens and URLs.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: FlowId,
        /// Whose it is.
        pub client_id: ClientId,
        /// Upstream's idempotency key, unique per client.
        pub flow_no: String,
        /// HMAC of the canonical input.
        pub content_hmac: Vec<u8>,
        /// The key of that HMAC.
        pub content_key_id: String,
        /// 场景
        pub scene: Scene,
        /// 业务动作
        pub business_action: Option<BusinessAction>,
        /// 资金用途, opaque.
        pub fund_purpose: String,
        /// 主体类型
        pub subject_type: SubjectType,
        /// Part in the relation.
        pub subject_role: SubjectRole,
        /// Upstream's own number for the party.
        pub subject_no: String,
        /// Keyed hash, for search.
        pub mobile_hash: Vec<u8>,
        /// Keyed hash, for search.
        pub id_number_hash: Vec<u8>,
        /// Keyed hash, for search; none: the flow is older than this column.
        pub name_hash: Option<Vec<u8>>,
        /// Keyed hash, for the limit per account.
        pub account_hash: Option<Vec<u8>>,
        /// 协议类型
        pub agreement_type_id: AgreementTypeId,
        /// Its code.
        pub agreement_type: String,
        /// 签约状态
        pub status: FlowStatus,
        /// 认证类型
        pub auth_type: AuthType,
        /// 认证状态 of the current attempt.
        pub auth_status: AuthStatus,
        /// 签章状态 of all documents: they move together.
        pub seal_status: SealStatus,
        /// Current attempt, 0 before the first.
        pub attempt: i32,
        /// Rejected, or expired after the user had opened it.
        pub attempts_spent: i32,
        /// How often the text could not be laid out.
        pub sign_failures: i32,
        /// Why it failed.
        pub failure_code: Option<String>,
        /// Every automatic retry was spent.
        pub sms_undelivered: bool,
        /// Messages a gateway accepted.
        pub sms_sent_count: i32,
        /// Resends asked for.
        pub sms_resent_count: i32,
        /// When a gateway last accepted one.
        pub last_sms_at: Option<DateTime<Utc>>,
        /// Why this auth type and this SMS template, as it was then.
        pub decision: Json,
        /// Where the end page sends the user.
        #[sea_orm(column_type = "Text", nullable)]
        pub return_url: Option<String>,
        /// Upstream's own, echoed.
        pub metadata: Option<Json>,
        /// The flow this one takes the place of.
        pub supersedes: Option<FlowId>,
        /// Events in the chain.
        pub event_count: i32,
        /// Hash of the newest event.
        pub head_hash: Vec<u8>,
        /// It failed at its start: there is no session.
        pub lost_session: bool,
        /// When it was started.
        pub created_at: DateTime<Utc>,
        /// When it last moved.
        pub updated_at: DateTime<Utc>,
        /// The end of the session, always.
        pub expires_at: DateTime<Utc>,
        /// When it became terminal.
        pub completed_at: Option<DateTime<Utc>>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a flow keeps secret, each value sealed by the vault. Erasing the row erases the person.
pub mod flow_secret {
    use super::*;

    /// What a flow keeps secret, each value sealed by the vault. Erasing the row erases the person.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "flow_secret")]
    pub struct Model {
        /// The flow.
        #[sea_orm(primary_key, auto_increment = false)]
        pub flow_id: FlowId,
        /// The key of the HMACs in events.
        pub event_key: Vec<u8>,
        /// The whole input, canonical JSON.
        pub input: Vec<u8>,
        /// The code of the link.
        pub link_code: Vec<u8>,
        /// What the documents are laid out with, JSON, frozen at the start.
        pub document_data: Vec<u8>,
        /// The handwriting, JSON.
        pub ink: Option<Vec<u8>>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The signer's link (H5会话). Its end is the flow's `expires_at`.
pub mod h5_session {
    use super::*;

    /// The signer's link (H5会话). Its end is the flow's `expires_at`.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "h5_session")]
    pub struct Model {
        /// Id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SessionId,
        /// The flow.
        pub flow_id: FlowId,
        /// Keyed hash of the code.
        pub code_hash: Vec<u8>,
        /// The first opening.
        pub opened_at: Option<DateTime<Utc>>,
        /// When it was made.
        pub created_at: DateTime<Utc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A form the signer posted: the same id again shows its first outcome.
pub mod submission {
    use super::*;

    /// A form the signer posted: the same id again shows its first outcome.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "submission")]
    pub struct Model {
        /// Made by the page.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SubmissionId,
        /// The flow.
        pub flow_id: FlowId,
        /// What was posted.
        pub act: String,
        /// When it first came.
        pub created_at: DateTime<Utc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What upstream gets, written with the terminal event.
pub mod sign_result {
    use super::*;

    /// What upstream gets, written with the terminal event.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_result")]
    pub struct Model {
        /// The flow.
        #[sea_orm(primary_key, auto_increment = false)]
        pub flow_id: FlowId,
        /// The result token, compact JWS.
        #[sea_orm(column_type = "Text")]
        pub token: String,
        /// Hash of the terminal event, hex.
        pub evidence_digest: String,
        /// When.
        pub created_at: DateTime<Utc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
