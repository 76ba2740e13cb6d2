//! The subscription: every event once, in order, whenever one comes.

use chrono::TimeDelta;
use esign_domain::event::tail::{self, Filter, Position};
use esign_tests::{
    TestApp,
    auth_system::AMOUNT,
    fixture::{corporate, individual},
};
use futures_util::{FutureExt, SinkExt, Stream, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};
use tokio_util::sync::CancellationToken;

/// Flows of both kinds, begun and ended between each other.
async fn bustle(app: &TestApp, round: usize) {
    let company = app.sign(corporate(&format!("company-{round}"))).await;
    app.run_jobs().await;
    app.start(individual(&format!("person-{round}"))).await;
    app.run_jobs().await;
    app.signer(company).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
}

fn subscribe(app: &TestApp, filter: Filter, after: Option<Position>) -> impl Stream<Item = (Position, String)> + use<> {
    let stream = tail::subscribe((**app).clone(), &app.demo.caller(), filter, after).unwrap();
    stream.map(|event| {
        let event = event.expect("nobody is slow here");
        (event.at, format!("{} {} {}", event.event.flow_no, event.event.seq, event.event.kind))
    })
}

/// What a stream has ready.
fn ready(stream: &mut (impl Stream<Item = (Position, String)> + Unpin)) -> Vec<(Position, String)> {
    std::iter::from_fn(|| stream.next().now_or_never().flatten()).collect()
}

async fn log(app: &TestApp) -> Vec<(Position, String)> {
    let page = tail::page(app, &app.demo.caller(), Filter::default(), None, 1_000).await.unwrap();
    page.into_iter().map(|e| (e.at, format!("{} {} {}", e.event.flow_no, e.event.seq, e.event.kind))).collect()
}

#[tokio::test]
async fn live_events_are_the_log_in_its_order() {
    let app = TestApp::new().await;
    let mut live = Box::pin(subscribe(&app, Filter::default(), None));
    bustle(&app, 1).await;
    bustle(&app, 2).await;
    let heard = ready(&mut live);
    assert_eq!(heard, log(&app).await);
    assert!(heard.len() > 20);
    assert!(heard.is_sorted_by_key(|(at, _)| *at));
}

#[tokio::test]
async fn who_comes_back_with_a_cursor_misses_nothing_and_sees_nothing_twice() {
    let app = TestApp::new().await;
    bustle(&app, 1).await;
    let before = log(&app).await;
    for cut in 0..before.len() {
        let cursor = Position::from_cursor(&before[cut].0.cursor()).unwrap();
        let mut stream = Box::pin(subscribe(&app, Filter::default(), Some(cursor)));
        let replayed: Vec<_> = stream.by_ref().take(before.len() - cut - 1).collect().await;
        assert_eq!(replayed, before[cut + 1..]);
    }
    // Replay and live meet without a seam, also when events come while the replay is under way.
    let mut stream = Box::pin(subscribe(&app, Filter::default(), Some(before[3].0)));
    let mut heard: Vec<_> = stream.by_ref().take(2).collect().await;
    bustle(&app, 2).await;
    let all = log(&app).await;
    heard.extend(stream.by_ref().take(all.len() - 6).collect::<Vec<_>>().await);
    assert_eq!(heard, all[4..]);
    assert_eq!(ready(&mut stream), []);
    // A cursor of the last event: live from there.
    let mut stream = Box::pin(subscribe(&app, Filter::default(), all.last().map(|(at, _)| *at)));
    bustle(&app, 3).await;
    assert_eq!(ready(&mut stream), log(&app).await[all.len()..]);
}

#[tokio::test]
async fn a_subscriber_hears_what_its_filter_asks_for() {
    use esign_domain::terms::{FlowStatus, Scene};
    let app = TestApp::new().await;
    let one = app.start(individual("the-one")).await.id;
    let mut filters = vec![Filter::default(), Filter::default(), Filter::default(), Filter::default()];
    filters[0].flow_ids = Some(vec![one]);
    filters[1].scenes = Some(vec![Scene::BatchPayment]);
    filters[2].to_statuses = Some(vec![FlowStatus::Sealing]);
    filters[3].terminal_only = true;
    app.run_jobs().await;
    let mut streams: Vec<_> = filters.into_iter().map(|filter| Box::pin(subscribe(&app, filter, None))).collect();
    esign_domain::flow::cancel(&app, &app.demo.caller(), one, "x").await.unwrap();
    bustle(&app, 1).await;
    let heard: Vec<Vec<String>> =
        streams.iter_mut().map(|stream| ready(stream).into_iter().map(|(_, text)| text).collect()).collect();
    assert_eq!(heard[0], ["the-one 3 CANCELLED"]);
    assert_eq!(heard[1], ["the-one 3 CANCELLED", "person-1 1 STARTED", "person-1 2 SMS_ACCEPTED"]);
    assert_eq!(heard[2].len(), 1);
    assert_eq!(heard[3].len(), 2, "{:?}", heard[3]);
}

#[tokio::test]
async fn who_is_too_slow_is_told_where_to_go_on() {
    let app = TestApp::new().await;
    let stream = tail::subscribe((*app).clone(), &app.demo.caller(), Filter::default(), None).unwrap();
    let mut stream = Box::pin(stream);
    let id = app.start(individual("chatty")).await.id;
    app.run_jobs().await;
    let signer = app.signer(id).await;
    for _ in 0..1_100 {
        signer.refuse_face().await.unwrap();
    }
    app.pump().await;
    let mut heard = 0;
    let end = loop {
        match stream.next().await.expect("the stream says why it ends") {
            Ok(_) => heard += 1,
            Err(end) => break end,
        }
    };
    let tail::TailEnd::SlowConsumer(Some(last)) = end else { panic!("{end:?}") };
    let rest = tail::page(&app, &app.demo.caller(), Filter::default(), Some(last), 10_000).await.unwrap();
    assert_eq!(heard + rest.len(), log_length(&app).await);
}

async fn log_length(app: &TestApp) -> usize {
    tail::page(app, &app.demo.caller(), Filter::default(), None, 10_000).await.unwrap().len()
}

#[tokio::test]
async fn a_late_commit_is_not_skipped_and_turns_nothing_round() {
    use esign_domain::{
        event::chain::Evidence,
        flow::{machine::Event, transition::lock},
    };
    let app = TestApp::new().await;
    // SQLite has one writer: no commit can be late.
    if app.db.backend() != sea_orm::DatabaseBackend::Postgres {
        return;
    }
    let (slow, fast) = (app.start(individual("slow")).await.id, app.start(individual("fast")).await.id);
    app.run_jobs().await;
    let mut live = Box::pin(subscribe(&app, Filter::default(), None));
    let mut locked = lock(&app, slow).await.unwrap();
    locked.apply(Event::Read, Evidence::default()).await.unwrap();
    esign_domain::flow::cancel(&app, &app.demo.caller(), fast, "x").await.unwrap();
    tail::pump(&app).await.unwrap();
    assert_eq!(ready(&mut live), [], "an event below one that may still come is held back");
    locked.apply(Event::Read, Evidence::default()).await.unwrap();
    locked.commit().await.unwrap();
    app.pump().await;
    let heard: Vec<_> = ready(&mut live).into_iter().map(|(_, text)| text).collect();
    assert_eq!(heard, ["slow 3 READ", "slow 4 READ", "fast 3 CANCELLED"]);
}

/// One subscription over a real socket: sends what the protocol wants and gives the payloads of `next`.
struct Socket(tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>);

impl Socket {
    async fn open(address: std::net::SocketAddr, token: &str, after: Option<&str>) -> Self {
        let mut request = format!("ws://{address}/graphql/ws").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        let mut socket = Self(connect_async(request).await.unwrap().0);
        let init = json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}});
        socket.say(&init).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        let query =
            "subscription($after: String) { signFlowEvents(after: $after) { cursor node { flowNo seq type hash } } }";
        socket
            .say(&json!({"type": "subscribe", "id": "1", "payload": {"query": query, "variables": {"after": after}}}))
            .await;
        // A ping is answered after what came before it: then the subscription is registered.
        socket.say(&json!({"type": "ping"})).await;
        socket
    }

    async fn say(&mut self, message: &Value) {
        self.0.send(Message::Text(message.to_string().into())).await.unwrap();
    }

    async fn hear(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.0.next().await.expect("the socket is open").unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    async fn next(&mut self) -> Value {
        loop {
            let heard = self.hear().await;
            match heard["type"].as_str() {
                Some("next") => return heard["payload"]["data"]["signFlowEvents"].clone(),
                Some("pong") => {}
                other => panic!("{other:?}: {heard}"),
            }
        }
    }
}

#[tokio::test]
async fn over_a_real_socket_the_same_events_come_with_the_same_cursors() {
    let app = TestApp::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let mut tasks = JoinSet::new();
    let (router, settings) = (app.router(), app.settings.server.clone());
    tasks.spawn({
        let stop = stop.clone();
        async move { esign_api::server::serve(listener, router, &settings, stop).await }
    });
    bustle(&app, 1).await;
    let query = "{ signFlowEvents(first: 100) { edges { cursor node { flowNo seq type hash } } } }";
    let before = app.data(query, json!({})).await["signFlowEvents"]["edges"].take();
    let before = before.as_array().unwrap();
    let mut socket = Socket::open(address, &app.token(&app.demo, None), before[2]["cursor"].as_str()).await;
    for expected in &before[3..] {
        assert_eq!(socket.next().await, *expected);
    }
    app.advance(TimeDelta::minutes(1));
    bustle(&app, 2).await;
    let all = app.data(query, json!({})).await["signFlowEvents"]["edges"].take();
    for expected in &all.as_array().unwrap()[before.len()..] {
        assert_eq!(socket.next().await, *expected);
    }
    let mut bad = Socket::open(address, &app.token(&app.demo, None), Some("not a cursor")).await;
    let refused = loop {
        let heard = bad.hear().await;
        if heard["type"] != "pong" {
            break heard;
        }
    };
    assert_eq!(refused["type"], "error", "{refused}");
    assert_eq!(refused["payload"][0]["extensions"]["code"], "INVALID_ARGUMENT");
    drop((socket, bad));
    stop.cancel();
    tasks.join_next().await;
}
