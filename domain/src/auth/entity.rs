//! The tables of authentication.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::{
    ids::*,
    selector::{Entry, Selector},
    terms::*,
};

/// Which auth type a selector gets (认证类型映射规则).
pub mod auth_rule {
    use super::*;

    /// Which auth type a selector gets (认证类型映射规则).
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "auth_rule")]
    pub struct Model {
        /// Id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AuthRuleId,
        /// What people call it: R1, R2, …; never given twice. 0: it is only planned.
        pub number: i32,
        /// 场景; none: any.
        pub scene: Option<Scene>,
        /// 主体类型; none: any.
        pub subject_type: Option<SubjectType>,
        /// 协议类型, by code; none: any.
        pub agreement_type: Option<String>,
        /// The three in one text, unique among the enabled.
        pub selector: String,
        /// What it decides.
        pub auth_type: AuthType,
        /// Whether it counts.
        pub enabled: bool,
        /// Why it is there.
        #[sea_orm(column_type = "Text", nullable)]
        pub note: Option<String>,
        /// Counts changes.
        pub version: i32,
        /// Who changed it last.
        pub updated_by: Option<String>,
        /// When it was made.
        pub created_at: DateTime<Utc>,
        /// When it was last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl auth_rule::Model {
    /// The selector.
    pub fn selector(&self) -> Selector {
        Selector { scene: self.scene, subject_type: self.subject_type, agreement_type: self.agreement_type.clone() }
    }
}

impl Entry for auth_rule::Model {
    type Id = AuthRuleId;

    fn id(&self) -> AuthRuleId {
        self.id
    }

    fn selector(&self) -> Selector {
        self.selector()
    }

    fn in_force(&self) -> bool {
        self.enabled
    }
}

/// One attempt at the auth system (认证关联).
pub mod auth_record {
    use super::*;

    /// One attempt at the auth system (认证关联).
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "auth_record")]
    pub struct Model {
        /// Id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AuthRecordId,
        /// The flow.
        pub flow_id: FlowId,
        /// From 1.
        pub attempt: i32,
        /// How.
        #[sea_orm(column_name = "type")]
        pub kind: AuthType,
        /// How it stands.
        pub status: AuthStatus,
        /// Handed to the auth system.
        pub idempotency_key: String,
        /// The auth system's id of the challenge.
        pub challenge_id: Option<String>,
        /// The auth system's id of the request.
        pub request_id: Option<String>,
        /// The auth system's own page.
        #[sea_orm(column_type = "Text", nullable)]
        pub face_url: Option<String>,
        /// What the user may be told about the transfer.
        pub masked_account: Option<String>,
        /// The user has seen it: its expiry then counts as an attempt.
        pub opened: bool,
        /// Amounts that may still be typed.
        pub entries_left: Option<i32>,
        /// Failed tries to make the challenge.
        pub creation_failures: i32,
        /// Keyed hash, for the limit per account.
        pub account_hash: Option<Vec<u8>>,
        /// When the challenge ends.
        pub expires_at: Option<DateTime<Utc>>,
        /// Times it was asked about.
        pub poll_count: i32,
        /// Sealed.
        pub credential: Option<Vec<u8>>,
        /// Its digest, hex; stands in the result token.
        pub credential_sha256: Option<String>,
        /// How long the credential is good.
        pub valid_until: Option<DateTime<Utc>>,
        /// The auth system's word.
        pub rejected_reason: Option<String>,
        /// A result came that moved nothing.
        pub late_result: bool,
        /// Where the auth system's own evidence is kept.
        #[sea_orm(column_type = "Text", nullable)]
        pub evidence_blob: Option<String>,
        /// When it was asked for.
        pub created_at: DateTime<Utc>,
        /// When it last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An amount typed by the user, counted before it is sent.
pub mod auth_entry {
    use super::*;

    /// An amount typed by the user, counted before it is sent.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "auth_entry")]
    pub struct Model {
        /// Id; the entry id at the auth system.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: EntryId,
        /// The attempt.
        pub auth_record_id: AuthRecordId,
        /// Keyed hash of the account.
        pub account_hash: Option<Vec<u8>>,
        /// Fen.
        pub amount: i32,
        /// None until the auth system has answered.
        pub wrong: Option<bool>,
        /// When it was counted.
        pub counted_at: DateTime<Utc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A signed answer the auth system pushed.
pub mod auth_inbox {
    use super::*;

    /// A signed answer the auth system pushed.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "auth_inbox")]
    pub struct Model {
        /// Its webhook-id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The key of the challenge.
        pub idempotency_key: String,
        /// The challenge.
        pub challenge_id: Option<String>,
        /// Sealed.
        pub body: Vec<u8>,
        /// False: no attempt matched yet.
        pub settled: bool,
        /// When it came.
        pub received_at: DateTime<Utc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
