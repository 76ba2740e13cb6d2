//! Verification: is this sealed PDF, or this result token, exactly what we made?
//!
//! One judgement, two doors: the page at `/verify`, where anyone drops a file or pastes a token, and `esign verify`, which
//! needs nothing but the file. Nothing is looked up and nothing is kept: the answer follows from the bytes, from the
//! roots that are trusted, and from the published keys.
//!
//! Four verdicts. *Intact*: not one byte differs, and the signer is one we trust. *Signer unknown*: not one byte
//! differs, but whose the certificate is can't be told. *Altered*. *Unreadable*: neither of the two, or signed in a way
//! that can't be judged here.

pub mod page;

use chrono::{DateTime, Utc};
use esign_domain::client::{jws::Refused, keyset::verify_result};
use esign_sealing::{PdfReport, TrustAnchors, verify};
use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;
use serde_json::Value;

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Exactly what was signed, by a signer we trust.
    Intact,
    /// Exactly what was signed, but the signer is not among those we trust.
    SignerUnknown,
    /// Changed after it was signed.
    Altered,
    /// Neither a sealed PDF nor a result token, or one that can't be judged here.
    Unreadable,
}

impl Verdict {
    /// What `esign verify` exits with.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Intact => 0,
            Self::Altered => 1,
            Self::Unreadable => 2,
            Self::SignerUnknown => 3,
        }
    }
}

/// A verdict and what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    /// What came out.
    pub verdict: Verdict,
    /// What was found in a sealed PDF.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<PdfReport>,
    /// The claims of a genuine result token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Value>,
    /// What is wrong, in plain English; empty when nothing is.
    pub problems: Vec<String>,
}

/// Whom and what one trusts.
pub struct Trust {
    /// Roots of the certificates in PDFs.
    pub roots: TrustAnchors,
    /// The published keys of result tokens.
    pub keys: JwkSet,
}

/// Judges a file or a token.
pub fn judge(bytes: &[u8], trust: &Trust, now: DateTime<Utc>) -> Judgement {
    if bytes.iter().take(1024).collect::<Vec<_>>().windows(5).any(|part| part.iter().copied().eq(b"%PDF-")) {
        return judge_document(bytes, trust, now);
    }
    match std::str::from_utf8(bytes).map(str::trim) {
        Ok(text) if is_compact_jws(text) => judge_token(text, trust),
        _ => unreadable("neither a PDF nor a result token".to_owned()),
    }
}

fn judge_document(bytes: &[u8], trust: &Trust, now: DateTime<Utc>) -> Judgement {
    match verify(bytes, &trust.roots, now) {
        Err(error) => unreadable(error.to_string()),
        Ok(report) => {
            let verdict = match (report.intact, report.trusted) {
                (true, true) => Verdict::Intact,
                (true, false) => Verdict::SignerUnknown,
                (false, _) => Verdict::Altered,
            };
            Judgement { verdict, problems: report.problems.clone(), document: Some(report), claims: None }
        }
    }
}

fn judge_token(token: &str, trust: &Trust) -> Judgement {
    match verify_result(&trust.keys, token) {
        Ok(claims) => {
            Judgement { verdict: Verdict::Intact, document: None, claims: Some(claims), problems: Vec::new() }
        }
        Err(refused @ (Refused::Signature | Refused::Claims)) => {
            Judgement { verdict: Verdict::Altered, document: None, claims: None, problems: vec![refused.to_string()] }
        }
        Err(refused) => unreadable(refused.to_string()),
    }
}

fn unreadable(problem: String) -> Judgement {
    Judgement { verdict: Verdict::Unreadable, document: None, claims: None, problems: vec![problem] }
}

/// Three parts of base64url with dots between (RFC 7515, 7.1).
fn is_compact_jws(text: &str) -> bool {
    let is_base64url = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 3 && parts[..2].iter().all(|part| !part.is_empty()) && parts.iter().all(|part| is_base64url(part))
}

#[cfg(test)]
mod tests {
    use esign_domain::{
        client::keyset::Keyset,
        clock::{Clock, Random, SystemClock},
    };
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_is_genuine_or_altered_and_another_system_s_is_neither() {
        let (random, now) = (Random::seeded(1), SystemClock.now());
        let keyset = Keyset::generate(&random, now);
        let trust = Trust { roots: TrustAnchors::empty(), keys: keyset.jwks() };
        let claims = json!({"sub": "flow_1", "status": "COMPLETED"});
        let token = keyset.sign_result(&claims);
        let genuine = judge(format!("  {token}\n").as_bytes(), &trust, now);
        assert_eq!((genuine.verdict, genuine.claims), (Verdict::Intact, Some(claims.clone())));
        let (head, rest) = token.split_once('.').unwrap();
        let other = keyset.sign_result(&json!({"sub": "flow_2", "status": "COMPLETED"}));
        let body = other.split('.').nth(1).unwrap();
        let forged = format!("{head}.{body}.{}", rest.split_once('.').unwrap().1);
        assert_eq!(judge(forged.as_bytes(), &trust, now).verdict, Verdict::Altered);
        let foreign = Keyset::generate(&random, now).sign_result(&claims);
        assert_eq!(judge(foreign.as_bytes(), &trust, now).verdict, Verdict::Unreadable);
    }

    #[test]
    fn what_is_neither_is_said_to_be_unreadable() {
        let trust = Trust { roots: TrustAnchors::empty(), keys: JwkSet { keys: Vec::new() } };
        for bytes in [&b""[..], b"hello", b"a.b", b"..", b"\xff\xfe", b"%PDF-1.7\n%%EOF"] {
            assert_eq!(judge(bytes, &trust, SystemClock.now()).verdict, Verdict::Unreadable, "{bytes:?}");
        }
    }
}
