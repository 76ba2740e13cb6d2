//! The child process that lays out.
//!
//! The first frame brings its limits: it caps its own memory, loads the typefaces, says that it is ready, and then answers one job
//! after the other until its input closes, which happens at the latest when its parent dies. Before each job it
//! allows itself a fresh budget of processor time; a text that never ends is ended by the kernel, even if no one is
//! left to watch. What a text does to it harms nobody else.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
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
    let Some(limits) = frame::read::<Limits>(jobs)? else { return Ok(()) };
    limit_memory(&limits)?;
    let typefaces = match Fonts::find(limits.fonts_dir.as_deref()) {
        Ok(fonts) => Typefaces::of(&fonts),
        Err(error) => return frame::write(answers, &refusal(&error.to_string())),
    };
    frame::write(answers, &Answer::Ok(LaidOut { pdf: Vec::new(), pages: Vec::new(), boxes: Vec::new() }))?;
    while let Some(layout) = frame::read::<Layout>(jobs)? {
        grant_processor_time(limits.cpu_seconds)?;
        frame::write(answers, &answer(&layout, &typefaces))?;
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
