//! The log of a story, for looking for what must not stand in it.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// Everything this thread logs while it lives, down to the finest level of our own crates.
pub struct Journal {
    lines: Arc<Mutex<Vec<u8>>>,
    _until: DefaultGuard,
}

impl Journal {
    /// Begins to listen.
    pub fn begin() -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_env_filter(EnvFilter::new("trace"))
            .with_writer(Pen(lines.clone()))
            .finish();
        Self { lines, _until: tracing::subscriber::set_default(subscriber) }
    }

    /// What was logged so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.lines.lock().expect("no writer panics")).into_owned()
    }
}

struct Pen(Arc<Mutex<Vec<u8>>>);

impl<'a> MakeWriter<'a> for Pen {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line(self.0.clone())
    }
}

/// One line on its way into the journal.
pub struct Line(Arc<Mutex<Vec<u8>>>);

impl io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
