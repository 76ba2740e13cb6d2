//! Connections that say half a sentence and wait, or don't even listen: all are shown out, and nobody else notices.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    Failure,
    pulse::{Pulse, millis},
    say,
    server::{Server, in_words},
    settings::Settings,
};

/// By then every slow connection must be closed.
const LONGEST: Duration = Duration::from_secs(15);
/// Whoever doesn't listen hears no end. The server is looked at so long before the longest time.
const DEAF: Duration = Duration::from_millis(500);
/// Files that a server may hold more than before: the honest client's connection, and what the database opens.
const FILES: usize = 8;

/// How a connection dawdles.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Says half a header.
    HalfHeader,
    /// Says half a body.
    HalfBody,
    /// Says nothing at all.
    Nothing,
    /// Says one letter of a header a second.
    Drip,
    /// Becomes a socket, and doesn't introduce itself.
    Stranger,
    /// Asks for much, and takes none of it.
    Deaf,
}

const WAYS: [Way; 10] = [
    Way::HalfHeader,
    Way::HalfHeader,
    Way::HalfHeader,
    Way::HalfHeader,
    Way::HalfBody,
    Way::HalfBody,
    Way::Nothing,
    Way::Drip,
    Way::Stranger,
    Way::Deaf,
];

/// Opens them all, and waits until the last one is closed.
pub async fn linger(settings: &Settings, server: &Server) -> Result<Vec<Failure>, Failure> {
    let (files, pulse, mut slow) = (server.files()?, Pulse::begin(server), JoinSet::new());
    for number in 0..settings.slow {
        slow.spawn(dawdle(server.at, server.token.clone(), WAYS[number % WAYS.len()]));
    }
    let (mut longest, mut problems) = (Duration::ZERO, Vec::new());
    while let Some(one) = slow.join_next().await {
        match one.map_err(in_words)? {
            Ok(took) => longest = longest.max(took),
            Err(failure) => problems.push(failure),
        }
    }
    // Whoever doesn't listen can't tell when it was shut out; the server's own files do.
    let left = server.files()?.saturating_sub(files);
    if left > FILES {
        problems.push(format!("{left} files are still open"));
    }
    say(&format!(
        "  slow: {} connections, the last was shown out after {}; {}",
        settings.slow,
        millis(longest),
        pulse.end().await?
    ));
    Ok(problems)
}

/// Dawdles until the other side closes; gives how long that took.
async fn dawdle(at: std::net::SocketAddr, token: String, way: Way) -> Result<Duration, Failure> {
    let mut stream = TcpStream::connect(at).await.map_err(in_words)?;
    let began = Instant::now();
    let host = format!("Host: {at}\r\n");
    let words = match way {
        Way::HalfHeader | Way::Drip => format!("POST /graphql HTTP/1.1\r\n{host}x-half: "),
        Way::HalfBody => format!(
            "POST /graphql HTTP/1.1\r\n{host}authorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: 1000\r\n\r\n{{\"query\": \""
        ),
        Way::Nothing => String::new(),
        Way::Stranger => format!(
            "GET /graphql/ws HTTP/1.1\r\n{host}connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n"
        ),
        Way::Deaf => format!("GET /graphql/schema.graphql HTTP/1.1\r\n{host}\r\n").repeat(200),
    };
    stream.write_all(words.as_bytes()).await.map_err(in_words)?;
    let closed = async {
        match way {
            Way::Drip => drip(&mut stream).await,
            Way::Deaf => sleep(LONGEST.saturating_sub(DEAF)).await,
            _ => drain(&mut stream).await,
        }
    };
    match (timeout(LONGEST, closed).await, way) {
        (Err(_), _) => Err(format!("{way:?}: not closed after {} s", LONGEST.as_secs())),
        (Ok(()), Way::Deaf) => Ok(Duration::ZERO),
        (Ok(()), _) => Ok(began.elapsed()),
    }
}

/// Reads until the end, whether it comes with a word or without.
async fn drain(stream: &mut TcpStream) {
    let mut heard = [0; 4096];
    while stream.read(&mut heard).await.is_ok_and(|count| count > 0) {}
}

async fn drip(stream: &mut TcpStream) {
    let mut heard = [0; 256];
    while stream.write_all(b"x").await.is_ok() {
        if let Ok(Ok(0) | Err(_)) = timeout(Duration::from_secs(1), stream.read(&mut heard)).await {
            return;
        }
    }
}
