//! What upstream asks for.
//!
//! The whole input is kept sealed, in canonical form: it is what repeated calls are compared with, and where the
//! subject's personal data stands. Nothing here has a `Debug` that shows a value.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    error::Result,
    event::chain::canonical,
    personal::{AccountNo, IdNumber, Mobile, PersonName, mask_name, without_numbers},
    selector::Question,
    terms::{BusinessAction, IdDocumentType, Scene, SubjectRole, SubjectType},
};

/// The command behind `startSignFlow`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartSignFlow {
    /// 签约流程流水号, the idempotency key: 1-64 of `A-Z a-z 0-9 - _ . :`
    pub flow_no: String,
    /// 场景
    pub scene: Scene,
    /// 业务动作
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_action: Option<BusinessAction>,
    /// 资金用途: opaque, 1-64 characters.
    pub fund_purpose: String,
    /// 主体
    pub subject: SubjectInput,
    /// 协议类型, by code.
    pub agreement_type: String,
    /// Values for the agreement's own variables: an object of strings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement_variables: Option<Value>,
    /// Where the end page sends the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// Shortens or lengthens the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<i64>,
    /// The flow this one takes the place of, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<String>,
    /// Opaque, at most 2 KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// The subject as upstream names it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectInput {
    /// 对公 or 对私.
    #[serde(rename = "type")]
    pub kind: SubjectType,
    /// Part in the relation.
    pub role: SubjectRole,
    /// Upstream's own number, 1-64 characters.
    pub subject_no: String,
    /// Name, 1-100 characters.
    pub name: String,
    /// Identity document.
    pub id_document: IdDocumentInput,
    /// E.164 or an 11-digit mainland number.
    pub mobile: String,
    /// Needed for payment verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_account: Option<BankAccountInput>,
    /// The person who signs; required for companies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signatory_name: Option<String>,
}

/// An identity document.
#[derive(Clone, Serialize, Deserialize)]
pub struct IdDocumentInput {
    /// Kind.
    #[serde(rename = "type")]
    pub kind: IdDocumentType,
    /// Number.
    pub number: String,
}

/// A bank account.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BankAccountInput {
    /// 6-32 digits.
    pub account_no: String,
    /// Name of the bank.
    pub bank_name: String,
    /// Its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_code: Option<String>,
}

impl fmt::Debug for StartSignFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartSignFlow").field("flow_no", &self.flow_no).finish_non_exhaustive()
    }
}

impl StartSignFlow {
    /// The three dimensions that choose the auth type and the SMS template.
    pub fn question(&self) -> Question {
        Question { scene: self.scene, subject_type: self.subject.kind, agreement_type: self.agreement_type.clone() }
    }

    /// The values of the agreement's own variables; not an object of strings: none (the checks have said so).
    pub fn variables(&self) -> Map<String, Value> {
        self.agreement_variables.as_ref().and_then(Value::as_object).cloned().unwrap_or_default()
    }

    /// The subject, with personal values as types. Only for an input that was checked.
    pub fn subject(&self) -> Subject {
        let s = &self.subject;
        Subject {
            kind: s.kind,
            role: s.role,
            subject_no: s.subject_no.clone(),
            name: s.name.clone(),
            id_document_type: s.id_document.kind,
            id_number: IdNumber::trusted(&s.id_document.number),
            mobile: Mobile::parse(&s.mobile).unwrap_or_else(|| Mobile::trusted(&s.mobile)),
            signatory_name: s.signatory_name.as_ref().map(PersonName::trusted),
            account: s.bank_account.as_ref().map(|account| Account {
                number: AccountNo::trusted(&account.account_no),
                bank_name: account.bank_name.clone(),
                bank_code: account.bank_code.clone(),
            }),
        }
    }

    /// RFC 8785 of the input, nulls dropped, mobile as E.164: what repeated calls are compared by.
    pub fn canonical(&self) -> Result<String> {
        canonical(&self.value()?)
    }

    /// Paths at which two inputs differ, never values.
    pub fn differing_fields(&self, other: &Self) -> Result<Vec<String>> {
        let mut paths = Vec::new();
        differences("", &self.value()?, &other.value()?, &mut paths);
        Ok(paths)
    }

    fn value(&self) -> Result<Value> {
        let mut value = serde_json::to_value(self)?;
        if let Some(mobile) = Mobile::parse(&self.subject.mobile) {
            value["subject"]["mobile"] = mobile.expose().into();
        }
        drop_nulls(&mut value);
        Ok(value)
    }
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, member| !member.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

fn differences(path: &str, left: &Value, right: &Value, found: &mut Vec<String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (left, right) {
        // metadata and the agreement's variables are named whole: their inner names are upstream's own.
        (Value::Object(a), Value::Object(b)) if path.is_empty() || path.starts_with("subject") => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                differences(
                    &below(name),
                    a.get(name).unwrap_or(&Value::Null),
                    b.get(name).unwrap_or(&Value::Null),
                    found,
                );
            }
        }
        _ if left == right => {}
        _ => found.push(path.to_owned()),
    }
}

/// The subject of a flow (主体), personal values as types.
#[derive(Clone)]
pub struct Subject {
    /// 对公 or 对私.
    pub kind: SubjectType,
    /// Part in the relation.
    pub role: SubjectRole,
    /// Upstream's own number.
    pub subject_no: String,
    /// Name: public for a company, personal for an individual. Use [`Subject::name_for`] to show it.
    name: String,
    /// Kind of identity document.
    pub id_document_type: IdDocumentType,
    /// Its number.
    pub id_number: IdNumber,
    /// The signatory's number.
    pub mobile: Mobile,
    /// Who signs for a company.
    pub signatory_name: Option<PersonName>,
    /// The account to verify.
    pub account: Option<Account>,
}

/// A bank account of a subject.
#[derive(Debug, Clone)]
pub struct Account {
    /// Number.
    pub number: AccountNo,
    /// Bank.
    pub bank_name: String,
    /// Bank code.
    pub bank_code: Option<String>,
}

impl Subject {
    /// The name as a caller may see it: clear for a company or with the right to personal data, else masked.
    pub fn name_for(&self, clear: bool) -> String {
        if clear || self.kind == SubjectType::Corporate { self.name.clone() } else { mask_name(&self.name) }
    }

    /// The name itself, for the documents, the SMS and the auth system.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A text from outside, with what it quotes of this person masked; every other long number is left out of it too.
    pub fn masked_in(&self, text: &str) -> String {
        let mobile = self.mobile.expose();
        let person = (self.kind == SubjectType::Individual).then(|| (self.name.as_str(), mask_name(&self.name)));
        let known = [
            Some((mobile, self.mobile.masked())),
            Some((mobile.strip_prefix("+86").unwrap_or(mobile), self.mobile.masked())),
            Some((self.id_number.expose(), self.id_number.masked())),
            self.account.as_ref().map(|account| (account.number.expose(), account.number.masked())),
            self.signatory_name.as_ref().map(|name| (name.expose(), name.masked())),
            person,
        ];
        // A value of one letter would be found in every text, and tells nothing.
        let known = known.into_iter().flatten().filter(|(value, _)| value.chars().count() > 1);
        without_numbers(&known.fold(text.to_owned(), |text, (value, masked)| text.replace(value, &masked)))
    }

    /// The person who signs: the signatory of a company, or the individual.
    pub fn signer_name(&self) -> &str {
        self.signatory_name.as_ref().map_or(&self.name, PersonName::expose)
    }
}
