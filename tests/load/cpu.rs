//! The clock that reads processor time: what a process and all its descendants have used so far, the ended ones too.
//!
//! The kernel keeps, for each process, its own time and that of the children it has waited for. The sum of both over
//! everything that lives below a process loses nothing and counts nothing twice, as long as nobody comes or goes while it
//! is read; so it is read until two looks see the same processes.

use std::{collections::HashMap, fs};

use crate::Failure;

/// Ticks in a second: what Linux shows to programs, on every machine.
const TICKS: f64 = 100.0;
/// Looks before giving up on a tree that never holds still.
const LOOKS: usize = 50;

/// Processor time in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Used {
    /// Of the process itself.
    pub own: f64,
    /// Of its descendants.
    pub below: f64,
}

impl Used {
    /// All of it.
    pub fn all(self) -> f64 {
        self.own + self.below
    }

    /// What was used since an earlier look.
    pub fn since(self, before: Self) -> Self {
        Self { own: self.own - before.own, below: self.below - before.below }
    }
}

/// What a process and its descendants have used so far.
pub fn used(root: u32) -> Result<Used, Failure> {
    let mut before = tree(root)?;
    for _ in 0..LOOKS {
        let after = tree(root)?;
        if before.len() == after.len() && before.iter().zip(&after).all(|(a, b)| a.pid == b.pid && a.waited == b.waited)
        {
            let own = after.iter().filter(|process| process.pid == root).map(|process| process.own).sum();
            let all: u64 = after.iter().map(|process| process.own + process.waited).sum();
            return Ok(Used { own: seconds(own), below: seconds(all - own) });
        }
        before = after;
    }
    Err(format!("the processes below {root} never hold still"))
}

/// Resident memory in MB: of the process, and of its descendants together.
pub fn memory(root: u32) -> Result<(f64, f64), Failure> {
    let mut own = 0.0;
    let mut below = 0.0;
    for process in tree(root)? {
        let status = fs::read_to_string(format!("/proc/{}/status", process.pid)).map_err(|error| error.to_string())?;
        let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
        let mb = kib.unwrap_or(0.0) * 1024.0 / 1e6;
        *if process.pid == root { &mut own } else { &mut below } += mb;
    }
    Ok((own, below))
}

/// Who started a process.
pub fn parent(pid: u32) -> Result<u32, Failure> {
    Ok(Process::read(pid).ok_or_else(|| format!("no process {pid} on this machine"))?.parent)
}

#[expect(clippy::cast_precision_loss, reason = "ticks of a few hours at most")]
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / TICKS
}

#[derive(Debug, Clone, Copy)]
struct Process {
    pid: u32,
    parent: u32,
    own: u64,
    waited: u64,
}

impl Process {
    fn read(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name stands in parentheses and may hold anything.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
        Some(Self {
            pid,
            parent: u32::try_from(number(1)?).ok()?,
            own: number(11)? + number(12)?,
            waited: number(13)? + number(14)?,
        })
    }
}

/// A process and its descendants, by number.
fn tree(root: u32) -> Result<Vec<Process>, Failure> {
    let names = fs::read_dir("/proc").map_err(|error| error.to_string())?;
    let pids = names.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let all: HashMap<u32, Process> = pids.filter_map(|pid| Some((pid, Process::read(pid)?))).collect();
    let is_below = |mut pid: u32| {
        while pid != root {
            match all.get(&pid) {
                Some(process) => pid = process.parent,
                None => return false,
            }
        }
        true
    };
    let mut found: Vec<Process> = all.values().filter(|process| is_below(process.pid)).copied().collect();
    found.sort_by_key(|process| process.pid);
    if found.is_empty() { Err(format!("process {root} has ended")) } else { Ok(found) }
}
