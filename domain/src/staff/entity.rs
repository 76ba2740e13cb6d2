//! The table of staff.

use std::fmt;

use sea_orm::{DeriveActiveEnum, DeriveValueType, EnumIter, sea_query::StringLen};

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

/// A SHA-256 of random bits that nobody guesses. Doesn't print itself.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct TokenHash(pub Vec<u8>);

impl fmt::Debug for TokenHash {
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
        /// The TOTP's secret, sealed; none: there is no TOTP.
        pub totp_secret: Option<Vec<u8>>,
        /// Since when a code is asked for.
        pub totp_confirmed_at: Option<DateTimeUtc>,
        /// The step of the last code that was taken.
        pub totp_step: Option<i64>,
        /// How often it was changed.
        pub version: i32,
        /// Whether another member of staff knows the password: then the next sign-in asks for one of their own.
        pub password_given: bool,
    }

    /// None: rows of other tables are read by id.
    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How far somebody has come who signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(40))")]
pub enum Stage {
    /// The password was right; a code is asked for.
    #[sea_orm(string_value = "CODE")]
    Code,
    /// They are who they say they are, but somebody else knows the password: they must choose one of their own.
    #[sea_orm(string_value = "PASSWORD")]
    Password,
    /// The password was right; a TOTP must be set up first.
    #[sea_orm(string_value = "ENROL")]
    Enrol,
    /// Signed in.
    #[sea_orm(string_value = "FULL")]
    Full,
}

/// Why a session ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(40))")]
pub enum EndReason {
    /// They signed out.
    #[sea_orm(string_value = "SIGNED_OUT")]
    SignedOut,
    /// Somebody ended it from elsewhere.
    #[sea_orm(string_value = "ENDED")]
    Ended,
    /// The password, the TOTP, the role or the account's state changed.
    #[sea_orm(string_value = "ACCOUNT_CHANGED")]
    AccountChanged,
}

/// Sessions of staff.
pub mod staff_session {
    use sea_orm::entity::prelude::*;

    use super::{EndReason, Stage, TokenHash};
    use crate::ids::{StaffId, StaffSessionId};

    /// A member of staff at one browser.
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "staff_session")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: StaffSessionId,
        /// Whose.
        pub staff_id: StaffId,
        /// The hash of what the browser holds.
        pub token_hash: TokenHash,
        /// How far the sign-in has come.
        pub stage: Stage,
        /// The secret of a TOTP that is being set up here, sealed.
        pub pending_totp: Option<Vec<u8>>,
        /// When the password was right.
        pub created_at: DateTimeUtc,
        /// The last request, to the minute.
        pub last_seen_at: DateTimeUtc,
        /// When it ends in any case.
        pub expires_at: DateTimeUtc,
        /// When they last showed who they are.
        pub proven_at: DateTimeUtc,
        /// The address of the sign-in, where the door knew one.
        pub ip: Option<String>,
        /// What the browser calls itself, shortened.
        pub agent: String,
        /// When it was ended before its time.
        pub ended_at: Option<DateTimeUtc>,
        /// And why.
        pub end_reason: Option<EndReason>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Recovery codes.
pub mod staff_recovery_code {
    use sea_orm::entity::prelude::*;

    use super::TokenHash;
    use crate::ids::StaffId;

    /// A code that stands in for the TOTP once.
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "staff_recovery_code")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub staff_id: StaffId,
        /// Its hash.
        pub code_hash: TokenHash,
        /// When it was made.
        pub created_at: DateTimeUtc,
        /// When it was used up.
        pub used_at: Option<DateTimeUtc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Tries under sign-in names.
pub mod staff_guess {
    use sea_orm::entity::prelude::*;

    /// The wrong tries under one name, whether somebody bears it or not.
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "staff_guess")]
    pub struct Model {
        /// The name's keyed hash.
        #[sea_orm(primary_key, auto_increment = false)]
        pub name_hash: Vec<u8>,
        /// Tries since the last sign-in.
        pub tries: i32,
        /// Until when nobody is listened to.
        pub locked_until: Option<DateTimeUtc>,
        /// When the last one was.
        pub last_at: DateTimeUtc,
    }

    /// None: a name may be nobody's.
    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl staff::Model {
    /// Whether a code is asked for besides the password.
    pub fn has_totp(&self) -> bool {
        self.totp_confirmed_at.is_some()
    }

    /// The role, by which its scopes are known.
    pub fn role(&self) -> Result<Role> {
        self.role.parse()
    }

    /// The member of staff as one who acts.
    pub fn caller(&self) -> Result<Caller> {
        Ok(Caller::Staff { id: self.id, name: self.name.clone(), role: self.role()?, from: None })
    }
}
