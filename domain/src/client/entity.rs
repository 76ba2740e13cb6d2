//! The tables of clients.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::caller::Scopes;

/// Scopes as a JSON array of their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ScopeList(pub Scopes);

/// A JSON array of strings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct TextList(pub Vec<String>);

/// Upstream systems (上游系统).
pub mod client {
    use sea_orm::entity::prelude::*;

    use super::{ScopeList, TextList};
    use crate::{client::settings::ClientSettings, ids::ClientId};

    /// An upstream system (上游系统).
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "client")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ClientId,
        /// Its short name in keys and commands: 2-32 of `a-z 0-9 -`, unique, never changed.
        pub code: String,
        /// Its name for people.
        pub name: String,
        /// What it may do.
        pub scopes: ScopeList,
        /// Where events are delivered; none: nowhere.
        pub webhook_url: Option<String>,
        /// The events it wants.
        pub webhook_events: TextList,
        /// The origins its users may be sent back to, as `scheme://host[:port]`.
        pub return_url_origins: TextList,
        /// What differs from the configured defaults.
        pub settings: ClientSettings,
        /// Whether it may do anything at all.
        pub enabled: bool,
        /// Counts changes; guards against lost updates.
        pub version: i32,
        /// When it was registered.
        pub created_at: DateTimeUtc,
        /// When it was last changed.
        pub updated_at: DateTimeUtc,
    }

    /// None: rows of other tables are read by id.
    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Secrets of clients.
pub mod client_secret {
    use std::fmt;

    use sea_orm::entity::prelude::*;

    use crate::ids::ClientId;

    /// The keyed hash of a secret. Doesn't print itself.
    #[derive(Clone, PartialEq, Eq, DeriveValueType)]
    pub struct SecretHash(pub Vec<u8>);

    impl fmt::Debug for SecretHash {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("***")
        }
    }

    /// One secret of a client. More than one is good while a rotation overlaps.
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "client_secret")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose it is.
        pub client_id: ClientId,
        /// Its keyed hash; the secret itself is kept nowhere.
        pub hash: SecretHash,
        /// When it was made.
        pub created_at: DateTimeUtc,
        /// When it ends; none until a newer one takes over.
        pub expires_at: Option<DateTimeUtc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Secrets that webhooks are signed with.
pub mod client_webhook_secret {
    use sea_orm::entity::prelude::*;

    use crate::ids::ClientId;

    /// One secret; two are used while a rotation overlaps.
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "client_webhook_secret")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose it is.
        pub client_id: ClientId,
        /// Itself, sealed.
        pub secret: Vec<u8>,
        /// When it was made.
        pub created_at: DateTimeUtc,
        /// When it ends; none until a newer one takes over.
        pub expires_at: Option<DateTimeUtc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
