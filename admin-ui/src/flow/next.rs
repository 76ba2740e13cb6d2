//! What is to be done next: the banner, the way so far, and the acts.

use chrono::{DateTime, Utc};
use esign_domain::{
    flow::staff::{
        Timeline,
        next::{Holder, Possible, StaffAct, WhyNot},
    },
    stuck::Cause,
    terms::FlowEventType as Kind,
};
use esign_web::language::Language;
use serde::Serialize;

use super::tone;
use crate::moment::{Moment, span};

/// The banner.
#[derive(Debug, Clone, Serialize)]
pub struct Next {
    /// Its messages are `next-{situation}` and `next-{situation}-what`.
    pub situation: &'static str,
    /// The tone of the banner.
    pub tone: &'static str,
    /// The key of who has to act.
    pub holder: &'static str,
    /// For how long it stands there.
    pub dwell: String,
    /// Longer than usual.
    pub overdue: bool,
    /// When it ends by itself.
    pub ends: Option<Moment>,
    /// When the system tries again.
    pub again: Option<Moment>,
    /// The key of why the last try failed.
    pub cause: Option<&'static str>,
}

/// An act as it is offered.
#[derive(Debug, Clone, Serialize)]
pub struct Act {
    /// Its noun in the address, and its messages: `act-{noun}`.
    pub noun: &'static str,
    /// Its outline.
    pub icon: &'static str,
    /// It can't be undone.
    pub grave: bool,
    /// The key of why it can't be done now.
    pub why_not: Option<&'static str>,
    /// From when on it can.
    pub from: Option<Moment>,
}

/// A step of the way.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// Its message is `step-{name}`.
    pub name: &'static str,
    /// `ok`, `on`, `todo`, `bad`.
    pub state: &'static str,
    /// Its glyph.
    pub glyph: &'static str,
    /// The tone of the glyph.
    pub tone: &'static str,
    /// When it was done.
    pub at: Option<Moment>,
    /// How long it took, or takes.
    pub took: Option<String>,
}

/// An act's noun and outline.
pub fn noun(act: StaffAct) -> (&'static str, &'static str) {
    match act {
        StaffAct::Resend => ("resend", "send"),
        StaffAct::CopyLink => ("link", "link"),
        StaffAct::Cancel => ("cancellation", "ban"),
        StaffAct::AskAuthSystem => ("poll", "refresh"),
        StaffAct::RetrySeal => ("seal-retry", "rubber-stamp"),
        StaffAct::AbandonSeal => ("abandonment", "circle-x"),
    }
}

/// The banner of a flow.
pub fn next(language: Language, told: &Timeline, now: DateTime<Utc>) -> Next {
    let step = &told.next;
    let waits = told.jobs.iter().find(|job| {
        job.finished_at.is_none() && job.kind != "expire_session" && job.kind != "expire_challenge" && job.due_at > now
    });
    let failed = told.jobs.iter().find(|job| job.finished_at.is_none() && job.failures > 0);
    let holder = step.situation.holder();
    Next {
        situation: step.situation.as_str(),
        tone: match (step.overdue, holder, told.flow.status) {
            (_, Holder::Signer, _) => "wait",
            (true, _, _) | (_, Holder::Staff, _) => "warn",
            (false, Holder::System, _) => "busy",
            (false, Holder::Nobody, status) => tone(status),
        },
        holder: match holder {
            Holder::Signer => "holder-signer",
            Holder::System => "holder-system",
            Holder::Staff => "holder-staff",
            Holder::Nobody => "holder-nobody",
        },
        // Of what is over, when is told and not for how long.
        dwell: match holder {
            Holder::Nobody => Moment::of(language, step.since, now).short,
            Holder::Signer | Holder::System | Holder::Staff => span(language, now - step.since),
        },
        overdue: step.overdue,
        ends: step.ends_at.map(|at| Moment::of(language, at, now)),
        again: waits.filter(|_| holder == Holder::System).map(|job| Moment::of(language, job.due_at, now)),
        cause: failed.and_then(|job| job.last_error.as_deref()).map(|told| cause(Cause::of(told))),
    }
}

/// The key of a cause.
pub fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::TimedOut => "cause-timed_out",
        Cause::Unreachable => "cause-unreachable",
        Cause::Refused => "cause-refused",
        Cause::Gone => "cause-gone",
        Cause::Damaged => "cause-damaged",
        Cause::Unreadable => "cause-unreadable",
        Cause::Other => "cause-other",
    }
}

/// The acts that belong to the flow as it stands, those first that can be done. What a role doesn't allow is not offered.
pub fn acts(language: Language, told: &Timeline, now: DateTime<Utc>) -> Vec<Act> {
    let of = |possible: &Possible| {
        let (noun, icon) = noun(possible.act);
        let why_not = match possible.why_not {
            Some(WhyNot::NotYours | WhyNot::Status) => return None,
            None => None,
            Some(WhyNot::NotBefore(_)) => Some("why-not-before"),
            Some(WhyNot::NoneLeft) => Some("why-none-left"),
            Some(WhyNot::NothingAsked) => Some("why-nothing-asked"),
        };
        let from = match possible.why_not {
            Some(WhyNot::NotBefore(at)) => Some(Moment::of(language, at, now)),
            _ => None,
        };
        let grave = matches!(possible.act, StaffAct::Cancel | StaffAct::AbandonSeal);
        Some(Act { noun, icon, grave, why_not, from })
    };
    told.next.acts.iter().filter_map(of).collect()
}

/// The way: started, signed, authenticated, sealed, with what each step took.
pub fn rail(language: Language, told: &Timeline, now: DateTime<Utc>) -> Vec<Step> {
    let reached = |kind: Kind| {
        let at = told.entries.iter().find(|entry| entry.what.key() == kind.as_str()).map(|entry| entry.at);
        // What was read of the chain may begin later than the flow.
        at.or_else(|| (kind == Kind::Started).then_some(told.flow.created_at))
    };
    let times = [Kind::Started, Kind::Signed, Kind::AuthPassed, Kind::Sealed].map(reached);
    let names = ["start", "sign", "auth", "seal"];
    let open = times.iter().position(Option::is_none);
    let status = told.flow.status;
    let mut before = told.flow.created_at;
    let step = |(number, (name, at)): (usize, (&'static str, Option<DateTime<Utc>>))| {
        let current = open == Some(number);
        let (state, glyph, tone) = match (at, current) {
            (Some(_), _) => ("ok", "COMPLETED", "done"),
            (None, true) if status.is_terminal() => ("bad", status.as_str(), tone(status)),
            (None, true) => ("on", status.as_str(), tone(status)),
            (None, false) => ("todo", "CREATED", "idle"),
        };
        let ends = at.or_else(|| current.then(|| told.flow.completed_at.unwrap_or(now)));
        let took = ends.filter(|_| number > 0).map(|end| span(language, end - before));
        before = at.unwrap_or(before);
        Step { name, state, glyph, tone, at: at.map(|at| Moment::of(language, at, now)), took }
    };
    names.into_iter().zip(times).enumerate().map(step).collect()
}
