//! Signing in.
use std::net::IpAddr;

use esign_config::Secret;

use super::session::Session;
use crate::{App, Error, Result};

/// One try.
pub struct Attempt<'a> {
    /// Name.
    pub name: &'a str,
    /// Password.
    pub password: &'a Secret,
    /// From where.
    pub from: Option<IpAddr>,
    /// The browser.
    pub agent: &'a str,
}

/// A session with its token.
pub struct Signed {
    /// The token.
    pub token: Secret,
    /// The session.
    pub session: Session,
}

/// First step.
pub async fn with_password(_: &App, _: Attempt<'_>) -> Result<Signed> {
    Err(Error::Unauthenticated)
}

/// Second step.
pub async fn with_code(_: &App, _: &Secret, _: &str) -> Result<Signed> {
    Err(Error::Unauthenticated)
}
