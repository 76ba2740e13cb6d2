//! The wire between the platform and PostgreSQL, in a story's hands: it can be dead, and it can be cut at a commit, before
//! the database has heard of it or after it has done it, or fall silent there.
//!
//! On threads of its own: whoever waits for the database may keep everybody else from running.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use esign_config::{Secret, Settings};
use url::Url;

use crate::TestApp;

/// What becomes of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The database never hears of it.
    Commit,
    /// The database does it; the answer is lost.
    Answer,
    /// The database's host vanishes with it: nothing is closed, and nothing is ever said again.
    Host,
}

/// The wire.
#[derive(Clone)]
pub struct Relay(Arc<Wire>);

struct Wire {
    database: SocketAddr,
    dead: AtomicBool,
    /// How many commits still go through, and what becomes of the next.
    plan: Mutex<Option<(usize, Lost)>>,
    streams: Mutex<Vec<TcpStream>>,
}

/// What becomes of some words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Passed,
    Swallowed,
    Cut,
}

/// A platform behind a wire; none on SQLite, which has no wire to cut.
pub async fn behind_a_wire() -> Option<(TestApp, Relay)> {
    behind_a_wire_with(|_| {}).await
}

/// The same with other settings.
pub async fn behind_a_wire_with(change: impl FnOnce(&mut Settings)) -> Option<(TestApp, Relay)> {
    std::env::var_os("ESIGN_TEST_POSTGRES")?;
    let mut relay = None;
    let app = TestApp::with(|settings| {
        change(settings);
        relay = Some(Relay::before(settings));
    })
    .await;
    Some((app, relay?))
}

impl Relay {
    fn before(settings: &mut Settings) -> Self {
        let mut url = Url::parse(settings.database.url.expose()).expect("a database's address");
        let database = url.socket_addrs(|| Some(5432)).expect("its host is known")[0];
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound address").port();
        url.set_ip_host([127, 0, 0, 1].into()).and_then(|()| url.set_port(Some(port))).expect("an address with a host");
        settings.database.url = Secret::new(url.as_str());
        let (dead, plan, streams) = (AtomicBool::default(), Mutex::default(), Mutex::default());
        let relay = Self(Arc::new(Wire { database, dead, plan, streams }));
        let wire = Arc::clone(&relay.0);
        thread::spawn(move || listener.incoming().flatten().for_each(|client| wire.join(client)));
        relay
    }

    /// Nothing goes through any more, and whoever speaks is cut off.
    pub fn cut(&self) {
        self.0.dead.store(true, Ordering::SeqCst);
        for stream in self.0.streams.lock().expect("no holder panics").drain(..) {
            // It may be closed already.
            stream.shutdown(Shutdown::Both).ok();
        }
    }

    /// Everything goes through again.
    pub fn mend(&self) {
        self.0.dead.store(false, Ordering::SeqCst);
    }

    /// Loses one commit, after so many others.
    pub fn lose(&self, after: usize, lost: Lost) {
        *self.0.plan.lock().expect("no holder panics") = Some((after, lost));
    }

    /// Whether the commit that was to be lost is still to come; loses none any more.
    pub fn spare(&self) -> bool {
        self.0.plan.lock().expect("no holder panics").take().is_some()
    }
}

impl Wire {
    fn join(self: &Arc<Self>, client: TcpStream) {
        if self.dead.load(Ordering::SeqCst) {
            return;
        }
        let server = TcpStream::connect(self.database).expect("the database answers");
        for stream in [&client, &server] {
            stream.set_nodelay(true).expect("a socket's option");
            self.streams.lock().expect("no holder panics").push(stream.try_clone().expect("a file to spare"));
        }
        let again = |stream: &TcpStream| stream.try_clone().expect("a file to spare");
        let (asks, answers, fate) = (again(&client), again(&server), Arc::new(Mutex::new(Fate::Passed)));
        let (wire, decided) = (Arc::clone(self), Arc::clone(&fate));
        thread::spawn(move || {
            carry(asks, server, |words| {
                let mut decided = decided.lock().expect("no holder panics");
                match wire.judge(words) {
                    Some(Lost::Commit) => return Fate::Cut,
                    // The words go through; what is said to them doesn't.
                    Some(Lost::Answer) => *decided = Fate::Cut,
                    Some(Lost::Host) => *decided = Fate::Swallowed,
                    None => {}
                }
                if *decided == Fate::Swallowed { Fate::Swallowed } else { Fate::Passed }
            });
        });
        thread::spawn(move || carry(answers, client, |_| *fate.lock().expect("no holder panics")));
    }

    fn judge(&self, words: &[u8]) -> Option<Lost> {
        if !words.windows(7).any(|window| window == b"COMMIT\0") {
            return None;
        }
        let mut plan = self.plan.lock().expect("no holder panics");
        match &mut *plan {
            Some((0, lost)) => {
                let lost = *lost;
                *plan = None;
                Some(lost)
            }
            Some((after, _)) => {
                *after -= 1;
                None
            }
            None => None,
        }
    }
}

/// Carries words from one to the other until one of them goes, or until they are cut.
fn carry(mut from: TcpStream, mut to: TcpStream, fate: impl Fn(&[u8]) -> Fate) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let carried = match fate(&buffer[..count]) {
            Fate::Passed => to.write_all(&buffer[..count]).is_ok(),
            // For the other side it is over; this one goes on talking to nobody.
            Fate::Swallowed => {
                to.shutdown(Shutdown::Both).ok();
                true
            }
            Fate::Cut => false,
        };
        if !carried {
            break;
        }
    }
    if fate(&[]) == Fate::Swallowed {
        return;
    }
    for stream in [from, to] {
        stream.shutdown(Shutdown::Both).ok();
    }
}
