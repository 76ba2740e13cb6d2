//! 处理中: what is done, what runs, and that the page may be closed.

use serde::Serialize;

use super::Page;

/// What is being waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The auth system is asked for a transfer.
    Sending,
    /// The auth system is asked for a face check.
    Facing,
    /// The auth system checks.
    Verifying,
    /// The documents are being sealed.
    Sealing,
    /// Rejected; the signer may try again.
    Again,
    /// Expired; the signer may try again.
    Lapsed,
    /// Too many wrong amounts for this account; goes on by itself.
    Blocked,
}

/// The step `wait`.
#[derive(Debug, Clone, Serialize)]
pub struct WaitPage {
    /// The step it stands for: `wait`, or `auth-payment` where another try is the signer's to start.
    #[serde(skip)]
    pub step: &'static str,
    /// What for.
    pub phase: Phase,
    pub(crate) tone: &'static str,
    pub(crate) icon: &'static str,
    /// How many documents.
    pub count: usize,
    /// When a limit ends, in words.
    pub until: String,
    /// Attempts left.
    pub tries_left: u32,
    pub(crate) stages: Vec<Stage>,
    /// Another try is the signer's to start.
    pub retry: bool,
    /// The flow can still be declined.
    pub may_decline: bool,
}

/// One line of the way to the end.
#[derive(Debug, Clone, Serialize)]
pub struct Stage {
    name: &'static str,
    state: &'static str,
    time: Option<String>,
}

impl WaitPage {
    /// A waiting page; `signed` and `verified` are times in words, where known.
    pub fn new(phase: Phase, count: usize, signed: Option<String>, verified: Option<String>) -> Self {
        let sealing = phase == Phase::Sealing;
        let (busy, icon) = match phase {
            Phase::Sending => ("busy", "building-bank"),
            Phase::Facing => ("busy", "face-id"),
            Phase::Verifying => ("busy", "shield-check"),
            Phase::Sealing => ("busy", "rubber-stamp"),
            Phase::Again | Phase::Lapsed => ("warn", "refresh"),
            Phase::Blocked => ("warn", "hourglass"),
        };
        let running = if busy == "busy" { "on" } else { "todo" };
        let stage = |name, state, time| Stage { name, state, time };
        Self {
            step: "wait",
            phase,
            tone: busy,
            icon,
            count,
            until: String::new(),
            tries_left: 0,
            stages: vec![
                stage("signed", "ok", signed),
                stage("verified", if sealing { "ok" } else { running }, verified),
                stage("sealed", if sealing { "on" } else { "todo" }, None),
                stage("finished", "todo", None),
            ],
            retry: matches!(phase, Phase::Again | Phase::Lapsed),
            may_decline: !matches!(phase, Phase::Sealing | Phase::Verifying),
        }
    }

    /// While the documents are sealed.
    pub fn sample() -> Self {
        Self::new(Phase::Sealing, 2, Some("14:22".into()), Some("14:31".into()))
    }
}

impl Page for WaitPage {
    fn template(&self) -> &'static str {
        "step/wait.html"
    }
    fn step(&self) -> &'static str {
        self.step
    }
    fn progress(&self) -> Option<u8> {
        Some(if self.phase == Phase::Sealing { 4 } else { 3 })
    }
}
