//! What the records of a flow tell besides its chain: messages, attempts, late words, openings, acts of staff.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::timeline::{Entry, Fact, What};
use crate::{
    audit,
    auth::entity::{auth_entry, auth_inbox, auth_record},
    flow::entity::h5_session,
    sms::entity::sms_record,
    terms::SmsStatus,
};

impl Entry {
    /// A plain entry; what is special about it is set besides.
    pub(super) fn new(at: DateTime<Utc>, what: What) -> Self {
        Self { at, what, seq: 0, by: None, facts: Vec::new(), note: None, gist: true, failure: false }
    }

    fn with(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.facts.extend(value.map(|value| Fact { name, value: value.to_string() }));
        self
    }

    fn detail_only(self) -> Self {
        Self { gist: false, ..self }
    }
}

/// What became of a message. What its chain tells of it already is left out.
pub(super) fn of_sms(record: &sms_record::Model, in_chain: bool) -> Vec<Entry> {
    let entry =
        |at, what| Entry::new(at, what).with("ordinal", Some(record.ordinal)).with("gateway", record.gateway.as_ref());
    let mut entries = vec![entry(record.created_at, What::SmsQueued).detail_only()];
    if let Some(at) = record.sent_at.filter(|_| !in_chain) {
        entries.push(entry(at, What::SmsAccepted));
    }
    if let Some(at) = record.delivered_at {
        entries.push(entry(at, What::SmsDelivered));
    }
    let failed = record.status == SmsStatus::Failed || record.status == SmsStatus::Queued && record.attempt > 0;
    if failed {
        let told = entry(record.updated_at, What::SmsFailed)
            .with("attempt", Some(record.attempt))
            .with("failureCode", record.failure_code.as_ref());
        let gist = record.status == SmsStatus::Failed && !in_chain;
        entries.push(Entry { note: record.failure_reason.clone(), gist, failure: true, ..told });
    }
    entries
}

/// What an attempt tells: a word that came too late, and each amount that was typed.
pub(super) fn of_attempt(record: &auth_record::Model, amounts: &[auth_entry::Model]) -> Vec<Entry> {
    let mut entries = Vec::new();
    if record.late_result {
        entries.push(Entry::new(record.updated_at, What::LateResult).with("attempt", Some(record.attempt)));
    }
    let of_this = amounts.iter().filter(|amount| amount.auth_record_id == record.id);
    entries.extend((1..).zip(of_this).map(|(number, amount): (i32, _)| {
        let verdict = match amount.wrong {
            None => "PENDING",
            Some(true) => "WRONG",
            Some(false) => "RIGHT",
        };
        let told = Entry::new(amount.counted_at, What::AmountTyped).with("attempt", Some(record.attempt));
        told.with("number", Some(number)).with("verdict", Some(verdict)).detail_only()
    }));
    entries
}

/// A word that the auth system pushed.
pub(super) fn of_word(word: &auth_inbox::Model) -> Entry {
    let told = Entry::new(word.received_at, What::CallbackReceived).with("challengeId", word.challenge_id.as_ref());
    told.detail_only()
}

/// The first opening, where it moved nothing and so stands in no chain.
pub(super) fn of_session(session: &h5_session::Model, in_chain: bool) -> Option<Entry> {
    session.opened_at.filter(|_| !in_chain).map(|at| Entry::new(at, What::LinkOpened))
}

/// An act of staff. What is an event of the flow besides stands in its chain.
pub(super) fn of_act(act: &audit::entity::Model) -> Option<Entry> {
    let in_chain = ["cancelSignFlow", "resendSms", "copyLink", "abandonSeal"].contains(&act.action.as_str());
    if in_chain {
        return None;
    }
    let told = |name: &str| act.after.as_ref().and_then(|after| after.get(name)).map(plain);
    let entry = Entry::new(act.at, What::Act(act.action.clone()))
        .with("field", told("field"))
        .with("position", told("document"))
        .with("page", told("page"))
        .with("job", told("job"));
    Some(Entry { by: Some(act.actor.clone()), note: told("reason"), gist: false, ..entry })
}

/// A value as people read it.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
