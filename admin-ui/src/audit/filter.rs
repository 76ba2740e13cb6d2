//! Which entries: the filter as it stands in the address.

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta, Utc};
use esign_domain::audit::AuditFilter;

use crate::fields::Fields;

/// The names in the address.
pub(super) const NAMES: [&str; 5] = ["actor", "action", "target", "from", "to"];

/// Reads the filter off an address. A time that is none filters nothing.
pub(super) fn of(query: &Fields) -> AuditFilter {
    let text = |name: &str| query.given(name).map(ToOwned::to_owned);
    AuditFilter {
        actor: query.given("actor").map(actor),
        action: text("action"),
        target: text("target"),
        from: query.given("from").and_then(china),
        // Up to and with the minute that was picked.
        to: query.given("to").and_then(china).map(|to| to + TimeDelta::minutes(1)),
    }
}

/// A bare name is that of a member of staff.
fn actor(text: &str) -> String {
    let whole = text.contains(':') || matches!(text, "system" | "somebody" | "signatory");
    if whole { text.to_owned() } else { format!("staff:{text}") }
}

/// A time as browsers write it, which staff mean as China's.
fn china(text: &str) -> Option<DateTime<Utc>> {
    let zone = FixedOffset::east_opt(8 * 3_600)?;
    let at = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    Some(at.and_local_timezone(zone).single()?.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_which() {
        let filter =
            of(&Fields::read(b"actor=lan&action=setStaffRole&from=2026-11-22T08:00&to=2026-11-22T08:30&target="));
        assert_eq!((filter.actor.as_deref(), filter.action.as_deref()), (Some("staff:lan"), Some("setStaffRole")));
        assert_eq!(filter.from, Some("2026-11-22T00:00:00Z".parse().expect("a time")));
        assert_eq!(filter.to, Some("2026-11-22T00:31:00Z".parse().expect("a time")));
        assert_eq!(filter.target, None);
        for whole in ["client:demo", "system", "somebody"] {
            assert_eq!(of(&Fields::default().with("actor", whole)).actor.as_deref(), Some(whole));
        }
        assert_eq!(of(&Fields::read(b"from=yesterday")).from, None);
    }
}
