//! Overviews of many flows, kept for a moment.
//!
//! What an overview costs grows with the flows it is about, and every open page asks anew whenever anything moves. Of a
//! hundred flows each one matters, and figures are worked out each time; of a hundred thousand nobody sees the last ten
//! seconds. So figures of many flows serve whoever asks within a time that grows with their number, and tell of when they
//! are. Who asks while they are being worked out waits for them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Overview, Span};
use crate::{error::Result, ids::ClientId};

/// Figures of fewer flows are never kept.
const MANY: u64 = 1_000;
/// For each so many flows they are kept a second.
const A_SECOND: u64 = 10_000;

/// Whose figures, and of which span: who sees all clients is given what others who see all were given.
pub(super) type Key = (Option<ClientId>, Option<ClientId>, Span);

/// The overviews that a process has worked out.
#[derive(Default)]
pub struct Kept(Mutex<HashMap<Key, Arc<tokio::sync::Mutex<Option<Overview>>>>>);

impl Kept {
    /// The overview that begins there, at most as old as it may be; worked out if need be.
    pub(super) async fn or_made(
        &self,
        key: Key,
        (from, now): (DateTime<Utc>, DateTime<Utc>),
        make: impl Future<Output = Result<Overview>>,
    ) -> Result<Overview> {
        let place = Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
        let mut kept = place.lock().await;
        if let Some(known) = kept.as_ref().filter(|known| known.from == from && now - known.to < good_for(known)) {
            return Ok(known.clone());
        }
        let fresh = make.await?;
        *kept = (fresh.funnel.started >= MANY).then(|| fresh.clone());
        Ok(fresh)
    }
}

fn good_for(overview: &Overview) -> TimeDelta {
    let milliseconds = overview.funnel.started.saturating_mul(1_000) / A_SECOND;
    TimeDelta::milliseconds(i64::try_from(milliseconds).unwrap_or(i64::MAX / 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::stats::{Earlier, Funnel};

    const KEY: Key = (None, None, Span::Today);

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    async fn asked(kept: &Kept, (from, now): (&str, &str), started: u64) -> u64 {
        let (from, to) = (at(from), at(now));
        let made = async {
            Ok(Overview {
                span: Span::Today,
                from,
                to,
                funnel: Funnel { started, ..Funnel::default() },
                earlier: Earlier { started: 0, completed: 0 },
                by_status: Vec::new(),
                median_seconds: None,
                ninth_seconds: None,
                sms_accepted_rate: None,
                slots: Vec::new(),
                step: TimeDelta::minutes(30),
                gateways: Vec::new(),
            })
        };
        kept.or_made(KEY, (from, to), made).await.unwrap().funnel.started
    }

    #[tokio::test]
    async fn figures_of_many_flows_serve_for_as_long_as_their_number_says_and_of_few_never() {
        const DAY: &str = "2026-11-24T16:00:00Z";
        let kept = Kept::default();
        for (now, started, told) in [
            ("2026-11-24T17:00:00Z", 999, 999),
            ("2026-11-24T17:00:00Z", 20_000, 20_000),
            ("2026-11-24T17:00:01.999Z", 20_001, 20_000),
            ("2026-11-24T17:00:02Z", 20_002, 20_002),
        ] {
            assert_eq!(asked(&kept, (DAY, now), started).await, told, "{now}");
        }
        assert_eq!(asked(&kept, ("2026-11-25T16:00:00Z", "2026-11-24T17:00:02Z"), 7).await, 7, "another day");
    }
}
