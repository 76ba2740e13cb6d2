//! The table of jobs.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::ids::FlowId;

/// One thing to do.
pub mod job {
    use super::*;

    /// One thing to do.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "job")]
    pub struct Model {
        /// Order of writing.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Which job.
        pub kind: String,
        /// At most one of a kind with this key waits or runs.
        pub unique_key: String,
        /// Ids only.
        pub payload: Json,
        /// Whose, for support.
        pub flow_id: Option<FlowId>,
        /// available, running, completed, discarded.
        pub state: String,
        /// Not before.
        pub due_at: DateTime<Utc>,
        /// Claims so far: fences the one that runs.
        pub attempt: i32,
        /// Claims that ended in an error.
        pub failures: i32,
        /// When the claim lapses.
        pub lease_until: Option<DateTime<Utc>>,
        /// Of the last failed claim.
        #[sea_orm(column_type = "Text", nullable)]
        pub last_error: Option<String>,
        /// When it was written.
        pub created_at: DateTime<Utc>,
        /// When it was done or given up.
        pub finished_at: Option<DateTime<Utc>>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
