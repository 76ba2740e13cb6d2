//! The table of staff.

use std::fmt;

use sea_orm::DeriveValueType;

use crate::{
    caller::{Caller, Role},
    error::Result,
};

/// An argon2id hash as a PHC string. Doesn't print itself.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Members of staff (员工).
pub mod staff {
    use sea_orm::entity::prelude::*;

    use super::PasswordHash;
    use crate::ids::StaffId;

    /// A member of staff (员工).
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "staff")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: StaffId,
        /// The sign-in name: 2-64 of `a-z 0-9 . _ -`, unique.
        pub name: String,
        /// The password's hash.
        pub password_hash: PasswordHash,
        /// admin, operator or auditor.
        pub role: String,
        /// Whether the account can be used.
        pub enabled: bool,
        /// When it was made.
        pub created_at: DateTimeUtc,
        /// When it was last changed.
        pub updated_at: DateTimeUtc,
    }

    /// None: rows of other tables are read by id.
    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl staff::Model {
    /// The role, by which its scopes are known.
    pub fn role(&self) -> Result<Role> {
        self.role.parse()
    }

    /// The member of staff as one who acts.
    pub fn caller(&self) -> Result<Caller> {
        Ok(Caller::Staff { id: self.id, name: self.name.clone(), role: self.role()?, from: None })
    }
}
