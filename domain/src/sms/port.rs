//! Where an SMS leaves the system.

use std::{collections::BTreeMap, fmt};

use async_trait::async_trait;

use crate::personal::Mobile;

/// One message on its way to a gateway.
#[derive(Clone)]
pub struct OutgoingSms {
    /// The same over all tries: a gateway answers a known id and sends nothing again.
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
}

impl fmt::Debug for OutgoingSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingSms").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// Why a gateway did not accept a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmsFailure {
    /// Not accepted; a later try may help.
    #[error("{code}: {reason}")]
    Retryable {
        /// The gateway's own code.
        code: String,
        /// In words, without personal data.
        reason: String,
    },
    /// Not accepted, and no retry will help.
    #[error("{code}: {reason}")]
    Final {
        /// The gateway's own code.
        code: String,
        /// In words, without personal data.
        reason: String,
    },
    /// Accepted or not: nobody knows. It counts as sent for the limits.
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

    /// Hands a message over; gives the gateway's own message id.
    async fn send(&self, sms: &OutgoingSms) -> Result<String, SmsFailure>;
}
