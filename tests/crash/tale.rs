//! What may become of a flow, and what must then be found.

use serde_json::Value;

use crate::{dice::Dice, party};

/// What a signer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tale {
    /// A company types the amount, after so many wrong ones; three end a challenge.
    Pays {
        /// Wrong amounts before the right one.
        wrong: usize,
    },
    /// A person shows the face, after so many that were not recognised; three end the flow.
    ShowsFace {
        /// Faces that were not recognised.
        failed: usize,
    },
    /// Reads, and refuses to sign.
    Declines,
    /// Reads; upstream thinks better of it.
    IsCancelled,
    /// Never opens the link.
    NeverComes,
}

/// Every tale, the ordinary ones more than once; told round and round.
const TALES: [Tale; 11] = [
    Tale::Pays { wrong: 0 },
    Tale::ShowsFace { failed: 0 },
    Tale::Pays { wrong: 1 },
    Tale::ShowsFace { failed: 1 },
    Tale::Declines,
    Tale::Pays { wrong: 3 },
    Tale::ShowsFace { failed: 0 },
    Tale::NeverComes,
    Tale::ShowsFace { failed: 3 },
    Tale::IsCancelled,
    Tale::Pays { wrong: 0 },
];

/// How long a link is good for that nobody opens, in seconds.
const SHORT_SESSION: u64 = 6;

impl Tale {
    /// The tale of a flow.
    pub fn of(number: usize) -> Self {
        TALES[number % TALES.len()]
    }

    /// What the flow is started with.
    pub fn input(self, flow_no: &str, dice: &mut Dice) -> Value {
        let mut input = match self {
            Self::Pays { .. } | Self::Declines => party::company(flow_no, dice),
            Self::ShowsFace { .. } | Self::IsCancelled | Self::NeverComes => party::person(flow_no, dice),
        };
        if self == Self::NeverComes {
            input["expiresInSeconds"] = SHORT_SESSION.into();
        }
        input
    }

    /// The status it must end in, and why if not COMPLETED.
    pub fn end(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::ShowsFace { failed: 3 } => ("FAILED", Some("AUTH_FAILED")),
            Self::Pays { .. } | Self::ShowsFace { .. } => ("COMPLETED", None),
            Self::Declines => ("FAILED", Some("SIGN_DECLINED")),
            Self::IsCancelled => ("CANCELLED", None),
            Self::NeverComes => ("TIMED_OUT", None),
        }
    }

    /// How often each of these events must be in its chain: what was done once must have happened once.
    pub fn counts(self) -> Vec<(&'static str, usize)> {
        let signs = matches!(self, Self::Pays { .. } | Self::ShowsFace { .. });
        let completes = self.end().0 == "COMPLETED";
        let mut counts = vec![
            ("STARTED", 1),
            ("SIGNED", usize::from(signs)),
            ("AUTH_PASSED", usize::from(completes)),
            ("SEALED", usize::from(completes)),
            ("SIGN_FAILED", 0),
        ];
        match self {
            Self::Pays { wrong } => {
                counts.push(("MATERIAL_SUBMITTED", wrong + 1));
                counts.push(("MATERIAL_REFUSED", wrong - wrong / 3));
                counts.push(("AUTH_REJECTED", wrong / 3));
                counts.push(("AUTH_REQUESTED", wrong / 3));
                counts.push(("CHALLENGE_CREATED", wrong / 3 + 1));
            }
            Self::ShowsFace { failed } => {
                counts.push(("AUTH_REJECTED", failed));
                counts.push(("AUTH_REQUESTED", (failed + 1).min(3)));
                counts.push(("CHALLENGE_CREATED", (failed + 1).min(3)));
            }
            Self::Declines => counts.push(("DECLINED", 1)),
            Self::IsCancelled => counts.push(("CANCELLED", 1)),
            Self::NeverComes => counts.push(("SESSION_EXPIRED", 1)),
        }
        counts
    }
}

/// A tale that was lived.
#[derive(Debug)]
pub struct Lived {
    /// Which tale.
    pub tale: Tale,
    /// Upstream's number of the flow.
    pub flow_no: String,
    /// Where its SMS went.
    pub mobile: String,
    /// The flow, once it was accepted.
    pub flow_id: Option<String>,
    /// What kept the signer from its end.
    pub trouble: Option<String>,
}
