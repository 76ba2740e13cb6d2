//! What the sandbox is told when it is opened, and what can go wrong then.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

/// A wall clock that can be asked from anywhere.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The secrets that may have signed deliveries to the receiver of a name.
pub type WebhookSecrets = Arc<dyn Fn(&str) -> Vec<String> + Send + Sync>;

/// Everything the sandbox needs to know of the world it is put into.
#[derive(Clone)]
pub struct SandboxConfig {
    /// Where the platform keeps its data; the sandbox writes only below `sandbox/` in it.
    pub data_dir: PathBuf,
    /// The address under which a browser reaches this server, without a slash at the end.
    pub public_url: String,
    /// The key id (`X-Esign-Key`) with which requests to the auth system must be signed.
    pub auth_key: String,
    /// The secret of that key: HMAC-SHA256 over the request, see the auth contract.
    pub auth_secret: String,
    /// The Standard Webhooks secret (`whsec_` and base64) with which the auth system signs its callbacks.
    pub callback_secret: String,
    /// How long an answered challenge stays PROCESSING before it passes, and a receipt is on its way; 300 ms is a
    /// pleasant value.
    pub settle_after: Duration,
    /// How long a face challenge waits for the user; 30 minutes by the contract.
    pub face_valid_for: Duration,
    /// How long a payment challenge waits for the amount; 72 hours by the contract.
    pub payment_valid_for: Duration,
    /// Where the SMS gateway reports receipts, if anywhere: JSON `{gatewayMessageId, messageId, status, deliveredAt}`.
    pub sms_receipt_url: Option<String>,
    /// The wall clock; the only one the sandbox looks at.
    pub clock: Clock,
    /// The file with the demo client's and staff user's credentials, read each time the try-it page asks for it.
    pub demo_credentials: Option<PathBuf>,
    /// The Standard Webhooks secrets that may have signed deliveries to the receiver of this name (several while a
    /// secret is being rotated); none: deliveries are taken unchecked, and shown as such.
    pub webhook_secrets: WebhookSecrets,
}

impl SandboxConfig {
    /// The contract's own validity of a face challenge.
    pub const FACE_VALID_FOR: Duration = Duration::from_mins(30);
    /// The contract's own validity of a payment challenge.
    pub const PAYMENT_VALID_FOR: Duration = Duration::from_hours(72);
    /// The usual time between an answer and its outcome.
    pub const SETTLE_AFTER: Duration = Duration::from_millis(300);
}

impl fmt::Debug for SandboxConfig {
    /// Secrets are left out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SandboxConfig")
            .field("data_dir", &self.data_dir)
            .field("public_url", &self.public_url)
            .field("settle_after", &self.settle_after)
            .finish_non_exhaustive()
    }
}

/// Why the sandbox could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A journal could not be read or written.
    #[error("the sandbox journal {path} cannot be opened")]
    Journal {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// The callback secret is not `whsec_` followed by base64.
    #[error("the auth system's callback secret is not a Standard Webhooks secret (whsec_ and base64)")]
    CallbackSecret,
    /// The HTTP client for callbacks could not be built.
    #[error("the HTTP client for callbacks cannot be built")]
    Client(#[source] reqwest::Error),
}
