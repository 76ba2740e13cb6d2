//! The tables of events.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::{ids::*, terms::*};

/// One event of one flow (流程事件). Append-only; the database refuses anything else.
pub mod flow_event {
    use super::*;

    /// One event of one flow (流程事件). Append-only; the database refuses anything else.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "flow_event")]
    pub struct Model {
        /// Order of insertion over all flows.
        #[sea_orm(primary_key)]
        pub position: i64,
        /// Id.
        pub id: EventId,
        /// The flow.
        pub flow_id: FlowId,
        /// Whose flow.
        pub client_id: ClientId,
        /// Its number.
        pub flow_no: String,
        /// Its scene, for filters.
        pub scene: Scene,
        /// Order within the flow, from 1.
        pub seq: i32,
        /// What happened.
        #[sea_orm(column_name = "type")]
        pub kind: FlowEventType,
        /// Status before; none at the start.
        pub from_status: Option<FlowStatus>,
        /// Status after.
        pub to_status: FlowStatus,
        /// Canonical JSON, exactly as hashed; no personal values.
        #[sea_orm(column_type = "Text")]
        pub detail: String,
        /// Hash of the event before; 32 zero bytes for the first.
        pub prev_hash: Vec<u8>,
        /// SHA-256(prev_hash || canonical JSON of the event).
        pub hash: Vec<u8>,
        /// When.
        pub occurred_at: DateTime<Utc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The personal values an event speaks of, sealed.
pub mod event_secret {
    use super::*;

    /// The personal values an event speaks of, sealed.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "event_secret")]
    pub struct Model {
        /// The event.
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: EventId,
        /// Its flow.
        pub flow_id: FlowId,
        /// Sealed JSON.
        pub body: Vec<u8>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
