use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use esign_domain::error::Error;
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{
    graphql::{
        door::{Door, Pace},
        rig::{self, Rig},
    },
    http::router,
};

const LONG: Duration = Duration::from_mins(1);
const SHORT: Duration = Duration::from_millis(30);
const PATIENT: Pace = Pace { init: LONG, look: LONG, ping: LONG, send: LONG, leave: LONG };

struct Client(WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>);

/// What came over the socket.
#[derive(Debug, PartialEq)]
enum Heard {
    Said(Value),
    Closed(u16),
}

impl Client {
    async fn say(&mut self, message: Value) {
        self.raw(message.to_string()).await;
    }
    async fn raw(&mut self, text: String) {
        self.0.send(Message::Text(text.into())).await.unwrap();
    }
    async fn hear(&mut self) -> Heard {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Heard::Said(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Heard::Closed(frame.map_or(0, |frame| frame.code.into())),
                Some(Ok(_)) => {}
                None | Some(Err(_)) => return Heard::Closed(0),
            }
        }
    }
    async fn said(&mut self) -> Value {
        match self.hear().await {
            Heard::Said(value) => value,
            Heard::Closed(code) => panic!("closed with {code}"),
        }
    }
    async fn init(mut self) -> Self {
        self.say(json!({"type": "connection_init", "payload": {"authorization": "Bearer good"}})).await;
        assert_eq!(self.said().await, json!({"type": "connection_ack"}));
        self
    }
    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({"type": "subscribe", "id": id, "payload": {"query": query}})).await;
    }
}

/// Serves a door on a port of its own until the test ends.
async fn served(door: Door<Rig>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "it lives exactly as long as the test's runtime")]
    tokio::spawn(async move { axum::serve(listener, router(std::sync::Arc::new(door))).await });
    format!("ws://{address}/graphql/ws")
}

async fn connected(url: &str, header: Option<(&'static str, &'static str)>) -> Client {
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    if let Some((name, value)) = header {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    Client(connect_async(request).await.unwrap().0)
}

async fn client(pace: Pace) -> Client {
    connected(&served(rig::door(pace, SHORT)).await, None).await
}

#[tokio::test]
async fn a_subscription_runs_to_its_end() {
    let mut client = client(PATIENT).await.init().await;
    client.subscribe("1", "subscription { count(to: 2) }").await;
    for n in 1..=2 {
        assert_eq!(client.said().await, json!({"type": "next", "id": "1", "payload": {"data": {"count": n}}}));
    }
    assert_eq!(client.said().await, json!({"type": "complete", "id": "1"}));
    // The id is free again.
    client.subscribe("1", "{ echo(text: \"x\") }").await;
    assert_eq!(client.said().await["payload"]["data"]["echo"], "x");
    assert_eq!(client.said().await["type"], "complete");
}

#[tokio::test]
async fn the_token_may_come_with_the_upgrade() {
    let url = served(rig::door(PATIENT, SHORT)).await;
    let mut client = connected(&url, Some(("authorization", "Bearer good"))).await;
    client.say(json!({"type": "connection_init"})).await;
    assert_eq!(client.said().await["type"], "connection_ack");
}

#[tokio::test]
async fn pings_are_answered_before_and_after_the_introduction() {
    let mut client = client(PATIENT).await;
    client.say(json!({"type": "ping", "payload": {"n": 1}})).await;
    assert_eq!(client.said().await, json!({"type": "pong", "payload": {"n": 1}}));
    let mut client = client.init().await;
    client.say(json!({"type": "ping"})).await;
    assert_eq!(client.said().await, json!({"type": "pong"}));
}

#[tokio::test]
async fn faults_of_the_protocol_end_the_socket_with_its_codes() {
    let init = json!({"type": "connection_init", "payload": {"authorization": "Bearer good"}}).to_string();
    let subscribe =
        json!({"type": "subscribe", "id": "1", "payload": {"query": "subscription { forever }"}}).to_string();
    let long = format!(r#"{{"type": "complete", "id": "{}"}}"#, "x".repeat(1_000));
    let cases: [(&[&str], u16); 16] = [
        (&["nonsense"], 4400),
        (&["[]"], 4400),
        (&[r#"{"type": "start"}"#], 4400),
        (&[r#"{"type": "connection_init", "payload": 7}"#], 4400),
        (&[&init, r#"{"type": "subscribe", "id": "", "payload": {}}"#], 4400),
        (&[&init, r#"{"type": "subscribe", "id": "1"}"#], 4400),
        (&[&subscribe], 4401),
        (&[r#"{"type": "connection_init"}"#], 4403),
        (&[r#"{"type": "connection_init", "payload": {"authorization": "Bearer bad"}}"#], 4403),
        (&[&init, &subscribe, &subscribe], 4409),
        (&[&init, &init], 4429),
        (&[&init, r#"{"type": "complete"}"#], 4400),
        (&[&init, &long], 4400),
        (&[r#"{"type": "ping", "type": "pong"}"#], 4400),
        (&[&format!(r#"{{"type": "connection_init", "payload": {{"a": {}"#, "[".repeat(100_000))], 4400),
        (&[&"x".repeat(2_000_000)], 4400),
    ];
    let url = served(rig::door(PATIENT, SHORT)).await;
    for (messages, code) in cases {
        let mut client = connected(&url, None).await;
        for message in messages {
            client.raw((*message).to_owned()).await;
        }
        let mut heard = client.hear().await;
        while let Heard::Said(_) = heard {
            heard = client.hear().await;
        }
        assert_eq!(heard, Heard::Closed(code), "{messages:?}");
    }
}

#[tokio::test]
async fn binary_messages_are_bad_messages() {
    let mut client = client(PATIENT).await;
    client.0.send(Message::Binary(vec![1].into())).await.unwrap();
    assert_eq!(client.hear().await, Heard::Closed(4400));
}

#[tokio::test]
async fn another_subprotocol_is_not_spoken() {
    let url = served(rig::door(PATIENT, SHORT)).await;
    let mut client = Client(connect_async(&url).await.unwrap().0);
    assert_eq!(client.hear().await, Heard::Closed(4406));
}

#[tokio::test]
async fn whoever_says_nothing_is_sent_away() {
    let mut client = client(Pace { init: SHORT, ..PATIENT }).await;
    assert_eq!(client.hear().await, Heard::Closed(4408));
}

#[tokio::test]
async fn the_end_of_the_token_is_the_end_of_the_socket() {
    let mut client = client(PATIENT).await;
    client.say(json!({"type": "connection_init", "payload": {"Authorization": "Bearer brief"}})).await;
    assert_eq!(client.said().await["type"], "connection_ack");
    client.subscribe("1", "subscription { forever }").await;
    assert_eq!(client.said().await["type"], "next");
    assert_eq!(client.hear().await, Heard::Closed(4403));
}

/// A door whose tokens are taken back, or can't be judged, after the first look.
fn fickle(pace: Pace, later: &'static str) -> Door<Rig> {
    let mut door = rig::door(pace, SHORT);
    let (known, uses) = (door.authenticate.clone(), std::sync::atomic::AtomicUsize::new(0));
    door.authenticate =
        std::sync::Arc::new(move |token| match uses.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => known(token),
            _ => known(later.into()),
        });
    door
}

#[tokio::test]
async fn a_token_that_is_revoked_ends_the_socket_at_the_next_look() {
    for pace in [Pace { look: SHORT, ..PATIENT }, Pace { ping: SHORT, ..PATIENT }] {
        let mut client = connected(&served(fickle(pace, "revoked")).await, None).await.init().await;
        assert_eq!(client.hear().await, Heard::Closed(4403));
    }
}

#[tokio::test]
async fn a_token_that_can_not_be_judged_ends_no_socket() {
    let pace = Pace { look: SHORT, ..PATIENT };
    let url = served(fickle(pace, "broken")).await;
    let mut first = connected(&url, None).await.init().await;
    tokio::time::sleep(SHORT * 3).await;
    first.subscribe("1", "{ __typename }").await;
    assert_eq!(first.said().await["type"], "next");
    // Nor does it shut anybody out for good.
    let mut second = connected(&url, None).await;
    second.say(json!({"type": "connection_init", "payload": {"authorization": "Bearer good"}})).await;
    assert_eq!(second.hear().await, Heard::Closed(1013));
}

#[tokio::test]
async fn whoever_floods_a_socket_is_shown_out() {
    let mut door = rig::door(PATIENT, SHORT);
    door.rate = crate::graphql::rate::Rate::new(1, 1);
    let url = served(door).await;
    let mut flood = connected(&url, None).await.init().await;
    for _ in 0..100 {
        // The server may have closed already.
        drop(flood.0.feed(Message::Text(r#"{"type": "ping"}"#.into())).await);
        drop(flood.0.feed(Message::Ping(Vec::new().into())).await);
    }
    drop(flood.0.flush().await);
    let mut heard = flood.hear().await;
    while let Heard::Said(_) = heard {
        heard = flood.hear().await;
    }
    assert_eq!(heard, Heard::Closed(1013));
    let mut stranger = connected(&url, None).await;
    for _ in 0..20 {
        stranger.say(json!({"type": "ping"})).await;
        assert_eq!(stranger.said().await["type"], "pong");
    }
    assert_eq!(stranger.hear().await, Heard::Closed(1013), "nobody may greet for ever");
}

/// A door at which tokens can be judged at some uses and not at others.
fn moody(judges: impl Fn(usize) -> Option<&'static str> + Send + Sync + 'static) -> (Door<Rig>, Arc<AtomicUsize>) {
    let mut door = rig::door(Pace { ping: SHORT, ..PATIENT }, SHORT);
    let (known, uses) = (door.authenticate.clone(), Arc::<AtomicUsize>::default());
    let counted = Arc::clone(&uses);
    door.authenticate = Arc::new(move |_| match judges(counted.fetch_add(1, Ordering::SeqCst)) {
        Some(token) => known(token.into()),
        None => async { Err(Error::internal("the database is away")) }.boxed(),
    });
    (door, uses)
}

#[tokio::test]
async fn a_token_that_can_not_be_judged_now_keeps_its_socket() {
    let (door, uses) = moody(|use_| match use_ {
        0 => Some("good"),
        1 | 2 => None,
        _ => Some("revoked"),
    });
    let mut client = connected(&served(door).await, None).await.init().await;
    assert_eq!(client.hear().await, Heard::Closed(4403));
    assert_eq!(uses.load(Ordering::SeqCst), 4, "only the ping that could tell ended it");
}

#[tokio::test]
async fn whoever_can_not_be_let_in_now_may_come_again() {
    let (door, _) = moody(|_| None);
    let mut client = connected(&served(door).await, None).await;
    client.say(json!({"type": "connection_init", "payload": {"authorization": "Bearer good"}})).await;
    assert_eq!(client.hear().await, Heard::Closed(1013));
}

#[tokio::test]
async fn whoever_answers_no_ping_is_taken_for_dead() {
    // The client answers pings only while it is read from, which the test doesn't do until the server has given up.
    let mut client = client(Pace { ping: SHORT, ..PATIENT }).await.init().await;
    let closed = tokio::time::timeout(LONG, async {
        let MaybeTlsStream::Plain(stream) = client.0.get_ref() else { unreachable!("no TLS in tests") };
        // A ping is two bytes: when there are more, the close frame has come too.
        let mut seen = [0; 16];
        while stream.peek(&mut seen).await.unwrap() < 5 {}
    });
    closed.await.unwrap();
    assert_eq!(client.hear().await, Heard::Closed(1001));
}

#[tokio::test]
async fn a_caller_has_only_so_many_sockets() {
    let url = served(rig::door(PATIENT, SHORT)).await;
    let first = connected(&url, None).await.init().await;
    let _second = connected(&url, None).await.init().await;
    let mut third = connected(&url, None).await;
    let init = json!({"type": "connection_init", "payload": {"authorization": "Bearer good"}});
    third.say(init.clone()).await;
    assert_eq!(third.hear().await, Heard::Closed(1013));
    let mut first = first;
    first.0.close(None).await.unwrap();
    assert!(matches!(first.hear().await, Heard::Closed(_)));
    // The seat is given back when the server has noticed.
    loop {
        let mut again = connected(&url, None).await;
        again.say(init.clone()).await;
        if matches!(again.hear().await, Heard::Said(_)) {
            return;
        }
    }
}

#[tokio::test]
async fn operations_that_are_refused_say_so_and_leave_the_rest_alone() {
    let mut client = client(PATIENT).await.init().await;
    for (query, code) in [
        ("{", "INVALID_REQUEST"),
        ("{ nothing }", "INVALID_REQUEST"),
        ("subscription { nothing }", "INVALID_REQUEST"),
        ("subscription { a: forever b: forever }", "INVALID_REQUEST"),
        ("subscription { ...F } fragment F on Subscriptions { forever }", "INVALID_REQUEST"),
        ("subscription { count(to: \"x\") }", "INVALID_ARGUMENT"),
        ("subscription { refused }", "FORBIDDEN"),
        ("{ panics }", "INTERNAL"),
        ("{ long }", "QUERY_TOO_COMPLEX"),
        ("query ($a: [Nothing] = [1]) { __typename }", "INVALID_REQUEST"),
    ] {
        client.subscribe("x", query).await;
        let heard = client.said().await;
        assert_eq!((&heard["type"], &heard["id"]), (&json!("error"), &json!("x")), "{query}");
        assert_eq!(heard["payload"][0]["extensions"]["code"], code, "{query}");
    }
    let deep = format!("{{ {} }}", (0..12).fold("name".to_owned(), |inner, _| format!("item {{ {inner} }}")));
    client.subscribe("x", &deep).await;
    assert_eq!(client.said().await["payload"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
    client.subscribe("x", "subscription { breaks }").await;
    assert_eq!(client.said().await["payload"]["data"]["breaks"], 1);
    let broken = client.said().await;
    assert_eq!((&broken["type"], &broken["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("NOT_FOUND")));
    client.subscribe("x", "{ __typename }").await;
    assert_eq!(client.said().await["payload"]["data"]["__typename"], "Query");
}

#[tokio::test]
async fn a_completed_operation_falls_silent() {
    let mut client = client(PATIENT).await.init().await;
    client.subscribe("1", "subscription { forever }").await;
    assert_eq!(client.said().await["type"], "next");
    client.say(json!({"type": "complete", "id": "1"})).await;
    client.subscribe("1", "subscription { forever }").await;
    assert_eq!(client.said().await["type"], "next", "the id is free, so the first is gone");
}

#[tokio::test]
async fn sockets_are_told_when_the_process_stops() {
    let door = rig::door(PATIENT, SHORT);
    let shutdown = door.shutdown.clone();
    let mut client = connected(&served(door).await, None).await.init().await;
    shutdown.cancel();
    assert_eq!(client.hear().await, Heard::Closed(1001));
}
