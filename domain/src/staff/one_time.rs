//! Time-based one-time codes (RFC 6238): six digits of HMAC-SHA-1 every 30 seconds, which is what every authenticator
//! app reckons by. The code of the step before and of the step after is good, too: clocks differ.

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;

use crate::vault;

/// Bytes of a secret: as many as the hash has (RFC 4226, R6).
pub(super) const SECRET_BYTES: usize = 20;
/// Seconds of a step.
const STEP_SECONDS: i64 = 30;
/// Who gives the codes out, as the app lists it.
const ISSUER: &str = "esign";

/// The step whose code this is, if it is one of those that are good now.
pub(super) fn step_of(secret: &[u8], code: &str, now: DateTime<Utc>) -> Option<i64> {
    let current = now.timestamp() / STEP_SECONDS;
    // Every one is compared, wherever the match stands.
    let matching = [current - 1, current, current + 1]
        .map(|step| vault::same(code_of(secret, step).as_bytes(), code.as_bytes()).then_some(step));
    matching.into_iter().flatten().last()
}

/// The code of a step.
fn code_of(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 0x0f);
    let word = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:06}", word % 1_000_000)
}

/// The code an authenticator shows now for a secret as it was handed out: for tests and the drills of operators.
pub fn code_now(secret_text: &str, now: DateTime<Utc>) -> Option<String> {
    let secret = BASE32_NOPAD.decode(secret_text.as_bytes()).ok()?;
    Some(code_of(&secret, now.timestamp() / STEP_SECONDS))
}

/// A secret as it is typed into an app.
pub(super) fn text_of(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// What an app reads from the QR code. A sign-in name has no character that an address must escape.
pub(super) fn uri_of(secret: &[u8], name: &str) -> String {
    format!(
        "otpauth://totp/{ISSUER}:{name}?secret={}&issuer={ISSUER}&algorithm=SHA1&digits=6&period={STEP_SECONDS}",
        text_of(secret)
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The secret of RFC 6238, appendix B.
    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let table = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, code) in table {
            assert_eq!(code_now(&text_of(SECRET), at(seconds)).as_deref(), Some(code));
            assert_eq!(step_of(SECRET, code, at(seconds)), Some(seconds / 30));
        }
    }

    #[test]
    fn the_steps_beside_the_current_one_are_good_and_no_others() {
        let code = code_of(SECRET, 1_000);
        for (seconds, good) in [(29_969, false), (29_970, true), (30_000, true), (30_059, true), (30_060, false)] {
            assert_eq!(step_of(SECRET, &code, at(seconds)).is_some(), good, "{seconds}");
        }
    }

    #[test]
    fn the_address_is_what_apps_read() {
        let uri = "otpauth://totp/esign:li.wei?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=esign&algorithm=SHA1&digits=6&period=30";
        assert_eq!(uri_of(SECRET, "li.wei"), uri);
    }

    proptest! {
        #[test]
        fn what_is_no_code_is_refused(text in "\\PC{0,8}", seconds in 0..4_000_000_000_i64) {
            prop_assume!(text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()));
            prop_assert_eq!(step_of(SECRET, &text, at(seconds)), None);
        }
    }
}
