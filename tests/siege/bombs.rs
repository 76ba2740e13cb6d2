//! Every bomb, by HTTP and by a socket: it must be refused with a code, at once, and leave nothing behind.

use std::time::{Duration, Instant};

use crate::{
    Failure,
    arsenal::{self, Bomb},
    client,
    pulse::{Pulse, millis},
    say,
    server::Server,
    socket::{Heard, Socket},
};

/// The refusals that a bomb may meet.
const REFUSALS: [&str; 3] = ["QUERY_TOO_COMPLEX", "INVALID_REQUEST", "INVALID_ARGUMENT"];

/// How long the slowest took, and which one.
type Slowest = (Duration, String);

/// Throws them all, twice: what the first round has made larger is no growth in the second.
pub async fn fall(server: &Server) -> Result<Vec<Failure>, Failure> {
    let (bombs, mut problems) = (arsenal::all(), Vec::new());
    let pulse = Pulse::begin(server);
    let before = server.memory()?;
    let by_http = by_http(server, &bombs, &mut problems).await;
    let by_socket = by_socket(server, &bombs, &mut problems).await?;
    let first = server.memory()?;
    by_http_again(server, &bombs, &mut problems).await;
    let second = server.memory()?;
    say(&format!(
        "  bombs: {} by HTTP, slowest {} ({}); by socket, slowest {} ({})",
        bombs.len(),
        millis(by_http.0),
        by_http.1,
        millis(by_socket.0),
        by_socket.1
    ));
    say(&format!(
        "    memory {before} kB, {:+} kB after both, {:+} kB after a third round; {}",
        first - before,
        second - first,
        pulse.end().await?
    ));
    Ok(problems)
}

async fn by_http_again(server: &Server, bombs: &[Bomb], problems: &mut Vec<Failure>) {
    by_http(server, bombs, problems).await;
}

async fn by_http(server: &Server, bombs: &[Bomb], problems: &mut Vec<Failure>) -> Slowest {
    let (client, mut slowest) = (client::plain(), Slowest::default());
    for bomb in bombs {
        match client::post(&client, server, bomb.body.clone(), bomb.header.as_slice()).await {
            Ok(answer) if (400..500).contains(&answer.status) && REFUSALS.contains(&&*answer.code) => {
                slowest = slowest.max((answer.took, bomb.name.clone()));
            }
            // A list that is too long is the list's own affair: an error of its field.
            Ok(answer) if answer.status == 200 && answer.code == "INVALID_ARGUMENT" => {}
            other => problems.push(format!("{}, by HTTP: {other:?}", bomb.name)),
        }
    }
    slowest
}

async fn by_socket(server: &Server, bombs: &[Bomb], problems: &mut Vec<Failure>) -> Result<Slowest, Failure> {
    let (mut socket, mut slowest) = (Socket::introduced(server).await?, Slowest::default());
    for (number, bomb) in bombs.iter().filter(|bomb| bomb.header.is_none()).enumerate() {
        let Ok(payload) = std::str::from_utf8(&bomb.body) else { continue };
        let (id, began) = (number.to_string(), Instant::now());
        // Whoever is shown out in the middle of a word can't finish it.
        drop(socket.say(format!(r#"{{"type": "subscribe", "id": "{id}", "payload": {payload}}}"#)).await);
        let heard = socket.hear().await;
        let took = began.elapsed();
        let is_refused = match &heard {
            Heard::Said(said) => {
                let errors = if said["type"] == "next" { &said["payload"]["errors"] } else { &said["payload"] };
                let code = errors[0]["extensions"]["code"].as_str().unwrap_or_default();
                said["id"] == *id && REFUSALS.contains(&code)
            }
            Heard::Closed(code) => *code == 4400,
            Heard::Dropped(_) => false,
        };
        if is_refused {
            slowest = slowest.max((took, bomb.name.clone()));
        } else {
            problems.push(format!("{}, by a socket: {}", bomb.name, heard.told()));
        }
        match heard {
            Heard::Said(said) if said["type"] == "next" => drop(socket.hear().await),
            Heard::Said(_) => {}
            Heard::Closed(_) | Heard::Dropped(_) => socket = Socket::introduced(server).await?,
        }
    }
    Ok(slowest)
}
