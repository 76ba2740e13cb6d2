//! A few warm workers, each doing one job at a time.
//!
//! A job waits for its turn, takes an idle worker or starts one, and gives it back when the answer is in. A worker
//! that is late, dead, or confused is not given back: it is killed, and the next job starts a new one. If the caller
//! loses interest half-way, the worker dies with the dropped future, so no answer can reach the wrong job.

use serde::Serialize;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::frame::{self, Answer, Limits};
use super::{LaidOut, Layout, LayoutError};
use crate::fonts::Fonts;

/// After so many jobs a worker retires: the layout engine interns names for ever.
const RETIRES_AFTER: u32 = 500;
/// How long a new worker may take to load the typefaces.
const STARTING: Duration = Duration::from_secs(20);
/// Signals of the kernel and the runtime, by number.
const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGSEGV: i32 = 11;
const SIGXCPU: i32 = 24;

/// How the pool runs its workers.
#[derive(Clone, Debug)]
pub struct RendererConfig {
    /// The program to start: the platform's own executable.
    pub executable: PathBuf,
    /// Its arguments: the hidden subcommand, `["render-worker"]`.
    pub arguments: Vec<String>,
    /// How many workers at most, each one job at a time.
    pub workers: usize,
    /// How long one job may take by the clock.
    pub timeout: Duration,
    /// How much address space a worker may have; 600 MB is right.
    pub memory_bytes: u64,
    /// How much processor time one job may take; 3 is right.
    pub cpu_seconds: u64,
    /// Where the typefaces are; `None` looks beside the executable and in this crate.
    pub fonts_dir: Option<PathBuf>,
}

/// The pool of layout workers. Share it behind an `Arc`; all methods take `&self`.
pub struct Renderer {
    config: RendererConfig,
    turns: Semaphore,
    idle: Mutex<Vec<Worker>>,
}

struct Worker {
    child: Child,
    jobs: ChildStdin,
    answers: ChildStdout,
    done: u32,
    ready: bool,
}

impl std::fmt::Debug for Renderer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Renderer").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Renderer {
    /// Checks the typefaces, makes them those that marks are drawn with, and starts the workers.
    ///
    /// Must be called within a Tokio runtime.
    pub fn start(config: RendererConfig) -> Result<Self, LayoutError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(failed("the pool must be started within a Tokio runtime"));
        }
        Fonts::settle(config.fonts_dir.as_deref()).map_err(|error| failed(&error.to_string()))?;
        let workers = config.workers.max(1);
        let idle = (0..workers).map(|_| Worker::start(&config)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { config, turns: Semaphore::new(workers), idle: Mutex::new(idle) })
    }

    /// Lays out one document in a worker.
    ///
    /// Waits for a free worker without limit, then for the answer up to the configured time.
    pub async fn lay_out(&self, layout: &Layout) -> Result<LaidOut, LayoutError> {
        let turn = self.turns.acquire().await.map_err(|_| failed("the pool is shut down"))?;
        let idle = self.idle().pop();
        let mut worker = match idle {
            Some(worker) if worker.done < RETIRES_AFTER => worker,
            _ => Worker::start(&self.config)?,
        };
        let answer = worker.answer(layout, &self.config).await;
        if leaves_worker_sound(&answer) && !self.turns.is_closed() {
            worker.done += 1;
            self.idle().push(worker);
        }
        drop(turn);
        answer
    }

    /// Takes no more jobs, and ends the idle workers; busy ones end with their job.
    pub async fn shutdown(&self) {
        self.turns.close();
        let workers = std::mem::take(&mut *self.idle());
        for Worker { mut child, jobs, answers, .. } in workers {
            // Closed pipes end an idle worker; the kill is for one that does not listen.
            drop((jobs, answers));
            if timeout(Duration::from_secs(1), child.wait()).await.is_err() {
                child.kill().await.ok();
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Worker {
    fn start(config: &RendererConfig) -> Result<Self, LayoutError> {
        let mut command = Command::new(&config.executable);
        command.args(&config.arguments).current_dir("/").env_clear().kill_on_drop(true);
        // One thread and few arenas: each would reserve address space, which is what is limited.
        command.env("RAYON_NUM_THREADS", "1").env("MALLOC_ARENA_MAX", "2");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| failed(&format!("it cannot be started: {}", error.kind())))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(jobs), Some(answers)) => Ok(Self { child, jobs, answers, done: 0, ready: false }),
            _ => Err(failed("it has no pipes")),
        }
    }

    async fn answer(&mut self, layout: &Layout, config: &RendererConfig) -> Answer {
        if !self.ready {
            let ready = timeout(STARTING, self.get_ready(config)).await;
            ready.map_err(|_| failed("it does not get ready"))??;
        }
        timeout(config.timeout, self.exchange(layout)).await.unwrap_or(Err(LayoutError::TooSlow))
    }

    async fn get_ready(&mut self, config: &RendererConfig) -> Result<(), LayoutError> {
        let fonts_dir = config.fonts_dir.clone();
        let limits = Limits { memory_bytes: config.memory_bytes, cpu_seconds: config.cpu_seconds, fonts_dir };
        self.exchange(&limits).await?;
        self.ready = true;
        Ok(())
    }

    /// Sends one frame and receives its answer; if the worker died over it, says of what.
    async fn exchange<T: Serialize>(&mut self, request: &T) -> Answer {
        match self.transfer(request).await {
            Ok(answer) => answer,
            Err(error) if error.kind() == ErrorKind::InvalidData => Err(failed("its answer makes no sense")),
            Err(_) => Err(self.child.wait().await.map_or_else(|_| failed("it is gone"), cause_of_death)),
        }
    }

    async fn transfer<T: Serialize>(&mut self, request: &T) -> std::io::Result<Answer> {
        self.jobs.write_all(&frame::encode(request)?).await?;
        self.jobs.flush().await?;
        let mut head = [0; 4];
        self.answers.read_exact(&mut head).await?;
        let mut body = vec![0; frame::announced(head)?];
        self.answers.read_exact(&mut body).await?;
        serde_json::from_slice(&body).map_err(|_| ErrorKind::InvalidData.into())
    }
}

/// Whether a worker that gave this answer can take another job.
fn leaves_worker_sound(answer: &Answer) -> bool {
    matches!(answer, Ok(_) | Err(LayoutError::Source { .. } | LayoutError::MissingGlyph { .. }))
}

fn cause_of_death(status: ExitStatus) -> LayoutError {
    match status.signal() {
        Some(SIGXCPU) => LayoutError::TooSlow,
        // The allocator and the stack guard abort; the kernel's own out-of-memory killer kills.
        Some(SIGABRT | SIGKILL | SIGSEGV) => LayoutError::OutOfMemory,
        _ => failed("it ended before it answered"),
    }
}

fn failed(reason: &str) -> LayoutError {
    LayoutError::Worker(reason.to_owned())
}
