//! The tables of agreements.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::ids::*;

/// An entry of the catalogue (协议类型).
pub mod agreement_type {
    use super::*;

    /// An entry of the catalogue (协议类型).
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "agreement_type")]
    pub struct Model {
        /// Id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AgreementTypeId,
        /// What upstream names.
        pub code: String,
        /// What people read.
        pub name: String,
        /// Array of scenes it may be used in.
        pub scenes: Json,
        /// Array of subject types it may be signed by.
        pub subject_types: Json,
        /// Whether new flows may use it.
        pub enabled: bool,
        /// Counts changes.
        pub version: i32,
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

/// One published version of one document (协议文本). Immutable.
pub mod agreement_template {
    use super::*;

    /// One published version of one document (协议文本). Immutable.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "agreement_template")]
    pub struct Model {
        /// Id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AgreementTemplateId,
        /// The type.
        pub agreement_type_id: AgreementTypeId,
        /// Name of the document.
        pub document_name: String,
        /// Order among the documents of the type.
        pub position: i32,
        /// From 1.
        pub version: i32,
        /// typst.
        #[sea_orm(column_type = "Text")]
        pub source: String,
        /// Array of names that a flow must give.
        pub variables: Json,
        /// When.
        pub published_at: DateTime<Utc>,
        /// By whom.
        pub published_by: Option<String>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
