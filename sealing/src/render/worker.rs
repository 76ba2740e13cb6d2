//! The child process that lays out.
//!
//! The first frame brings its limits: it caps its own memory, loads the typefaces, gives up the right to open or write
//! any file, says that it is ready, and then answers one job after the other until its input closes, which happens at
//! the latest when its parent dies. Before each job it allows itself a fresh budget of processor time; a text that never
//! ends is ended by the kernel, even if no one is left to watch. What a text does to it harms nobody else.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use serde::de::DeserializeOwned;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use super::frame::{self, Answer, Job, Limits, Reply};
use super::layout::lay_out;
use super::variables::read_in_process;
use super::world::Typefaces;
use super::{LaidOut, LayoutError};
use crate::fonts::Fonts;

/// The body of the hidden subcommand: serves layouts over standard input and output until the input closes.
///
/// The first frame holds the limits; nothing is read from arguments or environment.
pub fn render_worker_main() -> ExitCode {
    // A panic's message may quote the text's data; the answer says all the parent needs.
    std::panic::set_hook(Box::new(|_| {}));
    match serve(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve(jobs: &mut impl Read, answers: &mut impl Write) -> io::Result<()> {
    let Some(limits) = read::<Limits>(jobs)? else { return Ok(()) };
    limit_memory(&limits)?;
    let typefaces = match Fonts::find(limits.fonts_dir.as_deref()) {
        Ok(fonts) => Typefaces::of(&fonts),
        Err(error) => return write(answers, &refusal(&error.to_string())),
    };
    forbid_files()?;
    write(answers, &Answer::Ok(Reply::Ready))?;
    while let Some(job) = read::<Job<'_>>(jobs)? {
        grant_processor_time(limits.cpu_seconds)?;
        write(answers, &answer(&job, &typefaces))?;
    }
    Ok(())
}

fn answer(job: &Job<'_>, typefaces: &Typefaces) -> Answer {
    let finished = catch_unwind(AssertUnwindSafe(|| match job {
        Job::LayOut(layout) => lay_out(layout, typefaces).map(Reply::LaidOut),
        Job::TryOut(layout) => lay_out(layout, typefaces).map(LaidOut::outlined).map(Reply::LaidOut),
        Job::Read(source) => Ok(Reply::Read(read_in_process(source))),
    }));
    finished.unwrap_or(Err(LayoutError::GaveUp))
}

fn refusal(reason: &str) -> Answer {
    Err(LayoutError::Worker(reason.to_owned()))
}

/// Caps the address space, and forbids core dumps: they would hold personal data.
fn limit_memory(limits: &Limits) -> io::Result<()> {
    let memory = Some(limits.memory_bytes);
    setrlimit(Resource::As, Rlimit { current: memory, maximum: memory })?;
    forbid(Resource::Core)
}

/// The typefaces are loaded, so nothing is left that would need a file: not one more can be opened, read or written,
/// whatever a text makes of the layout engine. The pipes that are open stay so.
fn forbid_files() -> io::Result<()> {
    forbid(Resource::Nofile)?;
    forbid(Resource::Fsize)
}

fn forbid(resource: Resource) -> io::Result<()> {
    Ok(setrlimit(resource, Rlimit { current: Some(0), maximum: Some(0) })?)
}

/// Moves the processor's soft limit to what is used up already plus the budget; the kernel counts whole seconds.
fn grant_processor_time(seconds: u64) -> io::Result<()> {
    let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0);
    let maximum = getrlimit(Resource::Cpu).maximum;
    let wanted = used + 1 + seconds;
    let current = Some(maximum.map_or(wanted, |maximum| maximum.min(wanted)));
    Ok(setrlimit(Resource::Cpu, Rlimit { current, maximum })?)
}

/// Reads one frame; `None` when the other side has closed the pipe.
fn read<T: DeserializeOwned>(pipe: &mut impl Read) -> io::Result<Option<T>> {
    let mut head = [0; 4];
    match pipe.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut body = vec![0; frame::announced(head)?];
    pipe.read_exact(&mut body)?;
    Ok(Some(serde_json::from_slice(&body)?))
}

/// Writes one frame and flushes.
fn write(pipe: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let frame = frame::encode(answer).or_else(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => frame::encode(&Answer::Err(LayoutError::TooLarge { what: "its pages".into() })),
        _ => Err(error),
    })?;
    pipe.write_all(&frame)?;
    pipe.flush()
}
