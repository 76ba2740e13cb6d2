//! A subscriber to flow events who is thrown out by every kill, and comes back with the last cursor.

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::oneshot::Receiver};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{Failure, judge, world::World};

const EVENTS: &str = "subscription($after: String) { signFlowEvents(after: $after) { cursor node { id } } }";
/// How long the last events may take to come, once everything has ended.
const LAST: Duration = Duration::from_secs(20);

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

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn subscribed(world: &World, server: &str, heard: &Listed) -> Result<Option<Socket>, Failure> {
    let address = format!("{}/graphql/ws", server.replacen("http", "ws", 1));
    let mut request = address.into_client_request().map_err(|error| error.to_string())?;
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header's value"));
    let Ok((mut socket, _)) = connect_async(request).await else { return Ok(None) };
    let token = world.access_token().await?;
    let after = heard.last().map(|(cursor, _)| cursor);
    let payload = json!({"query": EVENTS, "variables": {"after": after}});
    for message in [
        json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}}),
        json!({"type": "subscribe", "id": "1", "payload": payload}),
    ] {
        if socket.send(Message::Text(message.to_string().into())).await.is_err() {
            return Ok(None);
        }
        // The protocol wants the first message acknowledged before the second is sent.
        if message["type"] == "connection_init" {
            match socket.next().await {
                Some(Ok(Message::Text(_))) => {}
                Some(Ok(Message::Close(Some(frame)))) if u16::from(frame.code) >= 4400 => {
                    return Err(format!("the socket was closed with {} {}", u16::from(frame.code), frame.reason));
                }
                _ => return Ok(None),
            }
        }
    }
    Ok(Some(socket))
}

/// Hears one message; false: the connection is over.
async fn hear(world: &World, socket: &mut Socket, heard: &mut Listed) -> Result<bool, Failure> {
    let text = match socket.next().await {
        Some(Ok(Message::Text(text))) => text,
        // A code of the protocol's own says that it is the subscriber's fault, and its token and its words are good.
        Some(Ok(Message::Close(Some(frame)))) if u16::from(frame.code) >= 4400 => {
            return Err(format!("the socket was closed with {} {}", u16::from(frame.code), frame.reason));
        }
        Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(false),
        Some(Ok(_)) => return Ok(true),
    };
    let message: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    match message["type"].as_str() {
        Some("next") if message["payload"]["errors"].is_null() => {
            heard.push(judge::listed(&message["payload"]["data"]["signFlowEvents"]));
            Ok(true)
        }
        Some("ping") => Ok(socket.send(Message::Text(json!({"type": "pong"}).to_string().into())).await.is_ok()),
        _ if text.contains("INTERNAL") => {
            world.note(message.to_string());
            Ok(false)
        }
        _ => Err(message.to_string()),
    }
}
