//! `graphql-transport-ws` as a client speaks it.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{
    Failure,
    server::{Reach, in_words},
};

/// The longest an answer may take.
const ANSWER: Duration = Duration::from_secs(30);

/// An open socket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What came over it.
pub enum Heard {
    /// A message of the protocol.
    Said(Value),
    /// The other side closed, with this code.
    Closed(u16),
    /// The connection was dropped without a word.
    Dropped(String),
}

impl Heard {
    /// In words.
    pub fn told(&self) -> String {
        match self {
            Self::Said(said) => said.to_string(),
            Self::Closed(code) => format!("closed with {code}"),
            Self::Dropped(how) => format!("dropped without a word: {how}"),
        }
    }
}

impl Socket {
    /// Opens one that has said nothing yet.
    pub async fn open(server: &Reach) -> Result<Self, Failure> {
        let mut request = format!("ws://{}/graphql/ws", server.at).into_client_request().map_err(in_words)?;
        let protocol = "graphql-transport-ws".parse().expect("a header's value");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        Ok(Self(connect_async(request).await.map_err(in_words)?.0))
    }

    /// Opens one that has introduced itself.
    pub async fn introduced(server: &Reach) -> Result<Self, Failure> {
        let mut socket = Self::open(server).await?;
        let payload = json!({"authorization": format!("Bearer {}", server.token)});
        socket.say(json!({"type": "connection_init", "payload": payload}).to_string()).await?;
        match socket.hear().await {
            Heard::Said(said) if said["type"] == "connection_ack" => Ok(socket),
            other => Err(format!("no acknowledgement: {}", other.told())),
        }
    }

    /// Sends a text.
    pub async fn say(&mut self, text: String) -> Result<(), Failure> {
        self.0.send(Message::Text(text.into())).await.map_err(in_words)
    }

    /// Hears the next message; pings are answered meanwhile.
    pub async fn hear(&mut self) -> Heard {
        match timeout(ANSWER, self.wait()).await {
            Ok(heard) => heard,
            Err(_) => Heard::Dropped("no answer".into()),
        }
    }

    /// The same, however long it takes.
    pub async fn wait(&mut self) -> Heard {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(&text)
                        .map_or_else(|error| Heard::Dropped(error.to_string()), Heard::Said);
                }
                Some(Ok(Message::Close(frame))) => return Heard::Closed(frame.map_or(1005, |frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Heard::Dropped(error.to_string()),
                None => return Heard::Dropped("the end".into()),
            }
        }
    }
}
