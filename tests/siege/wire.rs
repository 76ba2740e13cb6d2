//! What is hardly HTTP: headers too many and too long, lengths that lie, noise. Each is answered with a refusal or shut
//! out, and in time.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    Failure,
    pulse::{Pulse, millis},
    say,
    server::{Reach, Server, in_words},
};

/// By then each must be answered, or shut out.
const LONGEST: Duration = Duration::from_secs(15);

/// Sends them all, each on a connection of its own.
pub async fn garble(server: &Server) -> Result<Vec<Failure>, Failure> {
    let (pulse, before, mut problems, mut slowest) =
        (Pulse::begin(server), server.memory()?, Vec::new(), Duration::ZERO);
    let garbled = garbled(server);
    for (name, words) in &garbled {
        match answered(server, words).await {
            Ok((answer, took)) if answer.is_empty() || answer.starts_with("HTTP/1.1 4") => slowest = slowest.max(took),
            Ok((answer, _)) => problems.push(format!("{name}: {}", answer.chars().take(200).collect::<String>())),
            Err(failure) => problems.push(format!("{name}: {failure}")),
        }
    }
    say(&format!(
        "  wire: {} garbled requests, the slowest was refused after {}; memory {:+} kB; {}",
        garbled.len(),
        millis(slowest),
        server.memory()? - before,
        pulse.end().await?
    ));
    Ok(problems)
}

fn garbled(server: &Reach) -> Vec<(&'static str, Vec<u8>)> {
    let body = r#"{"query": "{ viewer { kind } }"}"#;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: {}\r\nauthorization: Bearer {}\r\nconnection: close\r\n",
        server.at, server.token
    );
    let json = "content-type: application/json\r\n";
    let with = |more: &str, body: &str| format!("{head}{json}{more}\r\n{body}").into_bytes();
    let long = |name: &str, value: &str, times: usize| with(&format!("{name}: {}\r\n", value.repeat(times)), body);
    vec![
        ("1,000 headers", with(&"x-a: b\r\n".repeat(1_000), body)),
        ("a header of 1 MB", long("x-a", "b", 1_000_000)),
        ("a header's name of 100 kB", with(&format!("{}: b\r\n", "a".repeat(100_000)), body)),
        ("10,000 media types, none of ours", long("accept", "a/b;q=0.1,", 5_000)),
        ("a length and no body", with("content-length: 0\r\n", "")),
        ("two lengths", with("content-length: 5\r\ncontent-length: 50\r\n", body)),
        ("a length below nothing", with("content-length: -1\r\n", body)),
        ("a length beyond everything", with("content-length: 99999999999999999999\r\n", body)),
        ("a length and chunks", with("content-length: 5\r\ntransfer-encoding: chunked\r\n", "zz\r\n")),
        ("chunks that are none", with("transfer-encoding: chunked\r\n", "zz\r\n")),
        (
            "a chunk with a tail of 1 MB",
            with("transfer-encoding: chunked\r\n", &format!("1;{}\r\n", "a".repeat(1_000_000))),
        ),
        ("a packed transfer", with("transfer-encoding: gzip\r\n", body)),
        (
            "another length of characters",
            with("content-type: application/json; charset=utf-16\r\ncontent-length: 2\r\n", "{}"),
        ),
        ("a path of 1 MB", format!("GET /graphql?query={} HTTP/1.1\r\n\r\n", "a".repeat(1_000_000)).into_bytes()),
        ("noise", (0..100_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()),
        ("a greeting of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ("a method of 100 kB", format!("{} / HTTP/1.1\r\n\r\n", "A".repeat(100_000)).into_bytes()),
        ("folded headers", with("x-a: b\r\n c\r\n", body)),
        ("a null in a header", with("x-a: \0\r\n", body)),
    ]
}

/// Sends words and reads until the other side closes.
async fn answered(server: &Reach, words: &[u8]) -> Result<(String, Duration), Failure> {
    let (mut stream, began) = (TcpStream::connect(server.at).await.map_err(in_words)?, Instant::now());
    let (mut reading, mut writing) = stream.split();
    let mut answer = Vec::new();
    let talk = async {
        // Whoever is shut out in the middle of a word can't finish it.
        let write = async { drop(writing.write_all(words).await) };
        let read = async {
            let mut part = [0; 4096];
            while let Ok(count @ 1..) = reading.read(&mut part).await {
                answer.extend_from_slice(&part[..count]);
            }
        };
        tokio::join!(write, read);
    };
    timeout(LONGEST, talk).await.map_err(|_| format!("not shut out after {} s", LONGEST.as_secs()))?;
    Ok((String::from_utf8_lossy(&answer).into_owned(), began.elapsed()))
}
