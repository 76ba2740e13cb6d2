//! What a client may have otherwise than configured.

use esign_config::Settings;
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::error::FieldProblem;

/// A client's own settings; none: the configured default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(rename_all = "camelCase", default)]
pub struct ClientSettings {
    /// How long a link lives, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_seconds: Option<i64>,
    /// How often the SMS of one flow may be sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resend_max: Option<i32>,
    /// The least time between two SMS of one flow, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resend_gap_seconds: Option<i64>,
    /// How often a signer may try to authenticate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_attempts: Option<i32>,
    /// Whether a typed name counts as a signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_typed_name: Option<bool>,
    /// Whether a declined flow may be started again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_after_decline: Option<bool>,
}

impl ClientSettings {
    /// What is out of bounds, each by its path in the input.
    pub fn problems(&self, configured: &Settings) -> Vec<FieldProblem> {
        let flow = &configured.flow;
        let bounds = [
            ("sessionSeconds", self.session_seconds, flow.session_min_seconds, flow.session_max_seconds),
            ("resendMax", self.resend_max.map(i64::from), 0, 100),
            ("resendGapSeconds", self.resend_gap_seconds, 1, 86_400),
            ("authAttempts", self.auth_attempts.map(i64::from), 1, 20),
        ];
        bounds
            .into_iter()
            .filter(|(_, value, least, most)| value.is_some_and(|value| !(*least..=*most).contains(&value)))
            .map(|(name, _, least, most)| FieldProblem {
                path: format!("settings.{name}"),
                problem: format!("must be from {least} to {most}"),
            })
            .collect()
    }
}
