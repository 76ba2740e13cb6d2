//! What needs somebody, in short; the inbox has it whole.

use esign_domain::{
    caller::Operation,
    decision,
    stuck::{self, Counts, Stuck},
};
use serde::Serialize;

use crate::visit::{Refusal, Visit};

/// Cells of the matrix without a rule: the one need that is no stuck work.
const HOLES: &str = "holes";

/// A line of it.
#[derive(Debug, Clone, Serialize)]
pub struct Need {
    /// Of which kind; its words are `overview-need-` and this.
    kind: &'static str,
    many: u64,
    icon: &'static str,
    tone: &'static str,
    href: String,
}

impl Need {
    /// Whether it stands among the stuck work.
    pub fn is_stuck(&self) -> bool {
        self.kind != HOLES
    }

    /// How many things of the kind.
    pub fn many(&self) -> u64 {
        self.many
    }
}

/// What needs somebody, by kind.
pub async fn needs(visit: &Visit) -> Result<Vec<Need>, Refusal> {
    let mut needs = Vec::new();
    if visit.may(Operation::StuckWork) {
        needs = stuck(&stuck::counts(visit.app(), visit.caller()).await?);
    }
    if visit.may(Operation::DecisionMatrix) {
        let decided = decision::matrix(visit.app(), visit.caller()).await?;
        let holes = decided.overview().without_auth_type().count() as u64;
        if holes > 0 {
            needs.push(Need { kind: HOLES, many: holes, icon: "grid-dots", tone: "warn", href: "/admin/rules".into() });
        }
    }
    Ok(needs)
}

/// The kinds of stuck work of which there is any.
pub fn stuck(counts: &Counts) -> Vec<Need> {
    let line = |kind: Stuck| {
        let (icon, tone) = looks(kind);
        let (name, many) = (kind.as_str(), counts.of(kind));
        Need { kind: name, many, icon, tone, href: format!("/admin/stuck#{name}") }
    };
    Stuck::ALL.iter().map(|kind| line(*kind)).filter(|need| need.many > 0).collect()
}

fn looks(kind: Stuck) -> (&'static str, &'static str) {
    match kind {
        Stuck::SealFails => ("rubber-stamp", "fail"),
        Stuck::ChallengeFails => ("building-bank", "fail"),
        Stuck::AuthSilent => ("hourglass", "busy"),
        Stuck::Undelivered => ("message-x", "warn"),
        Stuck::JobDiscarded => ("ban", "fail"),
        Stuck::JobFails => ("repeat", "warn"),
        Stuck::GatewayOpen => ("message-off", "warn"),
        Stuck::JobsOverdue => ("clock", "fail"),
    }
}
