//! The table of seals.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::{ids::*, terms::SealStatus};

/// One document of a flow (签章流水).
pub mod seal_record {
    use super::*;

    /// One document of a flow (签章流水).
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "seal_record")]
    pub struct Model {
        /// Id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SealRecordId,
        /// The flow.
        pub flow_id: FlowId,
        /// Order, from 1.
        pub position: i32,
        /// Name.
        pub document_name: String,
        /// The text it was made from.
        pub template_id: AgreementTemplateId,
        /// Its version.
        pub template_version: i32,
        /// How it stands.
        pub status: SealStatus,
        /// SHA-256 of the base PDF, hex; frozen when the user signed.
        pub content_digest: Option<String>,
        /// SHA-256 of the sealed file, hex.
        pub sealed_digest: Option<String>,
        /// Signature level reached.
        pub level: Option<String>,
        /// Where the sealed file is kept.
        #[sea_orm(column_type = "Text", nullable)]
        pub sealed_blob: Option<String>,
        /// Why it was given up.
        #[sea_orm(column_type = "Text", nullable)]
        pub failure_reason: Option<String>,
        /// When the user signed.
        pub signed_at: Option<DateTime<Utc>>,
        /// When it was sealed.
        pub sealed_at: Option<DateTime<Utc>>,
        /// When it was made.
        pub created_at: DateTime<Utc>,
        /// When it last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
