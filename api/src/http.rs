//! GraphQL over HTTP, by the letter of its specification and a few letters more.
//!
//! The stock service lets mutations in by GET, by `text/plain` and by multipart, which a foreign web page can send
//! without asking; takes bodies and batches of any size; and answers every fault with 200. So the handler is our own.
//! Where the specification wants 200 for a refused document (`Accept: application/json`, said outright), it gets it;
//! everybody else gets 400, and a refused request never has `data`.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::{Executor, parser::types::OperationType};
use axum::{
    Router,
    body::{Body, BodyDataStream},
    extract::{ConnectInfo, FromRequestParts, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};
use esign_domain::{error::Error, words::Lang};
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::{
    graphql::{
        admission::Payload,
        door::{ANSWER_BYTES, Door, Holder},
        error::{Voice, body, is_request_error},
        graphiql,
        rate::REQUEST,
        socket,
    },
    shield::nothing_here,
    trace::TRACE_HEADER,
};

/// The longest body, in bytes.
const BODY_BYTES: usize = 1024 * 1024;
/// So much of a longer one is still taken off the wire, and for so long, because whoever is cut short in the middle of a
/// body doesn't hear why.
const UNWANTED_BYTES: usize = 4 * BODY_BYTES;
const UNWANTED: Duration = Duration::from_secs(2);
/// The media type of the specification.
const GRAPHQL_JSON: &str = "application/graphql-response+json";
/// The media type of before it.
const JSON: &str = "application/json";

/// All routes of the GraphQL doors.
pub fn router<E: Executor>(door: Arc<Door<E>>) -> Router {
    Router::new()
        .route("/graphql", get(by_get::<E>).post(by_post::<E>))
        .route("/graphql/ws", get(socket::upgrade::<E>))
        .route("/graphql/schema.graphql", get(sdl::<E>))
        .with_state(door)
        .merge(graphiql::router())
}

impl<S: Sync> FromRequestParts<S> for Voice {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let lang = Lang::from_accept_language(text(header::ACCEPT_LANGUAGE));
        let from = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Ok(Self { lang, trace_id: text(TRACE_HEADER).to_owned(), from })
    }
}

async fn sdl<E: Executor>(State(door): State<Arc<Door<E>>>) -> Response {
    if !door.introspection {
        return nothing_here().await;
    }
    ([(header::CONTENT_TYPE, "application/graphql; charset=utf-8")], door.sdl.clone()).into_response()
}

async fn by_get<E: Executor>(
    State(door): State<Arc<Door<E>>>,
    voice: Voice,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let reply = match Reply::to(&headers, voice) {
        Ok(reply) => reply,
        Err(refusal) => return refusal,
    };
    match enter(&door, &headers).await {
        Err(error) => reply.refuse(&error),
        Ok(holder) => match Payload::from_parameters(&query.unwrap_or_default()) {
            Err(error) => reply.malformed(StatusCode::BAD_REQUEST, &error),
            Ok(payload) => answer(&door, &holder, payload, reply, true).await,
        },
    }
}

async fn by_post<E: Executor>(
    State(door): State<Arc<Door<E>>>,
    voice: Voice,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let reply = match Reply::to(&headers, voice) {
        Ok(reply) => reply,
        Err(refusal) => return refusal,
    };
    let holder = match enter(&door, &headers).await {
        Ok(holder) => holder,
        Err(error) => return reply.refuse(&error),
    };
    if !is_json(&headers) {
        let error = Error::InvalidRequest("the content type must be application/json".into());
        return reply.malformed(StatusCode::UNSUPPORTED_MEDIA_TYPE, &error);
    }
    match whole(body).await.map(|bytes| Payload::from_json(&bytes)) {
        Err((status, why)) => reply.malformed(status, &Error::InvalidRequest(why.into())),
        Ok(Err(error)) => reply.malformed(StatusCode::BAD_REQUEST, &error),
        Ok(Ok(payload)) => answer(&door, &holder, payload, reply, false).await,
    }
}

/// Reads a body into one piece: a million pieces of one byte would take fifty million bytes if they were kept.
async fn whole(body: Body) -> Result<Vec<u8>, (StatusCode, &'static str)> {
    let (mut pieces, mut bytes) = (body.into_data_stream(), Vec::new());
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| (StatusCode::REQUEST_TIMEOUT, "the body broke off, or came too slowly"))?;
        if bytes.len() + piece.len() > BODY_BYTES {
            // However this ends, the answer is the same.
            let _ = timeout(UNWANTED, pass_over(pieces)).await;
            return Err((StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than 1 MiB"));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

async fn pass_over(mut pieces: BodyDataStream) {
    let mut length = 0;
    while length < UNWANTED_BYTES
        && let Some(Ok(piece)) = pieces.next().await
    {
        length += piece.len();
    }
}

async fn enter<E: Executor>(door: &Door<E>, headers: &HeaderMap) -> Result<Holder, Error> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let holder = door.holder(authorization).await?;
    tracing::Span::current().record("client", tracing::field::display(holder.caller.label()));
    door.rate.take(&holder.caller.label(), REQUEST, Instant::now())?;
    Ok(holder)
}

async fn answer<E: Executor>(
    door: &Door<E>,
    holder: &Holder,
    payload: Payload,
    reply: Reply,
    queries_only: bool,
) -> Response {
    let admitted = match door.admit(payload) {
        Ok(admitted) => admitted,
        Err(error) => return reply.refuse(&error),
    };
    if admitted.operation == OperationType::Subscription {
        return reply.refuse(&Error::InvalidRequest("subscriptions go over /graphql/ws".into()));
    }
    if queries_only && admitted.operation != OperationType::Query {
        let error = Error::InvalidRequest("only queries may be sent by GET".into());
        let mut response = reply.malformed(StatusCode::METHOD_NOT_ALLOWED, &error);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let request = door.sign(admitted.request, holder, &reply.voice);
    let response = door.run(request, &admitted.expected, &reply.voice).await;
    reply.give(&response)
}

/// JSON in UTF-8, and not compressed: a kilobyte that becomes a megabyte is not taken.
fn is_json(headers: &HeaderMap) -> bool {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return false;
    }
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(Ok(text)), None) = (types.next().map(HeaderValue::to_str), types.next()) else { return false };
    let mut parts = text.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|media| media.eq_ignore_ascii_case(JSON));
    is_json
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
                value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

/// How this caller wants to be answered.
struct Reply {
    voice: Voice,
    media: &'static str,
    /// Whether `application/json` was asked for by name: then a refused document is 200, as the specification has it.
    lenient: bool,
}

impl Reply {
    #[expect(clippy::result_large_err, reason = "the refusal is the answer itself, made once a request at most")]
    fn to(headers: &HeaderMap, voice: Voice) -> Result<Self, Response> {
        let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        if let Some((media, lenient)) = negotiate(&accept.collect::<Vec<_>>().join(",")) {
            return Ok(Self { voice, media, lenient });
        }
        let reply = Self { voice, media: JSON, lenient: false };
        let error = Error::InvalidRequest("only application/json can be answered".into());
        Err(reply.malformed(StatusCode::NOT_ACCEPTABLE, &error))
    }

    /// Refuses a request that was not even one.
    fn malformed(&self, status: StatusCode, error: &Error) -> Response {
        let mut response = self.respond(status, &self.voice.refuse(error));
        if matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE) {
            // The rest of the body is still on its way, so nothing can follow it.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// Refuses a request that was understood as such.
    fn refuse(&self, error: &Error) -> Response {
        let mut response = self.respond(self.status_of(error), &self.voice.refuse(error));
        let (name, value) = match error {
            Error::Unauthenticated => (header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="esign""#)),
            Error::RateLimited { retry_after_seconds } => {
                (header::RETRY_AFTER, HeaderValue::from(*retry_after_seconds))
            }
            _ => return response,
        };
        response.headers_mut().insert(name, value);
        response
    }

    fn status_of(&self, error: &Error) -> StatusCode {
        match error {
            Error::Unauthenticated => StatusCode::UNAUTHORIZED,
            Error::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ if self.lenient => StatusCode::OK,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Gives what the executor said.
    fn give(&self, response: &async_graphql::Response) -> Response {
        let panicked = response.errors.iter().any(|error| error.path.is_empty() && is_internal(error));
        let status = match (is_request_error(response), panicked) {
            (true, true) => StatusCode::INTERNAL_SERVER_ERROR,
            (true, false) if !self.lenient => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        };
        self.respond(status, response)
    }

    fn respond(&self, status: StatusCode, response: &async_graphql::Response) -> Response {
        let text = body(response);
        if text.len() > ANSWER_BYTES {
            return self.refuse(&Error::QueryTooComplex);
        }
        let content_type = format!("{}; charset=utf-8", self.media);
        let headers = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-store".into())];
        (status, headers, text).into_response()
    }
}

fn is_internal(error: &async_graphql::ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    code.is_some_and(|code| *code == async_graphql::Value::from("INTERNAL"))
}

/// The media type to answer with, and whether the older one was asked for by name; none when neither will do.
fn negotiate(accept: &str) -> Option<(&'static str, bool)> {
    if accept.trim().is_empty() {
        return Some((JSON, false));
    }
    let mut best: Option<(f32, (&'static str, bool))> = None;
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let choice = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            GRAPHQL_JSON => (GRAPHQL_JSON, false),
            JSON => (JSON, true),
            "*/*" | "application/*" => (JSON, false),
            _ => continue,
        };
        let quality = parts.find_map(|p| p.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        if quality > 0.0 && best.is_none_or(|(quality_before, _)| quality > quality_before) {
            best = Some((quality, choice));
        }
    }
    best.map(|(_, choice)| choice)
}

#[cfg(test)]
mod tests;
