//! A subscriber to flow events who is thrown out by every kill, and comes back with the last cursor.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::oneshot::Receiver};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, protocol::CloseFrame},
};

use crate::{Failure, judge, world::World};

const EVENTS: &str = "subscription($after: String) { signFlowEvents(after: $after) { cursor node { id } } }";
/// How long the last events may take to come, once everything has ended.
const LAST: Duration = Duration::from_secs(20);

/// The least that is left of a token when it is used: good for 15 minutes, it is asked for anew after 8.
const TOKEN_LEFT: Duration = Duration::from_mins(7);

/// Events as the query lists them: cursor and id, in order.
pub type Listed = Vec<(String, String)>;

/// Follows all events after the first one until `all` says what there were, and compares. Gives how often it came back.
pub async fn follow(world: Arc<World>, mut all: Receiver<Listed>) -> Result<usize, Failure> {
    let first = loop {
        if let Some(first) = judge::events(&world, None, 1).await?.first() {
            break judge::listed(first);
        }
        world.pause().await?;
    };
    let mut heard = vec![first];
    let mut broken = 0;
    for server in world.servers().iter().cycle() {
        tokio::select! {
            ended = listen(&world, server, &mut heard) => {
                let was_there = ended.map_err(|refusal| format!("the subscription at {server} was refused: {refusal}"))?;
                broken += usize::from(was_there);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            listed = &mut all => {
                let listed = listed.map_err(|error| error.to_string())?;
                return compare(&world, server, heard, &listed).await.map(|()| broken);
            }
        }
    }
    Err("there is no server".into())
}

/// Hears what is still to come, and compares it all with what the query says.
async fn compare(world: &World, server: &str, mut heard: Listed, listed: &Listed) -> Result<(), Failure> {
    if heard.len() < listed.len() {
        // It ends by the time-out: a subscription has no end of its own.
        drop(tokio::time::timeout(LAST, listen_for(world, server, &mut heard, listed.len())).await);
    }
    for (place, (heard, listed)) in heard.iter().zip(listed).enumerate() {
        if heard != listed {
            return Err(format!("the subscriber heard {heard:?} at place {place}, the query says {listed:?}"));
        }
    }
    if heard.len() == listed.len() {
        Ok(())
    } else {
        Err(format!("the subscriber heard {} events, the query says {}", heard.len(), listed.len()))
    }
}

/// A fresh subscriber hears everything after the first event again, at this server.
pub async fn replay(world: &World, server: &str, listed: &Listed) -> Result<(), Failure> {
    let Some(first) = listed.first() else { return Ok(()) };
    compare(world, server, vec![first.clone()], listed)
        .await
        .map_err(|failure| format!("replay at {server}: {failure}"))
}

async fn listen_for(world: &World, server: &str, heard: &mut Listed, count: usize) -> Result<(), Failure> {
    let Some(mut socket) = subscribed(world, server, heard).await? else { return Ok(()) };
    while heard.len() < count && hear(world, &mut socket, heard).await? {}
    Ok(())
}

/// Listens until the connection ends, which is no failure; a refusal is. False: nobody was there.
async fn listen(world: &World, server: &str, heard: &mut Listed) -> Result<bool, Failure> {
    let Some(mut socket) = subscribed(world, server, heard).await? else { return Ok(false) };
    while hear(world, &mut socket, heard).await? {}
    Ok(true)
}

/// A subscription's socket.
struct Socket {
    wire: WebSocketStream<MaybeTlsStream<TcpStream>>,
    since: Instant,
}

impl Socket {
    /// A code of the protocol's own says that it is the subscriber's fault, whose words and whose token are good; but a
    /// socket may not outlive its token.
    fn check(&self, frame: Option<&CloseFrame>) -> Result<(), Failure> {
        let Some(CloseFrame { code, reason }) = frame else { return Ok(()) };
        let expired = u16::from(*code) == 4403 && self.since.elapsed() > TOKEN_LEFT;
        if u16::from(*code) < 4400 || expired {
            return Ok(());
        }
        Err(format!("the socket was closed with {} {reason}", u16::from(*code)))
    }
}

async fn subscribed(world: &World, server: &str, heard: &Listed) -> Result<Option<Socket>, Failure> {
    let address = format!("{}/graphql/ws", server.replacen("http", "ws", 1));
    let mut request = address.into_client_request().map_err(|error| error.to_string())?;
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header's value"));
    let Ok((wire, _)) = connect_async(request).await else { return Ok(None) };
    let mut socket = Socket { wire, since: Instant::now() };
    let token = world.access_token().await?;
    let after = heard.last().map(|(cursor, _)| cursor);
    let payload = json!({"query": EVENTS, "variables": {"after": after}});
    for message in [
        json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}}),
        json!({"type": "subscribe", "id": "1", "payload": payload}),
    ] {
        if socket.wire.send(Message::Text(message.to_string().into())).await.is_err() {
            return Ok(None);
        }
        // The protocol wants the first message acknowledged before the second is sent.
        if message["type"] == "connection_init" {
            match socket.wire.next().await {
                Some(Ok(Message::Text(_))) => {}
                Some(Ok(Message::Close(frame))) => return socket.check(frame.as_ref()).map(|()| None),
                _ => return Ok(None),
            }
        }
    }
    Ok(Some(socket))
}

/// Hears one message; false: the connection is over.
async fn hear(world: &World, socket: &mut Socket, heard: &mut Listed) -> Result<bool, Failure> {
    let text = match socket.wire.next().await {
        Some(Ok(Message::Text(text))) => text,
        Some(Ok(Message::Close(frame))) => return socket.check(frame.as_ref()).map(|()| false),
        Some(Err(_)) | None => return Ok(false),
        Some(Ok(_)) => return Ok(true),
    };
    let message: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    match message["type"].as_str() {
        Some("next") if message["payload"]["errors"].is_null() => {
            heard.push(judge::listed(&message["payload"]["data"]["signFlowEvents"]));
            Ok(true)
        }
        Some("ping") => Ok(socket.wire.send(Message::Text(json!({"type": "pong"}).to_string().into())).await.is_ok()),
        _ if text.contains("INTERNAL") => {
            world.note(message.to_string());
            Ok(false)
        }
        _ => Err(message.to_string()),
    }
}
