//! Subscriptions, by the protocol `graphql-transport-ws`.
//!
//! A socket introduces itself within ten seconds with a token, in its first message or in the upgrade's header; then
//! it may run operations, each under an id of its own, until the token ends, its holder is shut out, or nobody
//! answers our pings. Faults of the protocol end the socket with the codes that the protocol names. The stock
//! implementation names other ones and takes ten times the memory, so the loop is our own.

mod said;

use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::{Executor, parser::types::OperationType};
use axum::{
    Extension,
    extract::{
        State,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, header},
    response::Response,
};
use esign_domain::error::{Error, Result as Admitted};
use futures_util::Stream;
use serde_json::{json, value::RawValue};
use tokio::time::{Interval, interval_at, sleep, timeout};
use tokio_stream::{StreamExt, StreamMap};

use self::said::{Said, said};
use super::{
    admission::Payload,
    door::Door,
    error::Voice,
    operation::{Step, next, refused, run},
    rate::{MESSAGE, REQUEST},
    sockets::{Pass, Seat},
};
use crate::server::Place;

/// What a socket may say at once, in bytes.
const MESSAGE_BYTES: usize = 1024 * 1024;
/// Operations that may run on one socket at a time.
const OPERATIONS: usize = 200;
/// Messages before the introduction.
const GREETINGS: usize = 20;
/// The subprotocol.
const PROTOCOL: &str = "graphql-transport-ws";

/// Why a socket is closed, by the protocol's numbers.
struct Close(u16, &'static str);

const BAD_MESSAGE: Close = Close(4400, "Bad message");
const UNAUTHORIZED: Close = Close(4401, "Unauthorized");
const FORBIDDEN: Close = Close(4403, "Forbidden");
const BAD_PROTOCOL: Close = Close(4406, "Subprotocol not acceptable");
const INIT_TIMEOUT: Close = Close(4408, "Connection initialisation timeout");
const TOO_MANY_INITS: Close = Close(4429, "Too many initialisation requests");
const TOO_MANY_SOCKETS: Close = Close(1013, "Too many sockets");
const TOO_MANY_MESSAGES: Close = Close(1013, "Too many messages");
const TRY_LATER: Close = Close(1013, "Try again later");
const GOING_AWAY: Close = Close(1001, "Going away");
const SILENT: Close = Close(1001, "No answer to ping");
const SLOW: Close = Close(1013, "Too slow");
const EXPIRED: Close = Close(4403, "Token expired");
const REVOKED: Close = Close(4403, "Token revoked");

/// What became of the other side: gone without a word, or to be closed with one.
enum End {
    Gone,
    Closed(Close),
    Duplicate(String),
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        Self::Closed(close)
    }
}

/// Turns a request into a socket. It keeps its connection's place in the house until it is closed.
pub async fn upgrade<E: Executor>(
    State(door): State<Arc<Door<E>>>,
    voice: Voice,
    place: Option<Extension<Arc<Place>>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    // Small buffers, because there may be thousands of sockets, and events are small.
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(1024)
        .write_buffer_size(0)
        .max_message_size(MESSAGE_BYTES)
        .max_frame_size(MESSAGE_BYTES)
        .on_upgrade(move |socket| async move {
            let _place = place;
            let mut wire = Wire { socket, send: door.pace.send };
            let end = match serve(&door, &mut wire, authorization, voice).await {
                Ok(never) => match never {},
                Err(end) => end,
            };
            wire.close(end, door.pace.leave).await;
        })
}

/// The socket with our patience for it.
struct Wire {
    socket: WebSocket,
    send: std::time::Duration,
}

impl Wire {
    async fn say(&mut self, message: Message) -> Result<(), End> {
        match timeout(self.send, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(SLOW.into()),
        }
    }

    async fn tell(&mut self, message: impl Into<Utf8Bytes>) -> Result<(), End> {
        self.say(Message::Text(message.into())).await
    }

    async fn close(mut self, end: End, leave: Duration) {
        let (code, reason) = match end {
            End::Gone => return,
            End::Closed(Close(code, reason)) => (code, reason.to_owned()),
            End::Duplicate(id) => (4409, format!("Subscriber for {id} already exists")),
        };
        // A close frame has room for 123 bytes of reason.
        let reason = reason.chars().take(40).collect::<String>();
        let farewell = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        // Whoever doesn't take it is dropped all the same. A connection that goes with something unread on it takes the
        // farewell along.
        if let Ok(Ok(())) = timeout(self.send, self.socket.send(farewell)).await {
            let _ = timeout(leave, async { while let Some(Ok(_)) = self.socket.recv().await {} }).await;
        }
    }
}

/// Nothing: the loop ends only with an [`End`].
enum Never {}

async fn serve<E: Executor>(
    door: &Arc<Door<E>>,
    wire: &mut Wire,
    authorization: Option<String>,
    voice: Voice,
) -> Result<Never, End> {
    if wire.socket.protocol().is_none() {
        return Err(BAD_PROTOCOL.into());
    }
    let introduced = tokio::select! {
        introduced = timeout(door.pace.init, introduction(wire)) => introduced.map_err(|_| INIT_TIMEOUT)??,
        () = door.shutdown.cancelled() => return Err(GOING_AWAY.into()),
    };
    let authorization = introduced.or(authorization).ok_or(FORBIDDEN)?;
    let holder = match door.holder(Some(&authorization)).await {
        Ok(holder) => holder,
        Err(Error::Unauthenticated) => return Err(FORBIDDEN.into()),
        // Not the other side's fault, and no reason to give up for good.
        Err(_) => return Err(TRY_LATER.into()),
    };
    let mut pass = Pass { authorization: authorization.into(), holder };
    let seat = door.sockets.enter(&mut pass).ok_or(TOO_MANY_SOCKETS)?;
    if seat.is_first {
        #[expect(clippy::disallowed_methods, reason = "it ends with the last of these sockets, or with the process")]
        tokio::spawn(look_after(door.clone(), seat.caller.clone(), seat.doubt.clone()));
    }
    wire.tell(r#"{"type":"connection_ack"}"#).await?;
    Session { door: door.clone(), pass, seat, voice, operations: StreamMap::new() }.run(wire).await
}

/// Looks whether the newest of a caller's tokens is still good, as long as one of these sockets is open.
async fn look_after<E: Executor>(door: Arc<Door<E>>, caller: String, doubt: tokio::sync::watch::Receiver<()>) {
    while door.shutdown.run_until_cancelled(sleep(door.pace.look)).await.is_some() {
        let Some(newest) = door.sockets.newest(&caller, &doubt) else { return };
        if let Err(now) = door.look(&newest).await {
            door.sockets.doubt(&caller, now);
        }
    }
}

/// Waits for the first message that counts; gives the authorization in it.
async fn introduction(wire: &mut Wire) -> Result<Option<String>, End> {
    for _ in 0..GREETINGS {
        let Some(text) = text_of(wire.socket.recv().await)? else { continue };
        match said(&text).ok_or(BAD_MESSAGE)? {
            Said::Init(authorization) => return Ok(authorization),
            Said::Ping(payload) => wire.tell(pong(payload)).await?,
            Said::Pong => {}
            Said::Subscribe { .. } | Said::Complete(_) => return Err(UNAUTHORIZED.into()),
        }
    }
    Err(TOO_MANY_MESSAGES.into())
}

/// The text of a message; none for those of the WebSocket protocol itself.
fn text_of(received: Option<Result<Message, axum::Error>>) -> Result<Option<Utf8Bytes>, End> {
    match received {
        Some(Ok(Message::Text(text))) => Ok(Some(text)),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
        // Too long, or not even a frame. Whoever is just gone won't read this.
        Some(Ok(Message::Binary(_)) | Err(_)) => Err(BAD_MESSAGE.into()),
        Some(Ok(Message::Close(_))) | None => Err(End::Gone),
    }
}

fn pong(payload: Option<&RawValue>) -> String {
    match payload {
        Some(payload) => format!(r#"{{"type":"pong","payload":{payload}}}"#),
        None => r#"{"type":"pong"}"#.into(),
    }
}

/// A socket that has introduced itself.
struct Session<E> {
    door: Arc<Door<E>>,
    /// Kept to be judged again: a token may be revoked before its time.
    pass: Pass,
    seat: Seat,
    voice: Voice,
    operations: StreamMap<String, Pin<Box<dyn Stream<Item = Step> + Send>>>,
}

impl<E: Executor> Session<E> {
    async fn run(mut self, wire: &mut Wire) -> Result<Never, End> {
        let mut pings = self.pings();
        let mut alive = true;
        let expiry = sleep(self.pass.holder.expires_in);
        tokio::pin!(expiry);
        let (shutdown, mut doubt) = (self.door.shutdown.clone(), self.seat.doubt.clone());
        loop {
            tokio::select! {
                received = wire.socket.recv() => {
                    // The first message after a ping may be its answer, and is free.
                    if std::mem::replace(&mut alive, true) {
                        let taken = self.door.rate.take(&self.seat.caller, MESSAGE, Instant::now());
                        taken.map_err(|_| TOO_MANY_MESSAGES)?;
                    }
                    if let Some(text) = text_of(received)? {
                        self.heard(said(&text).ok_or(BAD_MESSAGE)?, wire).await?;
                    }
                }
                Some((id, step)) = self.operations.next() => self.step(id, step, wire).await?,
                _ = pings.tick() => {
                    if !std::mem::replace(&mut alive, false) {
                        return Err(SILENT.into());
                    }
                    look(&self.door, &self.pass).await?;
                    wire.say(Message::Ping(axum::body::Bytes::new())).await?;
                }
                Ok(()) = doubt.changed() => look(&self.door, &self.pass).await?,
                () = &mut expiry => return Err(EXPIRED.into()),
                () = shutdown.cancelled() => return Err(GOING_AWAY.into()),
            }
        }
    }

    fn pings(&self) -> Interval {
        let gap = self.door.pace.ping;
        interval_at(tokio::time::Instant::now() + gap, gap)
    }

    async fn heard(&mut self, said: Said<'_>, wire: &mut Wire) -> Result<(), End> {
        match said {
            Said::Init(_) => Err(TOO_MANY_INITS.into()),
            Said::Ping(payload) => wire.tell(pong(payload)).await,
            Said::Pong => Ok(()),
            Said::Complete(id) => {
                self.operations.remove(&id);
                Ok(())
            }
            Said::Subscribe { id, .. } if self.operations.contains_key(&id) => Err(End::Duplicate(id)),
            Said::Subscribe { id, payload } => {
                match self.begin(payload) {
                    Ok(steps) => drop(self.operations.insert(id, steps)),
                    Err(error) => wire.tell(refused(&id, &self.voice.refuse(&error).errors).to_string()).await?,
                }
                Ok(())
            }
        }
    }

    /// Admits an operation by the same checks as over HTTP.
    fn begin(&self, payload: &RawValue) -> Admitted<Pin<Box<dyn Stream<Item = Step> + Send>>> {
        if self.operations.len() >= OPERATIONS {
            return Err(Error::RateLimited { retry_after_seconds: 1 });
        }
        self.door.rate.take(&self.seat.caller, REQUEST, Instant::now())?;
        let operation = self.seat.operate().ok_or(Error::RateLimited { retry_after_seconds: 1 })?;
        let admitted = self.door.admit(Payload::from_json(payload.get().as_bytes())?)?;
        let is_subscription = admitted.operation == OperationType::Subscription;
        let expected = admitted.expected.shared(&self.door.documents, &admitted.request.query);
        let request = self.door.sign(admitted.request, &self.pass.holder, &self.voice);
        let responses = self.door.executor.execute_stream(request, None);
        let door = self.door.clone();
        let responses = responses.map(move |mut response| {
            let _until_it_ends = &operation;
            response.data = expected.complete(&door.types, response.data);
            response
        });
        Ok(run(Box::pin(responses), self.voice.clone(), is_subscription))
    }

    async fn step(&mut self, id: String, step: Step, wire: &mut Wire) -> Result<(), End> {
        match step {
            Step::Next(payload) => wire.tell(next(&id, &payload)).await,
            Step::Refused(errors) => {
                self.operations.remove(&id);
                wire.tell(refused(&id, &errors).to_string()).await
            }
            Step::Complete => {
                self.operations.remove(&id);
                wire.tell(json!({"type": "complete", "id": id}).to_string()).await
            }
        }
    }
}

/// Whether a token is still good.
async fn look<E: Executor>(door: &Door<E>, pass: &Pass) -> Result<(), End> {
    door.look(pass).await.map_err(|_| REVOKED.into())
}

#[cfg(test)]
mod tests;
