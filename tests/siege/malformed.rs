//! Thousands of malformed requests from one seed: none is answered with 5xx, none ends the process or fills its memory.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::task::JoinSet;

use crate::{
    Failure, client,
    dice::Dice,
    mangle,
    pulse::Pulse,
    say,
    server::{Reach, Server},
    settings::Settings,
    socket::{Heard, Socket},
};

/// Besiegers at the same time.
const AT_ONCE: usize = 8;
/// One in so many goes over a socket.
const BY_SOCKET: usize = 5;
/// How much more memory the process may hold at the end, in kB.
const GROWTH: i64 = 50 * 1024;

/// Sends them all.
pub async fn rain(settings: &Settings, server: &Server) -> Result<Vec<Failure>, Failure> {
    say(&format!("  malformed: seed {}", settings.seed));
    let (seed, documents) = (settings.seed, settings.documents);
    let (before, pulse, accepted) = (server.memory()?, Pulse::begin(server), Arc::new(AtomicUsize::new(0)));
    let mut problems = Vec::new();
    let mut besiegers = JoinSet::new();
    for first in 0..AT_ONCE {
        let (server, accepted) = (Reach::clone(server), Arc::clone(&accepted));
        besiegers.spawn(async move {
            let (client, mut problems, mut socket) = (client::plain(), Vec::new(), None);
            for number in (first..documents).step_by(AT_ONCE) {
                let body = mangle::body(&mut Dice::of(seed, number as u64));
                let sent = if number % BY_SOCKET == 0 {
                    by_socket(&server, &mut socket, &body).await
                } else {
                    client::post(&client, &server, body, &[]).await.and_then(|answer| match answer.status {
                        200 | 400 | 413 => Ok(answer.code.is_empty()),
                        status => Err(format!("HTTP {status} {}", answer.code)),
                    })
                };
                match sent {
                    Ok(is_accepted) => drop(accepted.fetch_add(usize::from(is_accepted), Ordering::Relaxed)),
                    Err(failure) => problems.push(format!("document {number} of seed {seed}: {failure}")),
                }
            }
            problems
        });
    }
    while let Some(one) = besiegers.join_next().await {
        problems.extend(one.map_err(|error| error.to_string())?);
    }
    let growth = server.memory()? - before;
    if growth > GROWTH {
        problems.push(format!("the memory grew by {growth} kB"));
    }
    say(&format!(
        "    {documents} documents, {} harmless enough to be answered; memory {before} kB, {growth:+} kB; {}",
        accepted.load(Ordering::Relaxed),
        pulse.end().await?
    ));
    Ok(problems)
}

/// Sends one as an operation, or as the message itself. Either it is answered or the socket is closed with a word.
async fn by_socket(server: &Reach, kept: &mut Option<Socket>, body: &[u8]) -> Result<bool, Failure> {
    let text = String::from_utf8_lossy(body);
    let mut socket = match kept.take() {
        Some(socket) => socket,
        None => Socket::introduced(server).await?,
    };
    // Whoever is shown out in the middle of a word can't finish it.
    drop(socket.say(format!(r#"{{"type": "subscribe", "id": "1", "payload": {text}}}"#)).await);
    match socket.hear().await {
        Heard::Said(said) if said.to_string().contains("INTERNAL") => Err(said.to_string()),
        Heard::Said(said) if said["type"] == "next" => {
            // Its end. A subscription would have none; none of these is one.
            socket.hear().await;
            *kept = Some(socket);
            Ok(said["payload"]["errors"].is_null())
        }
        Heard::Said(_) => {
            *kept = Some(socket);
            Ok(false)
        }
        Heard::Closed(4400) => Ok(false),
        other => Err(other.told()),
    }
}
