//! Subscribers, each on a socket of its own: what one of them costs, and how soon an event has reached the last.

use std::{sync::Arc, time::Instant};

use serde_json::json;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::{Duration, timeout},
};

use crate::{
    Failure, client,
    pulse::millis,
    say,
    server::{Reach, Server, in_words},
    settings::Settings,
    socket::{Heard, Socket},
};

/// Sockets that are being opened at the same time.
const OPENING: usize = 32;
/// One in so many follows flows of another scene, and must hear nothing.
const ELSEWHERE: usize = 10;
/// The longest the event may take to reach the last of them.
const LONGEST: Duration = Duration::from_secs(30);

/// Gathers them, starts one flow, and listens.
pub async fn gather(settings: &Settings, server: &Server) -> Result<Vec<Failure>, Failure> {
    // What the first subscriber costs isn't what each of them costs.
    drop(subscribe(server, "COLLECTION").await?);
    let before = server.memory()?;
    let (heard, mut hearing) = mpsc::unbounded_channel();
    let (began, opening, mut crowd) = (Instant::now(), Arc::new(Semaphore::new(OPENING)), JoinSet::new());
    for number in 0..settings.subscribers {
        let (server, opening, heard) = (Reach::clone(server), Arc::clone(&opening), heard.clone());
        crowd.spawn(async move {
            let scene = if number % ELSEWHERE == 0 { "BATCH_PAYMENT" } else { "COLLECTION" };
            let place = opening.acquire().await.expect("it is never closed");
            let socket = subscribe(&server, scene).await;
            drop(place);
            let word = match socket {
                Ok(mut socket) => match socket.wait().await {
                    Heard::Said(said) if said["type"] == "next" => Ok(number),
                    other => Err(other.told()),
                },
                Err(failure) => Err(failure),
            };
            // Whoever hears twice, or hears what isn't meant for them, is found out by the count.
            drop(heard.send(word));
            std::future::pending::<()>().await;
        });
    }
    let all = settings.subscribers as u64;
    while server.metric("esign_event_subscribers").await? < all {
        if let Ok(word) = hearing.try_recv() {
            return Err(format!("a subscriber did not stay: {word:?}"));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (opened, growth) = (began.elapsed(), server.memory()? - before);
    let (reached, last) = start(server, settings.subscribers, &mut hearing).await?;
    say(&format!(
        "  crowd: {all} subscribers in {}, {} bytes each; an event reached {reached} of them, the last after {}",
        millis(opened),
        growth * 1024 / i64::try_from(all).unwrap_or(1).max(1),
        millis(last)
    ));
    crowd.shutdown().await;
    Ok(Vec::new())
}

async fn subscribe(server: &Reach, scene: &str) -> Result<Socket, Failure> {
    let mut socket = Socket::introduced(server).await?;
    let query = "subscription ($filter: SignFlowEventFilter) { signFlowEvents(filter: $filter) \
                 { cursor node { id type toStatus flow { id flowNo status } } } }";
    let payload = json!({"query": query, "variables": {"filter": {"scenes": [scene]}}});
    socket.say(json!({"type": "subscribe", "id": "1", "payload": payload}).to_string()).await?;
    Ok(socket)
}

/// Starts one flow; gives how many heard of it, and how long the last had to wait.
async fn start(
    server: &Server,
    subscribers: usize,
    hearing: &mut mpsc::UnboundedReceiver<Result<usize, Failure>>,
) -> Result<(usize, Duration), Failure> {
    let query = "mutation ($input: StartSignFlowInput!) { startSignFlow(input: $input) { replayed } }";
    let body = json!({"query": query, "variables": {"input": esign_tests::fixture::corporate("CROWD-1")}});
    let began = Instant::now();
    let answer = client::post(&client::plain(), server, body.to_string().into_bytes(), &[]).await?;
    if !answer.code.is_empty() {
        return Err(format!("no flow was started: {answer:?}"));
    }
    let meant = (0..subscribers).filter(|number| number % ELSEWHERE != 0).count();
    for reached in 0..meant {
        match timeout(LONGEST, hearing.recv()).await {
            Ok(Some(Ok(number))) if number % ELSEWHERE != 0 => {}
            other => return Err(format!("after {reached} of {meant} subscribers: {other:?}")),
        }
    }
    let last = began.elapsed();
    // Somebody else's flow would have come by now.
    tokio::time::sleep(Duration::from_millis(200)).await;
    match hearing.try_recv() {
        Err(mpsc::error::TryRecvError::Empty) => Ok((meant, last)),
        other => Err(format!("one heard what it did not ask for: {:?}", other.map_err(in_words))),
    }
}
