//! What a text in the search box means.
//!
//! Names, mobile numbers and numbers of identity documents are kept sealed: they are found by their keyed hash, in full
//! or not at all. The hash is also all that an address may hold of them.

use std::{fmt, str::FromStr};

use sea_orm::prelude::*;
use uuid::Uuid;

use super::{super::entity::sign_flow, FlowFilter};
use crate::{
    App,
    error::{Error, FieldProblem, Result},
    flow::check,
    ids::FlowId,
    personal::Mobile,
};

/// What begins a flowNo must have as many characters: fewer would mean almost all of them.
const SHORTEST: usize = 3;

/// Something personal by which flows are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalKind {
    /// The subject's name.
    Name,
    /// The signatory's mobile number.
    Mobile,
    /// The number of the subject's identity document.
    IdNumber,
}

impl PersonalKind {
    const ALL: [Self; 3] = [Self::Name, Self::Mobile, Self::IdNumber];

    /// The name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Mobile => "mobile",
            Self::IdNumber => "id-number",
        }
    }

    /// What keeps the hashes of one column apart from those of others.
    pub(in crate::flow) fn purpose(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Mobile => "mobile",
            Self::IdNumber => "id_number",
        }
    }
}

/// The keyed hash of something personal: who holds it finds the same flows, and learns nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonalKey {
    /// Of what.
    pub kind: PersonalKind,
    hash: Vec<u8>,
}

impl PersonalKey {
    fn of(app: &App, kind: PersonalKind, value: &str) -> Self {
        Self { kind, hash: app.vault.lookup(kind.purpose(), value) }
    }

    pub(super) fn condition(&self) -> sea_orm::sea_query::SimpleExpr {
        let column = match self.kind {
            PersonalKind::Name => sign_flow::Column::NameHash,
            PersonalKind::Mobile => sign_flow::Column::MobileHash,
            PersonalKind::IdNumber => sign_flow::Column::IdNumberHash,
        };
        column.eq(self.hash.clone())
    }
}

/// As it stands in addresses.
impl fmt::Display for PersonalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind.as_str(), hex::encode(&self.hash))
    }
}

impl FromStr for PersonalKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let read = || {
            let (kind, hash) = text.rsplit_once('-')?;
            let kind = PersonalKind::ALL.into_iter().find(|known| known.as_str() == kind)?;
            Some(Self { kind, hash: hex::decode(hash).ok().filter(|hash| hash.len() == 32)? })
        };
        read().ok_or_else(|| Error::field("who", "not a reference to a person"))
    }
}

/// What somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// A flow, by its id.
    Flow(FlowId),
    /// A seal, auth or SMS record, by its id.
    Record(Uuid),
    /// A flowNo, or what it begins with; or a subject's number.
    Number(String),
    /// Somebody.
    Personal(PersonalKey),
}

impl Search {
    /// Reads a text; nothing but blanks: none. What can't be looked for is INVALID_ARGUMENT.
    pub fn read(app: &App, text: &str) -> Result<Option<Self>> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if let Ok(id) = text.parse::<FlowId>() {
            return Ok(Some(Self::Flow(id)));
        }
        if let Some(id) = record(text) {
            return Ok(Some(Self::Record(id)));
        }
        if let Some(mobile) = Mobile::parse(text) {
            return Ok(Some(Self::Personal(PersonalKey::of(app, PersonalKind::Mobile, mobile.expose()))));
        }
        let upper = text.to_ascii_uppercase();
        if check::is_unified_code(&upper) || check::is_resident_id(&upper) {
            return Ok(Some(Self::Personal(PersonalKey::of(app, PersonalKind::IdNumber, &upper))));
        }
        if check::is_flow_no(text) {
            return number(text).map(Some);
        }
        Ok(Some(Self::Personal(PersonalKey::of(app, PersonalKind::Name, text))))
    }

    /// The list that holds what is looked for.
    pub fn into_filter(self, filter: FlowFilter) -> FlowFilter {
        match self {
            Self::Flow(id) => FlowFilter { id: Some(id), ..filter },
            Self::Record(id) => FlowFilter { record_id: Some(id), ..filter },
            Self::Number(number) => FlowFilter { number: Some(number), ..filter },
            Self::Personal(key) => FlowFilter { personal: Some(key), ..filter },
        }
    }
}

fn record(text: &str) -> Option<Uuid> {
    let (kind, id) = text.rsplit_once('_')?;
    matches!(kind, "seal" | "auth" | "sms").then(|| Uuid::try_parse(id).ok()).flatten()
}

fn number(text: &str) -> Result<Search> {
    if text.len() < SHORTEST {
        let problem = format!("at least {SHORTEST} characters of a number");
        return Err(Error::InvalidArgument(vec![FieldProblem { path: "search".into(), problem }]));
    }
    Ok(Search::Number(text.to_owned()))
}
