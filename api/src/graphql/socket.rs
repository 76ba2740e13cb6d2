//! Subscriptions, by the protocol `graphql-transport-ws`.
//!
//! A socket introduces itself within ten seconds with a token, in its first message or in the upgrade's header; then
//! it may run operations, each under an id of its own, until the token ends, its holder is shut out, or nobody
//! answers our pings. Faults of the protocol end the socket with the codes that the protocol names. The stock
//! implementation names other ones and takes ten times the memory, so the loop is our own.

use std::{pin::Pin, sync::Arc, time::Instant};

use async_graphql::{Executor, parser::types::OperationType};
use axum::{
    extract::{
        State,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, header},
    response::Response,
};
use esign_domain::error::Error;
use futures_util::Stream;
use serde_json::{Map, Value, json};
use tokio::time::{Interval, interval_at, timeout};
use tokio_stream::{StreamExt, StreamMap};

use super::{
    admission::{Payload, admit},
    door::{Door, Holder},
    error::Voice,
    operation::{Step, next, refused, run},
};

/// What a socket may say at once, in bytes.
const MESSAGE_BYTES: usize = 1024 * 1024;
/// Operations that may run on one socket at a time.
const OPERATIONS: usize = 200;
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
const GOING_AWAY: Close = Close(1001, "Going away");
const SILENT: Close = Close(1001, "No answer to ping");
/// Nothing the other side did: it may come again, with the same token.
const NOT_NOW: Close = Close(1013, "Try again later");
const SLOW: Close = Close(1013, "Too slow");
const EXPIRED: Close = Close(4403, "Token expired");

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

/// Turns a request into a socket.
pub async fn upgrade<E: Executor>(
    State(door): State<Arc<Door<E>>>,
    voice: Voice,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    // Small buffers, because there may be thousands of sockets, and events are small.
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_message_size(MESSAGE_BYTES)
        .max_frame_size(MESSAGE_BYTES)
        .on_upgrade(move |socket| async move {
            let mut wire = Wire { socket, send: door.pace.send };
            let end = match serve(&door, &mut wire, authorization, voice).await {
                Ok(never) => match never {},
                Err(end) => end,
            };
            wire.close(end).await;
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

    async fn tell(&mut self, message: &Value) -> Result<(), End> {
        self.say(Message::Text(message.to_string().into())).await
    }

    async fn close(mut self, end: End) {
        let (code, reason) = match end {
            End::Gone => return,
            End::Closed(Close(code, reason)) => (code, reason.to_owned()),
            End::Duplicate(id) => (4409, format!("Subscriber for {id} already exists")),
        };
        // A close frame has room for 123 bytes of reason.
        let reason = reason.chars().take(40).collect::<String>();
        // Whoever doesn't take the close frame is dropped all the same.
        let _ = timeout(self.send, self.socket.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))))
            .await;
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
    let payload = timeout(door.pace.init, introduction(wire)).await.map_err(|_| INIT_TIMEOUT)??;
    let authorization = authorization_in(&payload).or(authorization);
    let holder = door.holder(authorization.as_deref()).await.map_err(|error| match error {
        Error::Internal(_) => NOT_NOW,
        _ => FORBIDDEN,
    })?;
    let _seat = door.sockets.enter(holder.caller.label()).ok_or(TOO_MANY_SOCKETS)?;
    wire.tell(&json!({"type": "connection_ack"})).await?;
    let operations = StreamMap::new();
    Session { door: door.clone(), holder, voice, authorization, operations }.run(wire).await
}

/// Waits for the first message that counts.
async fn introduction(wire: &mut Wire) -> Result<Value, End> {
    loop {
        match understood(wire.socket.recv().await)? {
            None => {}
            Some(Said::Init(payload)) => return Ok(payload),
            Some(Said::Ping(payload)) => wire.tell(&pong(payload)).await?,
            Some(Said::Pong) => {}
            Some(Said::Subscribe { .. } | Said::Complete(_)) => return Err(UNAUTHORIZED.into()),
        }
    }
}

fn authorization_in(payload: &Value) -> Option<String> {
    let entries = payload.as_object()?;
    let (_, value) = entries.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?;
    value.as_str().map(str::to_owned)
}

/// What the other side may say.
enum Said {
    Init(Value),
    Ping(Option<Value>),
    Pong,
    Subscribe { id: String, payload: Value },
    Complete(String),
}

/// Reads a message; none for those of the WebSocket protocol itself.
fn understood(received: Option<Result<Message, axum::Error>>) -> Result<Option<Said>, End> {
    match received {
        Some(Ok(Message::Text(text))) => said(&text).map(Some).ok_or_else(|| BAD_MESSAGE.into()),
        Some(Ok(Message::Binary(_))) => Err(BAD_MESSAGE.into()),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
        Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
    }
}

fn said(text: &str) -> Option<Said> {
    let Value::Object(mut message) = serde_json::from_str(text).ok()? else { return None };
    let payload = message.remove("payload");
    let object = |payload: Option<Value>| match payload {
        None | Some(Value::Null) => Some(Value::Object(Map::new())),
        Some(value @ Value::Object(_)) => Some(value),
        Some(_) => None,
    };
    let id = |message: &mut Map<String, Value>| match message.remove("id") {
        Some(Value::String(id)) if !id.is_empty() => Some(id),
        _ => None,
    };
    match message.get("type")?.as_str()? {
        "connection_init" => Some(Said::Init(object(payload)?)),
        "ping" => object(payload.clone()).map(|_| Said::Ping(payload)),
        "pong" => object(payload).map(|_| Said::Pong),
        "subscribe" => match payload {
            Some(payload @ Value::Object(_)) => Some(Said::Subscribe { id: id(&mut message)?, payload }),
            _ => None,
        },
        "complete" => Some(Said::Complete(id(&mut message)?)),
        _ => None,
    }
}

fn pong(payload: Option<Value>) -> Value {
    match payload {
        Some(payload) => json!({"type": "pong", "payload": payload}),
        None => json!({"type": "pong"}),
    }
}

/// A socket that has introduced itself.
struct Session<E> {
    door: Arc<Door<E>>,
    holder: Holder,
    voice: Voice,
    /// Kept to be judged again: a token may be revoked before its time.
    authorization: Option<String>,
    operations: StreamMap<String, Pin<Box<dyn Stream<Item = Step> + Send>>>,
}

impl<E: Executor> Session<E> {
    async fn run(mut self, wire: &mut Wire) -> Result<Never, End> {
        let mut pings = self.pings();
        let mut alive = true;
        let expiry = tokio::time::sleep(self.holder.expires_in);
        tokio::pin!(expiry);
        let shutdown = self.door.shutdown.clone();
        loop {
            tokio::select! {
                received = wire.socket.recv() => {
                    alive = true;
                    if let Some(said) = understood(received)? {
                        self.heard(said, wire).await?;
                    }
                }
                Some((id, step)) = self.operations.next() => self.step(id, step, wire).await?,
                _ = pings.tick() => {
                    if !std::mem::replace(&mut alive, false) {
                        return Err(SILENT.into());
                    }
                    match self.door.holder(self.authorization.as_deref()).await {
                        // A token that can't be judged right now is judged at the next ping.
                        Ok(_) | Err(Error::Internal(_)) => {}
                        Err(_) => return Err(EXPIRED.into()),
                    }
                    wire.say(Message::Ping(axum::body::Bytes::new())).await?;
                }
                () = &mut expiry => return Err(EXPIRED.into()),
                () = shutdown.cancelled() => return Err(GOING_AWAY.into()),
            }
        }
    }

    fn pings(&self) -> Interval {
        let gap = self.door.pace.ping;
        interval_at(tokio::time::Instant::now() + gap, gap)
    }

    async fn heard(&mut self, said: Said, wire: &mut Wire) -> Result<(), End> {
        match said {
            Said::Init(_) => Err(TOO_MANY_INITS.into()),
            Said::Ping(payload) => wire.tell(&pong(payload)).await,
            Said::Pong => Ok(()),
            Said::Complete(id) => {
                self.operations.remove(&id);
                Ok(())
            }
            Said::Subscribe { id, .. } if self.operations.contains_key(&id) => Err(End::Duplicate(id)),
            Said::Subscribe { id, payload } => {
                match self.begin(payload) {
                    Ok(steps) => drop(self.operations.insert(id, steps)),
                    Err(error) => wire.tell(&refused(&id, &self.voice.refuse(&error).errors)).await?,
                }
                Ok(())
            }
        }
    }

    /// Admits an operation by the same checks as over HTTP.
    fn begin(&self, payload: Value) -> Result<Pin<Box<dyn Stream<Item = Step> + Send>>, Error> {
        if self.operations.len() >= OPERATIONS {
            return Err(Error::RateLimited { retry_after_seconds: 1 });
        }
        self.door.rate.take(&self.holder.caller.label(), Instant::now())?;
        let admitted = admit(&self.door.types, Payload::from_value(payload)?)?;
        let request = self.door.sign(admitted.request, &self.holder, &self.voice);
        let is_subscription = admitted.operation == OperationType::Subscription;
        let responses = self.door.executor.execute_stream(request, None);
        let (door, expected) = (self.door.clone(), admitted.expected);
        let responses = responses.map(move |mut response| {
            response.data = expected.complete(&door.types, response.data);
            response
        });
        Ok(run(Box::pin(responses), self.voice.clone(), is_subscription))
    }

    async fn step(&mut self, id: String, step: Step, wire: &mut Wire) -> Result<(), End> {
        match step {
            Step::Next(payload) => wire.say(Message::Text(next(&id, &payload).into())).await,
            Step::Refused(errors) => {
                self.operations.remove(&id);
                wire.tell(&refused(&id, &errors)).await
            }
            Step::Complete => {
                self.operations.remove(&id);
                wire.tell(&json!({"type": "complete", "id": id})).await
            }
        }
    }
}

#[cfg(test)]
mod tests;
