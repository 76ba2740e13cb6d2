//! `GET /s/{code}/state`: where the flow stands, in two words, for pages that wait.
//!
//! As an event stream: the state at once, then again after every event of the flow, until it ends. As JSON to whoever
//! asks for JSON: web views and proxies through which events don't come ask every few seconds.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use esign_domain::{
    App, Caller,
    event::tail::{self, Filter},
    flow::h5::{self, SignerView},
    ids::FlowId,
};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;

use crate::visit::{Desk, Visit};

/// A stream is closed after this time; the browser opens the next one by itself.
const LONGEST: Duration = Duration::from_mins(10);
/// A comment this often keeps proxies from closing a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Where the flow stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    step: &'static str,
    version: String,
    #[serde(skip)]
    ended: bool,
}

/// Changes whenever a page that waits has something new to show.
pub fn version(view: &SignerView) -> String {
    format!("{}-{}", view.flow.event_count, view.step.as_str())
}

impl Standing {
    fn of(view: &SignerView) -> Self {
        Self { step: view.step.as_str(), version: version(view), ended: view.flow.status.is_terminal() }
    }
}

/// `GET /s/{code}/state`.
pub async fn state(State(desk): State<Arc<Desk>>, visit: Visit, headers: HeaderMap) -> Response {
    let view = match h5::view(&desk.app, &visit.code).await {
        Ok(view) => view,
        Err(error) => return desk.refuse(&visit, &error),
    };
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains("application/json") {
        return Json(Standing::of(&view)).into_response();
    }
    match standings(Arc::clone(&desk.app), visit.code.clone(), view.flow.id) {
        Ok(standings) => Sse::new(
            standings.take_until(tokio::time::sleep(LONGEST)).map(|standing| Ok::<_, Infallible>(told(&standing))),
        )
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response(),
        Err(error) => desk.refuse(&visit, &error),
    }
}

fn told(standing: &Standing) -> Event {
    Event::default().json_data(standing).unwrap_or_default()
}

/// The state now and after each event of the flow; the last one is its end. Subscribed before the first look, so that
/// nothing falls between the two.
fn standings(
    app: Arc<App>,
    code: String,
    flow: FlowId,
) -> esign_domain::Result<impl Stream<Item = Standing> + Send + use<>> {
    let mut filter = Filter::default();
    filter.flow_ids = Some(vec![flow]);
    let events = tail::subscribe(Arc::clone(&app), &Caller::System, filter, None)?;
    let ticks = stream::once(async { true }).chain(events.map(|event| event.is_ok()));
    let looks = ticks.take_while(|fine| std::future::ready(*fine)).then(move |_| look(Arc::clone(&app), code.clone()));
    let known = looks.take_while(|standing| std::future::ready(standing.is_some())).filter_map(std::future::ready);
    // The end itself is told, and nothing after it.
    Ok(known.scan(false, |over, standing| {
        let before = std::mem::replace(over, standing.ended);
        std::future::ready((!before).then_some(standing))
    }))
}

async fn look(app: Arc<App>, code: String) -> Option<Standing> {
    h5::view(&app, &code).await.ok().map(|view| Standing::of(&view))
}
