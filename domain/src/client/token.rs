//! Access tokens: what a client gets for its secret, and what every other door takes.
//!
//! A JWT as RFC 9068 has it, with the claims `iss aud sub exp iat jti scope`. Verified against the clock of the system,
//! to the second and without leeway: issuer and audience are the same system.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Client, jws::Refused, keyset::Keyset};
use crate::{
    app::App,
    caller::{Caller, Scopes},
    error::{Error, Result},
    ids::ClientId,
    reference,
};

/// How long an access token is good.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// The claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Who issued it: our public address.
    pub iss: String,
    /// What it is for: the API below that address.
    pub aud: String,
    /// The client it was issued to.
    pub sub: ClientId,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// Its own id.
    pub jti: String,
    /// What it allows, names separated by a blank (RFC 6749, 3.3).
    pub scope: String,
}

/// An access token as the token door hands it out.
#[derive(Clone)]
pub struct AccessToken {
    /// The token.
    pub token: String,
    /// How long it is good.
    pub lifetime: TimeDelta,
    /// What it allows.
    pub scopes: Scopes,
}

/// Issues a token to a client that has been authenticated. `asked` is the request's `scope`: a subset of the client's
/// scopes; none asks for all of them.
pub fn issue(app: &App, client: &Client, asked: Option<&str>) -> Result<AccessToken> {
    let scopes = match asked {
        None => client.scopes.0.clone(),
        Some(names) => asked_scopes(client, names)?,
    };
    let now = app.now();
    let claims = AccessClaims {
        iss: app.public(""),
        aud: app.public("/graphql"),
        sub: client.id,
        exp: (now + LIFETIME).timestamp(),
        iat: now.timestamp(),
        jti: app.random.uuid(now).to_string(),
        scope: scope_names(&scopes),
    };
    let token = app.keyset.access().sign(&claims).expect("a key set without a private key isn't made");
    Ok(AccessToken { token, lifetime: LIFETIME, scopes })
}

/// Who stands behind a bearer token, and until when. The client is looked up each time: one that has been disabled is
/// out at once, and a scope that was taken from it is taken from its tokens. `UNAUTHENTICATED` otherwise.
pub async fn admit(app: &App, token: &str) -> Result<(Caller, DateTime<Utc>)> {
    let proven = app.keyset.proven();
    let claims = proven.claims(token, || verify(&app.keyset, &app.public(""), app.now(), token));
    let claims = claims.map_err(|_| Error::Unauthenticated)?;
    let expires_at = DateTime::from_timestamp(claims.exp, 0).filter(|end| app.now() < *end);
    let expires_at = expires_at.ok_or(Error::Unauthenticated)?;
    let reference = reference::current(app).await?;
    let client = reference.client(claims.sub).filter(|client| client.enabled).ok_or(Error::Unauthenticated)?;
    let scopes = known_scopes(&claims.scope).intersection(&client.scopes.0).copied().collect();
    Ok((Caller::Client { id: client.id, code: client.code.clone(), scopes, from: None }, expires_at))
}

/// The claims of a token that this issuer issued for its API and that is still good at `now`.
pub fn verify(keyset: &Keyset, issuer: &str, now: DateTime<Utc>, token: &str) -> Result<AccessClaims, Refused> {
    let claims: AccessClaims = keyset.access().verify(token)?;
    if claims.iss != issuer {
        return Err(Refused::Issuer);
    }
    if claims.aud.strip_prefix(issuer) != Some("/graphql") {
        return Err(Refused::Audience);
    }
    if now.timestamp() >= claims.exp {
        return Err(Refused::Expired);
    }
    Ok(claims)
}

fn asked_scopes(client: &Client, names: &str) -> Result<Scopes> {
    let asked: Scopes = names.split_ascii_whitespace().map(str::parse).collect::<Result<_>>()?;
    if asked.is_empty() || !asked.is_subset(&client.scopes.0) {
        return Err(Error::field("scope", "not among the client's scopes"));
    }
    Ok(asked)
}

fn scope_names(scopes: &Scopes) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// A name that this version doesn't know opens none of its doors, so it is passed over: while versions are being
/// changed, a newer process may have issued the token.
fn known_scopes(names: &str) -> Scopes {
    names.split_ascii_whitespace().filter_map(|name| name.parse().ok()).collect()
}
