//! The server: connections in, router, connections out; and an orderly end.
//!
//! A connection takes one of a fixed number of places before it is accepted, so a crowd waits in the kernel and not in
//! our memory. Its header must have arrived within the header time-out, which also ends connections that idle; its
//! body has a deadline of its own (see [`crate::shield`]); and a reader that takes nothing off the wire is given up by
//! the kernel. HTTP/1.1 alone is spoken: HTTP/2 and TLS end at the proxy before us.
//!
//! Told to stop, the server accepts nothing more, lets every request that was begun be answered, and then returns; a
//! request that takes longer than [`DRAIN`] is cut off.

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo, http::HeaderMap, response::Response};
use esign_config::Server;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};
use tower::ServiceExt;

/// Connections that may wait to be accepted; the kernel's own limit (`net.core.somaxconn`) may be lower.
const WAITING: u32 = 4096;
/// How long requests may take after the stop, before they are cut off.
pub const DRAIN: Duration = Duration::from_secs(20);
/// A pause after a failed accept (usually: no file descriptors left), so that the loop doesn't spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Listens at an address. Without being told, the kernel lets 128 connections wait; the next one's first words are lost,
/// and whoever sent them tries again after one second, then three, however idle we are by then.
///
/// # Errors
/// The address can't be listened at.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// Serves until told to stop, and returns when every request that was begun is answered or cut off.
///
/// Each request carries its client's address as `ConnectInfo<SocketAddr>`: the peer's, or what trusted proxies say.
pub async fn serve(listener: TcpListener, router: Router, settings: &Server, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(settings.max_connections));
    let connections = TaskTracker::new();
    let door = Arc::new(Door { router, trusted: settings.trusted_proxies.clone(), http: http(settings), stop });
    let unread = u32::try_from(settings.body_timeout_seconds.saturating_mul(1000)).unwrap_or(u32::MAX);
    while let Some((stream, peer, place)) = door.stop.run_until_cancelled(next(&listener, &places)).await {
        set_options(&stream, unread);
        let place = Arc::new(Place { _one_of: place, _awaited: connections.token() });
        let door = Arc::clone(&door);
        connections.spawn(async move {
            if let Err(error) = door.keep_open(stream, peer, place).await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(DRAIN, connections.wait()).await.is_err() {
        tracing::warn!(left = connections.len(), "requests were cut off at shutdown");
    }
}

/// A connection's place in the house. A connection that becomes a socket is no longer ours to serve, but takes its place
/// along, as an extension of its last request: it counts, and is waited for, until it is closed.
#[derive(Debug)]
pub struct Place {
    _one_of: OwnedSemaphorePermit,
    _awaited: TaskTrackerToken,
}

/// What every connection is served with.
struct Door {
    router: Router,
    trusted: Vec<IpNet>,
    http: http1::Builder,
    stop: CancellationToken,
}

impl Door {
    /// Serves one connection to its end; told to stop, to the end of the request that was begun.
    async fn keep_open(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, place: Arc<Place>) -> hyper::Result<()> {
        let service = service_fn(|request| Arc::clone(self).answer(request, peer, Arc::clone(&place)));
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(stream), service).with_upgrades());
        tokio::select! {
            ended = connection.as_mut() => return ended,
            () = self.stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        connection.await
    }

    async fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        peer: SocketAddr,
        place: Arc<Place>,
    ) -> Result<Response, Infallible> {
        let client = client_address(peer, request.headers(), &self.trusted);
        request.extensions_mut().insert(ConnectInfo(client));
        request.extensions_mut().insert(place);
        self.router.clone().oneshot(request.map(Body::new)).await
    }
}

fn http(settings: &Server) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(settings.header_timeout_seconds))
        .max_buf_size(64 * 1024);
    http
}

/// The next connection, once there is a place for it.
async fn next(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let place = Arc::clone(places).acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Small answers leave at once, and what the other side doesn't take within `unread` milliseconds ends the connection.
/// Both are improvements a socket can live without.
fn set_options(stream: &TcpStream, unread: u32) {
    let unset = stream.set_nodelay(true).and_then(|()| Ok(rustix::net::sockopt::set_tcp_user_timeout(stream, unread)?));
    if let Err(error) = unset {
        tracing::debug!(%error, "a socket option can't be set");
    }
}

/// Whose request it is: the nearest address that is not one of our proxies, read from the right, because everything to
/// the left of it can be made up.
fn client_address(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> SocketAddr {
    let is_proxy = |address: IpAddr| trusted.iter().any(|net| net.contains(&address.to_canonical()));
    if !is_proxy(peer.ip()) {
        return peer;
    }
    let lists: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let mut client = peer;
    for entry in lists.iter().rev().flat_map(|list| list.rsplit(',')) {
        let Some(address) = forwarded(entry.trim()) else { break };
        client = SocketAddr::new(address.to_canonical(), 0);
        if !is_proxy(address) {
            break;
        }
    }
    client
}

/// An address as proxies write it: bare, or with a port.
fn forwarded(entry: &str) -> Option<IpAddr> {
    entry.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::Notify,
    };

    use super::*;

    #[test]
    fn only_what_trusted_proxies_add_counts() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let table = [
            ("203.0.113.9:5", "198.51.100.1", "203.0.113.9"),
            ("10.0.0.1:5", "", "10.0.0.1"),
            ("10.0.0.1:5", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1:5", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("10.0.0.1:5", "1.1.1.1, nonsense, 10.0.0.2", "10.0.0.2"),
            ("10.0.0.1:5", "[2001:db8::1]:443", "2001:db8::1"),
            ("[::ffff:10.0.0.1]:5", "198.51.100.1:80", "198.51.100.1"),
        ];
        for (peer, list, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", list.parse().unwrap());
            let client = client_address(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(client.ip(), expected.parse::<IpAddr>().unwrap(), "{peer} {list}");
        }
    }

    struct Running {
        at: SocketAddr,
        stop: CancellationToken,
        task: tokio::task::JoinSet<()>,
    }

    fn run(router: Router, change: impl FnOnce(&mut Server)) -> Running {
        let shipped = esign_config::Settings::shipped(esign_config::Profile::Sandbox);
        let mut settings = esign_config::from_sources(shipped).unwrap().server;
        change(&mut settings);
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let (at, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let until = stop.clone();
        let mut task = tokio::task::JoinSet::new();
        task.spawn(async move { serve(listener, router, &settings, until).await });
        Running { at, stop, task }
    }

    /// Sends a request and reads until the other side closes.
    async fn ask(stream: &mut TcpStream, request: &str) -> String {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn whoever_says_nothing_or_too_little_is_shown_out() {
        let running = run(Router::new(), |settings| settings.header_timeout_seconds = 1);
        for words in ["", "GET / HTTP/1.1\r\nHost: x\r\n"] {
            let mut stream = TcpStream::connect(running.at).await.unwrap();
            assert_eq!(ask(&mut stream, words).await, "", "{words}");
        }
    }

    #[tokio::test]
    async fn a_request_that_was_begun_is_answered_before_the_end() {
        let (entered, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, until) = (Arc::clone(&entered), Arc::clone(&go_on));
        let slow = move || async move {
            told.notify_one();
            until.notified().await;
            "done"
        };
        let mut running = run(Router::new().route("/", axum::routing::get(slow)), |_| {});
        let mut stream = TcpStream::connect(running.at).await.unwrap();
        let conversation = async {
            let answer = ask(&mut stream, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
            assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
        };
        let stopping = async {
            entered.notified().await;
            running.stop.cancel();
            go_on.notify_one();
        };
        tokio::join!(conversation, stopping);
        running.task.join_next().await.unwrap().unwrap();
        assert!(TcpStream::connect(running.at).await.is_err(), "nobody listens any more");
    }

    #[tokio::test]
    async fn a_connection_that_is_no_longer_served_keeps_its_place() {
        let (kept, keep) = tokio::sync::mpsc::unbounded_channel();
        let taken = move |axum::Extension(place): axum::Extension<Arc<Place>>| async move { drop(kept.send(place)) };
        let mut running = run(Router::new().route("/", axum::routing::get(taken)), |settings| {
            settings.max_connections = 1;
        });
        let mut keep = keep;
        let request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        ask(&mut TcpStream::connect(running.at).await.unwrap(), request).await;
        let place = keep.recv().await.unwrap();
        let mut second = TcpStream::connect(running.at).await.unwrap();
        second.write_all(request.as_bytes()).await.unwrap();
        let pause = Duration::from_millis(50);
        assert!(tokio::time::timeout(pause, keep.recv()).await.is_err(), "there is only one place");
        drop(place);
        let place = keep.recv().await.unwrap();
        running.stop.cancel();
        assert!(tokio::time::timeout(pause, running.task.join_next()).await.is_err(), "it is waited for");
        drop(place);
        running.task.join_next().await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_crowd_waits_for_a_place() {
        let running = run(Router::new().route("/", axum::routing::get(|| async { "hi" })), |settings| {
            settings.max_connections = 1;
        });
        let mut first = TcpStream::connect(running.at).await.unwrap();
        let mut second = TcpStream::connect(running.at).await.unwrap();
        second.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let answer = ask(&mut first, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        assert!(answer.ends_with("hi"));
        assert!(ask(&mut second, "").await.ends_with("hi"));
    }
}
