//! `GET /s/{code}`: where the flow stands, as a page; and the few pages beside it.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use esign_domain::{
    Error,
    flow::h5::{self, SignerView, Step},
    terms::AuthType,
};

use crate::{
    answer,
    page::{Page, RefusalPage},
    state::version,
    visit::{Desk, Visit},
};

mod authenticate;
mod end;
mod sign;

pub(crate) use authenticate::face_page;
pub(crate) use sign::sign_page;

/// `GET /s/{code}`.
pub async fn show(State(desk): State<Arc<Desk>>, visit: Visit) -> Response {
    match look(&desk, &visit).await {
        Ok(view) => draw(&desk, &visit, &view),
        Err(error) => desk.refuse(&visit, &error),
    }
}

/// Opens the link, asks about a user who comes back from the auth system, notes that a transfer's page was seen.
async fn look(desk: &Desk, visit: &Visit) -> Result<SignerView, Error> {
    let app = &desk.app;
    let flow = h5::open(app, &visit.code, &visit.visitor).await?;
    if flow.auth_type == AuthType::FaceVerification
        && let Err(error) = h5::returned(app, &visit.code).await
    {
        // The auth system can't be asked now; its word comes by callback or poll, and the page stands without it.
        tracing::warn!(%error, "the auth system could not be asked at once");
    }
    let view = h5::view(app, &visit.code).await?;
    if view.step == Step::AuthPayment {
        h5::seen(app, &view.flow).await?;
    }
    Ok(view)
}

fn draw(desk: &Desk, visit: &Visit, view: &SignerView) -> Response {
    let language = visit.wish.preference.language;
    match view.step {
        Step::Read => give(desk, visit, view, &sign::read_page(desk, visit, view, false)),
        Step::Sign => give(desk, visit, view, &sign_page(desk, language, view)),
        Step::AuthPayment => match authenticate::payment_page(desk, language, view) {
            Some(page) => give(desk, visit, view, &page),
            None => give(desk, visit, view, &authenticate::wait_page(language, view)),
        },
        Step::AuthFace => give(desk, visit, view, &face_page(view)),
        Step::Wait => give(desk, visit, view, &authenticate::wait_page(language, view)),
        Step::Done => give(desk, visit, view, &end::done_page(language, view)),
        Step::Failed | Step::TimedOut | Step::Cancelled => give(desk, visit, view, &end::ended_page(language, view)),
    }
}

fn give<P: Page>(desk: &Desk, visit: &Visit, view: &SignerView, page: &P) -> Response {
    answer::page(&visit.wish, StatusCode::OK, &visit.frame(desk, version(view)), page)
}

/// `GET /s/{code}/reading`: the documents once more, for somebody about to sign.
pub async fn read_again(State(desk): State<Arc<Desk>>, visit: Visit) -> Response {
    match h5::view(&desk.app, &visit.code).await {
        Ok(view) if view.step == Step::Sign => give(&desk, &visit, &view, &sign::read_page(&desk, &visit, &view, true)),
        Ok(_) => answer::onward(&visit.base, None),
        Err(error) => desk.refuse(&visit, &error),
    }
}

/// `GET /s/{code}/refusal`: asked before declining.
pub async fn refusal(State(desk): State<Arc<Desk>>, visit: Visit) -> Response {
    match h5::view(&desk.app, &visit.code).await {
        Ok(view) => ask_refusal(&desk, &visit, &view, None),
        Err(error) => desk.refuse(&visit, &error),
    }
}

/// Asks for a reason, or with one given, once more. A flow that has moved on is shown instead.
pub(crate) fn ask_refusal(desk: &Desk, visit: &Visit, view: &SignerView, given: Option<(&str, &str)>) -> Response {
    let progress = match view.step {
        Step::Read => Some(1),
        Step::Sign => Some(2),
        Step::AuthPayment | Step::AuthFace | Step::Wait => Some(3),
        _ => return answer::onward(&visit.base, None),
    };
    let page = RefusalPage {
        within: view.step.as_str(),
        progress,
        client: view.client_name.clone(),
        confirming: given.is_some(),
        reason: given.map(|(reason, _)| reason.to_owned()),
        details: given.map(|(_, details)| details.to_owned()).unwrap_or_default(),
    };
    give(desk, visit, view, &page)
}

/// `GET /s/{code}/face`: on to the auth system's own page.
pub async fn face(State(desk): State<Arc<Desk>>, visit: Visit) -> Response {
    match h5::face_url(&desk.app, &visit.code).await {
        Ok(Some(url)) => onto(&url),
        Ok(None) => answer::onward(&visit.base, None),
        Err(error) => desk.refuse(&visit, &error),
    }
}

/// `GET /s/{code}/back`: from an end page to where upstream wants its user.
pub async fn back(State(desk): State<Arc<Desk>>, visit: Visit) -> Response {
    match h5::view(&desk.app, &visit.code).await {
        Ok(SignerView { return_to: Some(url), flow, .. }) if flow.status.is_terminal() => onto(&url),
        Ok(_) => answer::onward(&visit.base, None),
        Err(error) => desk.refuse(&visit, &error),
    }
}

fn onto(url: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, url.to_owned())]).into_response()
}
