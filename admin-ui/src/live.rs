//! Live parts: a page listens to a stream that says only 'look again', and fetches itself anew.
//!
//! What changed is not told in the stream, so that it carries nothing that a page wouldn't show, and a page that missed
//! a tick is made whole by the next. The first comes at once: something may have happened after the page was made, or while
//! the stream was being opened anew.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use esign_domain::event::tail::{self, Filter};
use futures_util::{StreamExt, stream};

use crate::visit::{Answer, Visit};

/// A stream is closed after this time and opened anew by the page: so a session that was ended hears no more for long.
const LONGEST: Duration = Duration::from_mins(2);
/// However much happens, a page looks again no more often.
const PAUSE: Duration = Duration::from_secs(1);
/// A comment this often keeps proxies from closing a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Ticks whenever something happens to flows that this member may see.
pub fn ticks(visit: &Visit, filter: Filter) -> Answer {
    let events = tail::subscribe(Arc::clone(visit.app()), visit.caller(), filter, None)?;
    Ok(answer(events.map(|_| ())))
}

/// The one word of the stream. Browsers pass over an event that carries no data, so it carries its own name.
fn look() -> Event {
    Event::default().event("look").data("look")
}

fn answer(happenings: impl futures_util::Stream<Item = ()> + Send + 'static) -> Response {
    let looks = stream::unfold(Box::pin(happenings.ready_chunks(1_000)), async |mut happenings| {
        happenings.next().await?;
        tokio::time::sleep(PAUSE).await;
        Some(((), happenings))
    });
    let all = stream::once(async {}).chain(looks).map(|()| look());
    Sse::new(all.take_until(tokio::time::sleep(LONGEST)).map(Ok::<_, Infallible>))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response()
}
