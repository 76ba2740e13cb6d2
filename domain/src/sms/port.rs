//! Where an SMS leaves the system.

use std::{collections::BTreeMap, fmt};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::personal::Mobile;

/// One message on its way to a gateway.
#[derive(Clone)]
pub struct OutgoingSms {
    /// The same over all tries.
    pub message_id: String,
    /// To whom.
    pub mobile: Mobile,
    /// 签名, as registered with the carrier.
    pub sign_name: String,
    /// What the template is called at this gateway, if it knows templates.
    pub template_code: Option<String>,
    /// The whole text.
    pub text: String,
    /// The values of the variables, by name.
    pub variables: BTreeMap<String, String>,
    /// What a carrier's template is filled with, in the order in which its text asks for it: the variables of the text
    /// but for our own address, which is part of the text the carrier approved.
    pub parameters: Vec<(String, String)>,
    /// When it was asked for: carriers find messages by their day.
    pub asked_at: DateTime<Utc>,
}

impl fmt::Debug for OutgoingSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingSms").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// Why a gateway did not accept a message. What sets the first four apart is who else may be asked, and when.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmsFailure {
    /// The gateway is unwell and took nothing: another may take it now, this one later.
    #[error("{code}: {reason}")]
    Retryable {
        /// The gateway's own code.
        code: String,
        /// In words, without personal data.
        reason: String,
    },
    /// The gateway is well and takes no more for now, of this number or of us: another may take it now, this one later.
    #[error("{code}: {reason}")]
    Limited {
        /// The gateway's own code.
        code: String,
        /// In words, without personal data.
        reason: String,
    },
    /// The gateway will never take it as things stand with our account, the sign name or the template there: another may.
    #[error("{code}: {reason}")]
    Refused {
        /// The gateway's own code.
        code: String,
        /// In words, without personal data.
        reason: String,
    },
    /// It is the message or its number: nobody will take it, now or later.
    #[error("{code}: {reason}")]
    Final {
        /// The gateway's own code.
        code: String,
        /// In words, without personal data.
        reason: String,
    },
    /// Accepted or not: nobody knows. It counts as sent for the limits, and nobody else is asked until it is known.
    #[error("unknown outcome: {reason}")]
    Unknown {
        /// In words, without personal data.
        reason: String,
    },
}

/// A gateway.
#[async_trait]
pub trait SmsGateway: Send + Sync {
    /// Our name for it.
    fn name(&self) -> &str;

    /// The sign name this gateway uses when a template names none.
    fn sign_name(&self) -> &str;

    /// Whether it sends only templates that its carrier knows by a code.
    fn needs_template_code(&self) -> bool {
        false
    }

    /// Hands a message over; gives the gateway's own message id.
    async fn send(&self, sms: &OutgoingSms) -> Result<String, SmsFailure>;

    /// What became of an earlier try with an unknown outcome: the gateway's own id when it was accepted, none when it
    /// surely was not. A failure leaves it unknown, except `Final`.
    ///
    /// The generic contract answers a message id it has seen as it did the first time and sends nothing, so there the
    /// way to look is to send again, and what it has not seen is thereby sent.
    async fn lookup(&self, sms: &OutgoingSms) -> Result<Option<String>, SmsFailure> {
        self.send(sms).await.map(Some)
    }

    /// For so long after a try a lookup may find nothing of a message that was accepted all the same.
    fn lookup_lag(&self) -> TimeDelta {
        TimeDelta::zero()
    }
}
