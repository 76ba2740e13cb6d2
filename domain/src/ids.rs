//! Ids: `<kind>_<uuid v7>` towards the world, a plain UUID in the database, a type of its own in the code, so that the
//! id of a flow can't be handed in where that of an auth record is meant.

use std::{fmt, hash::Hash, marker::PhantomData, str::FromStr};

use sea_orm::{
    ColIdx, DbErr, QueryResult, TryFromU64, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// What an id names: gives the prefix.
pub trait Kind: 'static {
    /// The part before the underscore.
    const PREFIX: &'static str;
}

/// The id of a `K`.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

impl<K> Id<K> {
    /// Wraps a UUID.
    pub fn new(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bare UUID.
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", K::PREFIX, self.0)
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not an id of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct NotAnId;

impl<K: Kind> FromStr for Id<K> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let (prefix, uuid) = text.rsplit_once('_').ok_or(NotAnId)?;
        if prefix != K::PREFIX || uuid.len() != 36 {
            return Err(NotAnId);
        }
        Uuid::try_parse(uuid).map(Self::new).map_err(|_| NotAnId)
    }
}
impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

// What sea-orm asks of a column's type; an id is stored as its UUID.
impl<K> From<Id<K>> for Value {
    fn from(id: Id<K>) -> Self {
        id.0.into()
    }
}
impl<K> TryGetable for Id<K> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        Uuid::try_get_by(row, index).map(Self::new)
    }
}
impl<K> ValueType for Id<K> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <Uuid as ValueType>::try_from(value).map(Self::new)
    }
    fn type_name() -> String {
        "Id".into()
    }
    fn array_type() -> ArrayType {
        ArrayType::Uuid
    }
    fn column_type() -> ColumnType {
        ColumnType::Uuid
    }
}
impl<K> Nullable for Id<K> {
    fn null() -> Value {
        Uuid::null()
    }
}
impl<K> TryFromU64 for Id<K> {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("Id"))
    }
}

/// Declares the kinds: a marker type, its prefix, the name of its id.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $prefix:literal $id:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $kind {}
        impl Kind for $kind {
            const PREFIX: &'static str = $prefix;
        }
        #[doc = concat!("Id of a [`", stringify!($kind), "`]: `", $prefix, "_<uuid>`.")]
        pub type $id = Id<$kind>;
    )* };
}

kinds! {
    /// A sign flow (签约流程).
    FlowKind "flow" FlowId;
    /// An upstream system (上游系统).
    ClientKind "client" ClientId;
    /// The signer's link (H5会话).
    SessionKind "session" SessionId;
    /// One document of a flow (签章流水).
    SealRecordKind "seal" SealRecordId;
    /// One attempt at the auth system (认证关联).
    AuthRecordKind "auth" AuthRecordId;
    /// One send of an SMS (短信发送记录).
    SmsRecordKind "sms" SmsRecordId;
    /// One event of a flow's chain (流程事件).
    EventKind "event" EventId;
    /// An SMS template (短信模板).
    SmsTemplateKind "smstpl" SmsTemplateId;
    /// An auth-type rule (认证类型映射规则).
    AuthRuleKind "rule" AuthRuleId;
    /// An agreement type (协议类型).
    AgreementTypeKind "agr" AgreementTypeId;
    /// A version of an agreement's text (协议文本).
    AgreementTemplateKind "agrtpl" AgreementTemplateId;
    /// A member of staff (员工).
    StaffKind "staff" StaffId;
    /// A member of staff at one browser.
    StaffSessionKind "staffsession" StaffSessionId;
    /// One form posted by a signer; the same id again is the same act.
    SubmissionKind "sub" SubmissionId;
    /// One amount typed by a signer, counted once.
    EntryKind "entry" EntryId;
    /// One act of staff or of a client that changed what all depend on.
    AuditKind "audit" AuditId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_refuses_other_kinds() {
        let id = FlowId::new(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse::<FlowId>(), Ok(id));
        assert!(id.to_string().parse::<ClientId>().is_err());
        for bad in [
            "",
            "flow",
            "flow_",
            "flow_7",
            "FLOW_00000000-0000-0000-0000-000000000007",
            "flow_00000000000000000000000000000007",
        ] {
            assert!(bad.parse::<FlowId>().is_err(), "{bad}");
        }
    }
}
