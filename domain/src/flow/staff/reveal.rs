//! One personal value in the clear: for whoever may see it, one at a time, with a reason, and written down.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    App, Caller, audit,
    caller::Operation,
    error::{Error, Result},
    flow::{cancel::reason_text, entity::sign_flow, input::Subject, secret},
    ids::FlowId,
};
use sea_orm::EntityTrait;

/// What is masked everywhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PersonalField {
    /// The name of an individual.
    Name,
    /// Who signs for a company.
    SignatoryName,
    /// The mobile number.
    Mobile,
    /// The number of the identity document.
    IdNumber,
    /// The number of the bank account.
    BankAccount,
}

impl PersonalField {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Name, Self::SignatoryName, Self::Mobile, Self::IdNumber, Self::BankAccount];

    /// The name in addresses and in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::SignatoryName => "signatoryName",
            Self::Mobile => "mobile",
            Self::IdNumber => "idNumber",
            Self::BankAccount => "bankAccount",
        }
    }

    /// Reads a name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.as_str() == name)
    }

    /// The value, if this subject has one.
    fn of(self, subject: &Subject) -> Option<String> {
        match self {
            Self::Name => Some(subject.name().to_owned()),
            Self::SignatoryName => subject.signatory_name.as_ref().map(|name| name.expose().to_owned()),
            Self::Mobile => Some(subject.mobile.expose().to_owned()),
            Self::IdNumber => Some(subject.id_number.expose().to_owned()),
            Self::BankAccount => subject.account.as_ref().map(|account| account.number.expose().to_owned()),
        }
    }
}

/// The verb. Whoever calls it has made sure that the person at the desk is still the one who signed in. The entry holds
/// which value was shown and why, never the value; it is committed before anything is shown.
pub async fn reveal(app: &App, caller: &Caller, id: FlowId, field: PersonalField, reason: &str) -> Result<String> {
    caller.require(Operation::RevealPersonal)?;
    let reason = reason_text(reason, "reason")?;
    let tx = app.write_tx().await?;
    let flow = sign_flow::Entity::find_by_id(id).one(&tx).await?.filter(|flow| caller.sees(flow.client_id));
    let flow = flow.ok_or(Error::NotFound)?;
    let subject = secret::input(app, &tx, flow.id).await?.subject();
    let value = field.of(&subject).ok_or(Error::NotFound)?;
    let told = json!({"field": field, "reason": subject.masked_in(&reason)});
    audit::of_flow(app, &tx, caller, (Operation::RevealPersonal, id), told).await?;
    app.commit(tx).await?;
    Ok(value)
}
