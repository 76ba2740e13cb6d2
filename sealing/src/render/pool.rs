//! A few warm workers, each doing one job at a time.
//!
//! A job waits for its turn, takes an idle worker or starts one, and gives it back when the answer is in. A worker
//! that is late, dead, swollen or confused is not given back: it is killed, and the next job starts a new one. If the caller
//! loses interest half-way, the worker dies with the dropped future, so no answer can reach the wrong job.

use serde::Serialize;
use std::borrow::Cow;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::frame::{self, Answer, Job, Limits, Reply};
use super::trial::{self, Checked, Trial};
use super::{LaidOut, Layout, LayoutError};
use crate::fonts::Fonts;

/// After so many jobs a worker retires: the layout engine interns names for ever.
const RETIRES_AFTER: u32 = 500;
/// So many times as long as one layout a whole trial may take.
const TRIAL_TIMES: u32 = 3;
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
    /// How many jobs may wait for a free worker; over that they are refused.
    pub waiting: usize,
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
    /// Who waits and who works.
    places: Semaphore,
    turns: Semaphore,
    idle: Mutex<Vec<Worker>>,
}

struct Worker {
    child: Child,
    jobs: ChildStdin,
    answers: ChildStdout,
    done: u32,
    /// The address space it had when it was ready; none: it isn't yet.
    fresh_bytes: Option<u64>,
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
        let places = Semaphore::new(workers.saturating_add(config.waiting).min(Semaphore::MAX_PERMITS));
        let idle = (0..workers).map(|_| Worker::start(&config)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { config, places, turns: Semaphore::new(workers), idle: Mutex::new(idle) })
    }

    /// Lays out one document in a worker.
    ///
    /// Waits for a free worker, unless too many do, then for the answer up to the configured time.
    pub async fn lay_out(&self, layout: &Layout) -> Result<LaidOut, LayoutError> {
        self.seat().await?.laid_out(&Job::LayOut(Cow::Borrowed(layout))).await
    }

    /// Tries a text out with every sample, in one worker after another should it break them.
    ///
    /// As a whole it may take a few times as long as one layout; over that it is too slow.
    pub async fn check(&self, trial: &Trial) -> Result<Checked, LayoutError> {
        let mut seat = self.seat().await?;
        let finished = timeout(self.config.timeout * TRIAL_TIMES, seat.check(trial)).await;
        finished.unwrap_or(Err(LayoutError::TooSlow))
    }

    /// A turn at a worker, once it comes.
    async fn seat(&self) -> Result<Seat<'_>, LayoutError> {
        let place = self.places.try_acquire().map_err(|_| LayoutError::Busy)?;
        let turn = self.turns.acquire().await.map_err(|_| failed("the pool is shut down"))?;
        let worker = self.idle().pop();
        Ok(Seat { renderer: self, worker, _turn: turn, _place: place })
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

/// A turn at a worker. Whoever leaves it in the middle of a job takes the worker along.
struct Seat<'a> {
    renderer: &'a Renderer,
    /// The worker, while it has no job.
    worker: Option<Worker>,
    _turn: SemaphorePermit<'a>,
    _place: SemaphorePermit<'a>,
}

impl Seat<'_> {
    async fn check(&mut self, trial: &Trial) -> Result<Checked, LayoutError> {
        let job = Job::Read(Cow::Borrowed(&trial.source));
        let Reply::Read(reading) = self.ask(&job).await? else { return Err(confused()) };
        let mut checked = Checked { reading, layouts: Vec::with_capacity(trial.samples.len()) };
        for (index, sample) in trial.samples.iter().enumerate() {
            let layout = Cow::Owned(trial.layout(sample, &checked.reading.variables));
            let job = if trial.shown == Some(index) { Job::LayOut(layout) } else { Job::TryOut(layout) };
            checked.layouts.push(self.laid_out(&job).await);
            if !checked.layouts.last().is_some_and(trial::goes_on) {
                break;
            }
        }
        Ok(checked)
    }

    async fn laid_out(&mut self, job: &Job<'_>) -> Result<LaidOut, LayoutError> {
        match self.ask(job).await? {
            Reply::LaidOut(laid_out) => Ok(laid_out),
            _ => Err(confused()),
        }
    }

    async fn ask(&mut self, job: &Job<'_>) -> Answer {
        let config = &self.renderer.config;
        let mut worker = match self.worker.take() {
            Some(worker) if worker.done < RETIRES_AFTER => worker,
            _ => Worker::start(config)?,
        };
        let answer = worker.answer(job, config).await;
        if leaves_worker_sound(&answer) && !worker.has_grown(config.memory_bytes) {
            worker.done += 1;
            self.worker = Some(worker);
        } else {
            // It is gone, with all its memory, before another takes its place.
            worker.child.kill().await.ok();
        }
        answer
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.take().filter(|_| !self.renderer.turns.is_closed()) {
            self.renderer.idle().push(worker);
        }
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
            (Some(jobs), Some(answers)) => Ok(Self { child, jobs, answers, done: 0, fresh_bytes: None }),
            _ => Err(failed("it has no pipes")),
        }
    }

    async fn answer(&mut self, job: &Job<'_>, config: &RendererConfig) -> Answer {
        if self.fresh_bytes.is_none() {
            let ready = timeout(STARTING, self.get_ready(config)).await;
            ready.map_err(|_| failed("it does not get ready"))??;
        }
        timeout(config.timeout, self.exchange(job)).await.unwrap_or(Err(LayoutError::TooSlow))
    }

    async fn get_ready(&mut self, config: &RendererConfig) -> Result<(), LayoutError> {
        let fonts_dir = config.fonts_dir.clone();
        let limits = Limits { memory_bytes: config.memory_bytes, cpu_seconds: config.cpu_seconds, fonts_dir };
        self.exchange(&limits).await?;
        self.fresh_bytes = Some(self.bytes());
        Ok(())
    }

    /// Whether what its jobs have left behind takes half of the memory that the next one may need: the layout engine
    /// keeps every name it has met, and a text can have it meet millions.
    fn has_grown(&self, limit: u64) -> bool {
        let fresh = self.fresh_bytes.unwrap_or_default();
        self.bytes().saturating_sub(fresh) > limit.saturating_sub(fresh) / 2
    }

    /// Its address space; 0 where the system doesn't say.
    fn bytes(&self) -> u64 {
        let pages = || {
            let status = std::fs::read_to_string(format!("/proc/{}/statm", self.child.id()?)).ok()?;
            status.split(' ').next()?.parse::<u64>().ok()
        };
        pages().unwrap_or_default() * rustix::param::page_size() as u64
    }

    /// Sends one frame and receives its answer; if the worker died over it, says of what.
    async fn exchange<T: Serialize>(&mut self, request: &T) -> Answer {
        match self.transfer(request).await {
            Ok(answer) => answer,
            Err(error) if error.kind() == ErrorKind::InvalidData => Err(confused()),
            Err(error) if error.kind() == ErrorKind::FileTooLarge => {
                Err(LayoutError::TooLarge { what: "the text or its layout".into() })
            }
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
    use LayoutError::{MissingGlyph, Source, TooLarge};
    matches!(answer, Ok(_) | Err(Source { .. } | MissingGlyph { .. } | TooLarge { .. }))
}

fn cause_of_death(status: ExitStatus) -> LayoutError {
    match status.signal() {
        Some(SIGXCPU) => LayoutError::TooSlow,
        // The allocator and the stack guard abort; the kernel's own out-of-memory killer kills.
        Some(SIGABRT | SIGKILL | SIGSEGV) => LayoutError::OutOfMemory,
        _ => failed("it ended before it answered"),
    }
}

fn confused() -> LayoutError {
    failed("its answer makes no sense")
}

fn failed(reason: &str) -> LayoutError {
    LayoutError::Worker(reason.to_owned())
}
