//! HTTP/1.1 by hand: as little work for the one who asks as can be.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Failure;

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer<'a> {
    /// Its status.
    pub status: u16,
    /// Its headers, as they came.
    pub head: &'a [u8],
    /// Its body.
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// Whether the body holds a text.
    pub fn has(&self, text: &str) -> bool {
        place(self.body, text.as_bytes()).is_some()
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = std::str::from_utf8(self.head).ok()?.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// For messages.
    pub fn words(&self) -> String {
        format!("HTTP {} {}", self.status, String::from_utf8_lossy(self.body))
    }
}

impl Connection {
    /// Connects to `host:port`.
    pub async fn open(address: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and reads the whole answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>, Failure> {
        self.stream.write_all(request).await.map_err(|error| error.to_string())?;
        self.buffer.clear();
        let mut head = None;
        loop {
            if self.stream.read_buf(&mut self.buffer).await.map_err(|error| error.to_string())? == 0 {
                return Err("the server closed the connection".into());
            }
            if head.is_none()
                && let Some(end) = place(&self.buffer, b"\r\n\r\n")
            {
                head = Some((end + 4, content_length(&self.buffer[..end])?));
            }
            if let Some((start, length)) = head
                && self.buffer.len() >= start + length
            {
                let status = std::str::from_utf8(&self.buffer[9..12]).ok().and_then(|digits| digits.parse().ok());
                let status = status.ok_or("no HTTP")?;
                return Ok(Answer { status, head: &self.buffer[..start], body: &self.buffer[start..start + length] });
            }
        }
    }

    /// Sends a request and reads so much of the answer; what is still to come is left, and the connection with it.
    pub async fn begin(mut self, request: &[u8], least: usize) -> Result<usize, Failure> {
        self.stream.write_all(request).await.map_err(|error| error.to_string())?;
        self.buffer.clear();
        while self.buffer.len() < least {
            if self.stream.read_buf(&mut self.buffer).await.map_err(|error| error.to_string())? == 0 {
                break;
            }
        }
        if self.buffer.starts_with(b"HTTP/1.1 200") { Ok(self.buffer.len()) } else { Err("not 200".into()) }
    }
}

fn content_length(head: &[u8]) -> Result<usize, Failure> {
    let head = std::str::from_utf8(head).map_err(|error| error.to_string())?;
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|(_, value)| value.trim().parse().ok());
    length.ok_or_else(|| format!("an answer of unknown length: {head}"))
}

fn place(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// A whole POST.
pub fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nhost: load\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
}

/// A whole GET with headers.
pub fn get_with(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: load\r\n{headers}\r\n").into_bytes()
}

/// A whole GET.
pub fn get(path: &str) -> Vec<u8> {
    get_with(path, "")
}
