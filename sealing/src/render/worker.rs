//! The child process that lays out.
//!
//! The first frame brings its limits: it caps its own memory, loads the typefaces, says that it is ready, and then answers one job
//! after the other until its input closes, which happens at the latest when its parent dies. Before each job it
//! allows itself a fresh budget of processor time; a text that never ends is ended by the kernel, even if no one is
//! left to watch. What a text does to it harms nobody else.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use serde::{Serialize, de::DeserializeOwned};
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use super::frame::{self, Answer, Limits};
use super::layout::lay_out;
use super::world::Typefaces;
use super::{LaidOut, Layout, LayoutError};
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
    write(answers, &Answer::Ok(LaidOut { pdf: Vec::new(), pages: Vec::new(), boxes: Vec::new() }))?;
    while let Some(layout) = read::<Layout>(jobs)? {
        grant_processor_time(limits.cpu_seconds)?;
        write(answers, &answer(&layout, &typefaces))?;
    }
    Ok(())
}

fn answer(layout: &Layout, typefaces: &Typefaces) -> Answer {
    let finished = catch_unwind(AssertUnwindSafe(|| lay_out(layout, typefaces)));
    finished.unwrap_or_else(|_| refusal("the layout engine gave up on this text"))
}

fn refusal(reason: &str) -> Answer {
    Err(LayoutError::Worker(reason.to_owned()))
}

/// Caps the address space, and forbids core dumps: they would hold personal data.
fn limit_memory(limits: &Limits) -> io::Result<()> {
    let memory = Some(limits.memory_bytes);
    setrlimit(Resource::As, Rlimit { current: memory, maximum: memory })?;
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?)
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
fn write<T: Serialize>(pipe: &mut impl Write, value: &T) -> io::Result<()> {
    pipe.write_all(&frame::encode(value)?)?;
    pipe.flush()
}
