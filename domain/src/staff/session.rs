//! Sessions.
use chrono::{DateTime, Utc};
use esign_config::Secret;

use super::Staff;
use crate::{App, Caller, Error, Result};

/// How far signing in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// A code is asked for.
    Code,
    /// An authenticator must be set up.
    Enrol,
    /// In.
    Full,
}

/// A session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose.
    pub staff: Staff,
    /// How far.
    pub stage: Stage,
    /// The mark of its forms.
    pub csrf: Secret,
    /// The last proof.
    pub proven_at: DateTime<Utc>,
}

impl Session {
    /// Who acts.
    pub fn caller(&self, from: Option<std::net::IpAddr>) -> Result<Caller> {
        Ok(self.staff.caller()?.at(from))
    }

    /// Whether the password was given a short while ago.
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        self.proven_at >= now
    }

    /// Whether a code is asked for.
    pub fn has_totp(&self) -> bool {
        false
    }
}

/// The session of a token.
pub async fn find(_: &App, _: &Secret) -> Result<Option<Session>> {
    Ok(None)
}

/// Ends it.
pub async fn end(_: &App, _: &Caller, _: &Secret) -> Result<()> {
    Ok(())
}

/// The password again.
pub async fn prove_again(_: &App, _: &Secret, _: &Secret, _: Option<&str>) -> Result<()> {
    Err(Error::Unauthenticated)
}
