//! One request by a member of staff: who they are, how they want to read, and how they are answered.
//!
//! A [`Visit`] exists only for a session that is wholly signed in: [`guard`] makes it before anything below it runs and
//! sends everybody else to the sign-in page. Handlers give a page, a redirect or an error; the guard turns errors into
//! pages, so that no handler can forget one, and writes it down when a member tried what they may not do.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    body::to_bytes,
    extract::{ConnectInfo, FromRequest, FromRequestParts, Request, State},
    http::{HeaderMap, Method, Uri, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use esign_config::Secret;
use esign_domain::{
    App, Caller, Error, audit,
    staff::session::{self, Session, Stage},
    stuck,
    words::Lang,
};
use esign_web::language::Language;

use crate::{answer, cookie, fields::Fields, frame::Frame, nav::Badges, page::Page, trouble::TroublePage, wish::Wish};

/// The longest form: an agreement's text and its sample values, escaped.
const BODY_BYTES: usize = 4 * 1024 * 1024;

/// What a handler gives: an answer, or why there is none.
pub type Answer = Result<Response, Refusal>;

/// Why a request was not answered. The guard makes a page of it.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// A verb refused.
    Verb(Arc<Error>),
    /// The form doesn't carry the session's own mark: it lay too long, or comes from elsewhere.
    Foreign,
    /// The form is too long or broke off.
    Unreadable,
    /// It needs the password again; afterwards on to this address.
    ProveAgain(String),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Verb(Arc::new(error))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        // Only a carrier: the guard, which knows who asked, draws the page.
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

/// One request by a member of staff.
#[derive(Clone)]
pub struct Visit(Arc<Inside>);

struct Inside {
    app: Arc<App>,
    wish: Wish,
    uri: Uri,
    token: Secret,
    session: Session,
    caller: Caller,
    badges: Badges,
}

impl Visit {
    /// The platform.
    pub fn app(&self) -> &Arc<App> {
        &self.0.app
    }

    /// Who acts.
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.0.session
    }

    /// The session's token.
    pub fn token(&self) -> &Secret {
        &self.0.token
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        self.0.wish.preference.language
    }

    /// The same language, as the domain speaks it.
    pub fn lang(&self) -> Lang {
        self.0.wish.lang()
    }

    /// Whether this member may do an operation.
    pub fn may(&self, operation: esign_domain::caller::Operation) -> bool {
        self.caller().require(operation).is_ok()
    }

    /// What the query says.
    pub fn query(&self) -> &Fields {
        &self.0.wish.query
    }

    /// The path of the request, without its query.
    pub fn path(&self) -> &str {
        self.0.uri.path()
    }

    /// A page.
    pub fn page<P: Page>(&self, page: &P) -> Answer {
        Ok(answer::page(&self.0.wish, axum::http::StatusCode::OK, &self.frame(), page))
    }

    /// The page of a form that is shown again with what was wrong beside it.
    pub fn again<P: Page>(&self, page: &P) -> Answer {
        Ok(answer::page(&self.0.wish, axum::http::StatusCode::UNPROCESSABLE_ENTITY, &self.frame(), page))
    }

    /// A page without the console around it.
    pub fn aside<P: Page>(&self, page: &P) -> Answer {
        Ok(answer::page(&self.0.wish, axum::http::StatusCode::OK, &Frame::outside(&self.0.wish), page))
    }

    /// On to another page, where a line says what just worked, by its key (`done-...`).
    pub fn onward(&self, to: &str, done: Option<&'static str>) -> Answer {
        Ok(answer::onward(to, done))
    }

    /// Goes on only when the password was given a short while ago; else it is asked for, and then the way leads back
    /// to `back`, a page from which the act can be done again.
    pub fn require_fresh(&self, back: &str) -> Result<(), Refusal> {
        if self.session().is_fresh(self.app().now()) { Ok(()) } else { Err(Refusal::ProveAgain(back.to_owned())) }
    }

    fn frame(&self) -> Frame {
        let inside = &self.0;
        Frame::outside(&inside.wish).of(&inside.caller, inside.session.csrf.expose(), &inside.badges)
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Error::Unauthenticated.into())
    }
}

/// A form that a page of ours has sent, with the mark of the visitor's session.
#[derive(Debug)]
pub struct Posted(pub Fields);

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let Some(visit) = request.extensions().get::<Visit>().cloned() else {
            return Err(Error::Unauthenticated.into());
        };
        let body = to_bytes(request.into_body(), BODY_BYTES).await.map_err(|_| Refusal::Unreadable)?;
        let fields = Fields::read(&body);
        if cookie::same(fields.exact("csrf"), visit.session().csrf.expose()) {
            Ok(Self(fields.without(&["csrf"])))
        } else {
            Err(Refusal::Foreign)
        }
    }
}

/// Lets in whoever is signed in, and turns what a handler refuses into a page.
pub async fn guard(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let wish = Wish::of(request.headers(), request.uri());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let visit = match enter(&app, &wish, &uri, request.headers(), from).await {
        Ok(Some(visit)) => visit,
        Ok(None) => return answer::to_sign_in(&method, &uri, cookie::token(request.headers()).is_some()),
        Err(error) => return answer::trouble(&wish, &Frame::outside(&wish), &TroublePage::of(&error, &wish)),
    };
    request.extensions_mut().insert(visit.clone());
    let response = next.run(request).await;
    match response.extensions().get::<Refusal>().cloned() {
        None => response,
        Some(refusal) => refused(&visit, &method, refusal).await,
    }
}

async fn enter(
    app: &Arc<App>,
    wish: &Wish,
    uri: &Uri,
    headers: &HeaderMap,
    from: Option<std::net::IpAddr>,
) -> esign_domain::Result<Option<Visit>> {
    let Some(token) = cookie::token(headers) else { return Ok(None) };
    let Some(session) = session::find(app, &token).await?.filter(|session| session.stage == Stage::Full) else {
        return Ok(None);
    };
    let caller = session.caller(from)?;
    // A part of a page has no navigation around it.
    let badges = if wish.partial { Badges::default() } else { badges(app, &caller).await };
    let (app, wish, uri) = (Arc::clone(app), wish.clone(), uri.clone());
    Ok(Some(Visit(Arc::new(Inside { app, wish, uri, token, session, caller, badges }))))
}

/// What waits for a person. A page is worth more than the number beside its name: without it there is none.
async fn badges(app: &App, caller: &Caller) -> Badges {
    match stuck::counts(app, caller).await {
        Ok(counts) => Badges { stuck: counts.total() },
        Err(error) => {
            tracing::error!(%error, source = error.cause(), "stuck work could not be counted");
            Badges::default()
        }
    }
}

async fn refused(visit: &Visit, method: &Method, refusal: Refusal) -> Response {
    let wish = &visit.0.wish;
    let page = match &refusal {
        Refusal::Verb(error) => {
            if matches!(**error, Error::Forbidden) {
                write_down(visit, method).await;
            }
            TroublePage::of(error, wish)
        }
        Refusal::Foreign => TroublePage::foreign(),
        Refusal::Unreadable => TroublePage::unreadable(),
        Refusal::ProveAgain(back) => return answer::to_proof(back),
    };
    answer::trouble(wish, &visit.frame(), &page)
}

/// A member tried what their role does not allow: pages offer no such thing, so it was forced.
async fn write_down(visit: &Visit, method: &Method) {
    let act = format!("{method} {}", visit.path());
    tracing::warn!(actor = visit.caller().label(), act, "refused");
    if let Err(error) = audit::refused(visit.app(), visit.caller(), act).await {
        tracing::error!(%error, source = error.cause(), "a refused act could not be written down");
    }
}
