//! What stands beside the timeline: whose flow it is, its documents, messages, attempts, what decided it, what is due.

use chrono::{DateTime, Utc};
use esign_domain::{
    flow::{input::Subject, staff::Timeline},
    job::entity::job,
    stuck::Cause,
    terms::{AuthStatus, FlowStatus, SealStatus, SmsStatus, SubjectType},
};
use esign_web::language::Language;
use serde::Serialize;
use serde_json::Value;

use super::next;
use crate::{
    kit::KIT,
    moment::{Moment, span},
};

/// Who signs, masked.
#[derive(Debug, Clone, Serialize)]
pub struct Party {
    /// Name: clear for a company.
    pub name: String,
    /// The key of 对公 or 对私.
    pub kind: String,
    /// The key of the part in the relation.
    pub role: String,
    /// Upstream's number.
    pub number: String,
    /// What is hidden, each with the name under which it can be shown.
    pub hidden: Vec<Hidden>,
}

/// A hidden value.
#[derive(Debug, Clone, Serialize)]
pub struct Hidden {
    /// The name in the address, and its message: `personal-{field}`.
    pub field: &'static str,
    /// As everybody sees it.
    pub masked: String,
}

/// Who signs.
pub fn party(subject: &Subject) -> Party {
    let individual = subject.kind == SubjectType::Individual;
    let hidden = [
        individual.then(|| ("name", subject.name_for(false))),
        subject.signatory_name.as_ref().map(|name| ("signatoryName", name.masked())),
        Some(("mobile", subject.mobile.masked())),
        Some(("idNumber", subject.id_number.masked())),
        subject
            .account
            .as_ref()
            .map(|account| ("bankAccount", format!("{} {}", account.bank_name, account.number.masked()))),
    ];
    Party {
        name: subject.name_for(false),
        kind: format!("subject-{}", subject.kind),
        role: format!("role-of-{}", subject.role),
        number: subject.subject_no.clone(),
        hidden: hidden.into_iter().flatten().map(|(field, masked)| Hidden { field, masked }).collect(),
    }
}

/// A document.
#[derive(Debug, Clone, Serialize)]
pub struct Paper {
    /// Its number, from 1.
    pub position: i32,
    /// Its name.
    pub name: String,
    /// The version of its text.
    pub version: i32,
    /// The class of the tag.
    pub tone: &'static str,
    /// The key of how it stands.
    pub state: String,
    /// The digest of the file as it stands, short; the whole behind it.
    pub digest: Option<(String, String)>,
}

/// The documents.
pub fn papers(told: &Timeline) -> Vec<Paper> {
    let paper = |record: &esign_domain::seal::entity::seal_record::Model| {
        let digest = record.sealed_digest.clone().or_else(|| record.content_digest.clone());
        Paper {
            position: record.position,
            name: record.document_name.clone(),
            version: record.template_version,
            tone: match record.status {
                SealStatus::Sealed => "done",
                SealStatus::Failed => "fail",
                SealStatus::Pending | SealStatus::Signed => "",
            },
            state: format!("seal-{}", record.status),
            digest: digest.map(|whole| (short(&whole), whole)),
        }
    };
    told.documents.iter().map(paper).collect()
}

/// A long value with its middle left out.
pub(super) fn short(value: &str) -> String {
    match (value.get(..6), value.len().checked_sub(4).and_then(|at| value.get(at..))) {
        (Some(head), Some(tail)) if value.len() > 14 => format!("{head}…{tail}"),
        _ => value.to_owned(),
    }
}

/// A message or an attempt.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// When it was asked for.
    pub at: Moment,
    /// The key of what it is.
    pub kind: String,
    /// Its number.
    pub number: i32,
    /// With whom.
    pub with: Option<String>,
    /// Under which number there.
    pub under: Option<String>,
    /// The class of the tag.
    pub tone: &'static str,
    /// The key of how it stands.
    pub state: String,
    /// Why it failed, as it was told.
    pub why: Option<String>,
    /// How long it took.
    pub took: Option<String>,
}

/// Messages and attempts, oldest first.
pub fn records(language: Language, told: &Timeline, now: DateTime<Utc>) -> Vec<Record> {
    let sms = told.messages.iter().map(|record| {
        let tone = match record.status {
            SmsStatus::Delivered => "done",
            SmsStatus::Failed => "fail",
            SmsStatus::Queued | SmsStatus::Accepted => "",
        };
        let end = record.delivered_at.or(record.sent_at);
        (
            record.created_at,
            Record {
                at: Moment::of(language, record.created_at, now),
                kind: if record.ordinal == 1 { "record-sms" } else { "record-sms-again" }.to_owned(),
                number: record.ordinal,
                with: record.gateway.clone(),
                under: record.gateway_message_id.as_deref().map(short),
                tone,
                state: format!("sms-{}", record.status),
                why: record.failure_reason.clone(),
                took: end.map(|end| span(language, end - record.created_at)),
            },
        )
    });
    let auth = told.attempts.iter().map(|record| {
        let tone = match record.status {
            AuthStatus::Passed => "done",
            AuthStatus::Rejected => "fail",
            AuthStatus::Expired => "warn",
            _ => "",
        };
        let over = matches!(record.status, AuthStatus::Passed | AuthStatus::Rejected | AuthStatus::Expired);
        (
            record.created_at,
            Record {
                at: Moment::of(language, record.created_at, now),
                kind: format!("auth-type-{}", record.kind),
                number: record.attempt,
                with: record.masked_account.clone(),
                under: record.challenge_id.as_deref().map(short),
                tone,
                state: format!("auth-{}", record.status),
                why: record.rejected_reason.clone(),
                took: over.then(|| span(language, record.updated_at - record.created_at)),
            },
        )
    });
    let mut records: Vec<_> = sms.chain(auth).collect();
    records.sort_by_key(|(at, _)| *at);
    records.into_iter().map(|(_, record)| record).collect()
}

/// What decided one of the two choices.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// The key of what was chosen.
    pub title: &'static str,
    /// Its page.
    pub href: Option<String>,
    /// The selector that won.
    pub selector: String,
    /// Its version.
    pub version: i64,
    /// The selectors it beat.
    pub beaten: Vec<String>,
}

/// What decided the auth type and the message's words.
pub fn choices(language: Language, decision: &Value) -> Vec<Choice> {
    let choice = |title, prefix: &str, path: &str| {
        let of = |name: &str| &decision[format!("{prefix}{name}")];
        let beaten = decision[format!("{prefix}sBeaten")].as_array();
        Some(Choice {
            title,
            href: of("Id").as_str().map(|id| format!("{path}/{id}")),
            selector: in_words(language, of("Selector").as_str()?),
            version: of("Version").as_i64()?,
            beaten: beaten
                .into_iter()
                .flatten()
                .filter_map(|one| one["selector"].as_str().map(|key| in_words(language, key)))
                .collect(),
        })
    };
    let rule = choice("decided-auth", "authRule", "/admin/rules");
    let template = choice("decided-sms", "smsTemplate", "/admin/sms-templates");
    [rule, template].into_iter().flatten().collect()
}

/// A selector's key (`COLLECTION|CORPORATE|*`) as it stands in the lists of rules and templates.
fn in_words(language: Language, key: &str) -> String {
    const PARTS: [(&str, &str); 3] =
        [("scene-", "rule-any-scene"), ("subject-", "rule-any-subject"), ("", "rule-any-agreement")];
    let word = |(value, (prefix, any)): (&str, (&str, &str))| {
        let message = if value == "*" { any.to_owned() } else { format!("{prefix}{value}") };
        KIT.words.plain(language, &message).unwrap_or_else(|| value.to_owned())
    };
    key.split('|').zip(PARTS).map(word).collect::<Vec<_>>().join(" · ")
}

/// A job that waits, runs or was given up.
#[derive(Debug, Clone, Serialize)]
pub struct Due {
    /// Its message is `job-{kind}`.
    pub kind: String,
    /// When it is due, or since when it is given up.
    pub at: Moment,
    /// The key of how it stands.
    pub state: &'static str,
    /// How often it failed.
    pub failures: i32,
    /// The key of why.
    pub cause: Option<&'static str>,
}

/// What is due.
pub fn due(language: Language, told: &Timeline, now: DateTime<Utc>) -> Vec<Due> {
    let due = |row: &job::Model| Due {
        kind: format!("job-{}", row.kind),
        at: Moment::of(language, row.finished_at.unwrap_or(row.due_at), now),
        state: match row.state.as_str() {
            "running" => "job-runs",
            "discarded" => "job-given-up",
            _ if row.due_at <= now => "job-due",
            _ => "job-waits",
        },
        failures: row.failures,
        cause: row
            .last_error
            .as_deref()
            .filter(|_| row.failures > 0 || row.state == "discarded")
            .map(|told| next::cause(Cause::of(told))),
    };
    // Once everything is passed or over, nothing expires any more: those jobs find nothing to do.
    let past = told.flow.status.is_terminal() || told.flow.status == FlowStatus::Sealing;
    let counts = |row: &&job::Model| !(past && row.kind.starts_with("expire_"));
    told.jobs.iter().filter(counts).map(due).collect()
}

/// The claims of a result token, laid out for people; none: there is none yet.
pub fn claims(told: &Timeline) -> Option<String> {
    let token = &told.result.as_ref()?.token;
    let body = token.split('.').nth(1)?;
    let bytes = base64(body)?;
    let claims: Value = serde_json::from_slice(&bytes).ok()?;
    serde_json::to_string_pretty(&claims).ok()
}

fn base64(text: &str) -> Option<Vec<u8>> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.decode(text).ok()
}
