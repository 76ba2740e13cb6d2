//! A corpus of texts that mean harm, and one that means well between any two of them.
//!
//! Each file of `hostile/` is one attack; its first line says what it tries, its second how it may end. Whatever it tries,
//! the pool answers in words, keeps its one worker, and lays the next text out as if nothing had been. That a worker can
//! read and write no file, and has only so much memory and processor time, is looked up at the kernel.
//!
//!     cargo nextest run -p esign-sealing --test hostile --no-capture
//!
//! prints what each of them cost.

mod sample;

use esign_sealing::{LaidOut, Layout, LayoutError, Renderer, RendererConfig, shipped};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// As `config/default.toml` has it, but for the processor time: who takes more than one second would take more than five.
const MEMORY: u64 = 600 << 20;
const CPU_SECONDS: u64 = 1;
/// What a source may have at most when it is published.
const SOURCE: usize = 256 << 10;

fn config() -> RendererConfig {
    RendererConfig {
        executable: PathBuf::from(env!("CARGO_BIN_EXE_render-worker")),
        arguments: vec!["render-worker".into()],
        workers: 1,
        waiting: 0,
        timeout: Duration::from_mins(2),
        memory_bytes: MEMORY,
        cpu_seconds: CPU_SECONDS,
        fonts_dir: None,
    }
}

/// One attack.
struct Attack {
    name: String,
    source: String,
    ends: BTreeSet<String>,
}

fn corpus() -> Vec<Attack> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let mut attacks: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| attack(&entry.unwrap().path())).collect();
    attacks.sort_by(|a, b| a.name.cmp(&b.name));
    attacks
}

fn attack(file: &Path) -> Attack {
    let source = std::fs::read_to_string(file).unwrap();
    let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
    let (tries, ends) = source.split_once('\n').unwrap();
    assert!(tries.starts_with("// Tries ") && tries.ends_with('.'), "{name}: {tries}");
    let ends = ends.lines().next().unwrap().strip_prefix("// Ends in: ").unwrap();
    let ends = ends.split(", ").map(str::to_owned).collect();
    assert!(source.len() <= SOURCE, "{name} could not even be published");
    Attack { name, source, ends }
}

/// The end of an attack in one word; none: the pool itself was at a loss.
fn end(answer: &Result<LaidOut, LayoutError>) -> Option<&'static str> {
    Some(match answer {
        Ok(_) => "layout",
        Err(LayoutError::Source { .. }) => "source",
        Err(LayoutError::MissingGlyph { .. }) => "glyph",
        Err(LayoutError::TooSlow) => "slow",
        Err(LayoutError::OutOfMemory) => "memory",
        Err(LayoutError::TooLarge { .. }) => "large",
        Err(LayoutError::GaveUp) => "broken",
        Err(LayoutError::Busy | LayoutError::Worker(_)) => return None,
    })
}

fn data() -> Value {
    let name = "#read(\"/etc/passwd\") *bold* _it_ $x^2$ `raw` <label> @ref \\u{41} #panic() // [x] {y} ~ -- https://x.example";
    json!({ "name": name, "variables": {} })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_text_tries_the_pool_goes_on() {
    let renderer = Renderer::start(config()).unwrap();
    let good = Layout { source: shipped()[2].source.to_owned(), data: sample::data(true) };
    let expected = renderer.lay_out(&good).await.unwrap();
    let attacks = corpus();
    assert!(attacks.len() >= 30);
    let (mut table, mut wrong) = (String::new(), Vec::new());
    for attack in &attacks {
        let before = the_worker();
        let watch = Watch::begin(before);
        let layout = Layout { source: attack.source.clone(), data: data() };
        let answer = renderer.lay_out(&layout).await;
        let (time, peak) = watch.end();
        let end = end(&answer);
        if !end.is_some_and(|end| attack.ends.contains(end)) {
            wrong.push(format!("{}: {answer:?}", attack.name));
        }
        assert!(nothing_was_read(&answer), "{}", attack.name);
        if attack.name == "markup_in_data" {
            let words = answer.as_ref().unwrap().pages[0].text.clone();
            assert_eq!(words.matches(data()["name"].as_str().unwrap()).count(), 3, "{words}");
        }
        let peak = peak.map_or_else(|| "?".into(), |kib| (kib >> 10).to_string());
        let _ =
            writeln!(table, "| {} | {} | {:.2} s | {peak} MiB |", attack.name, end.unwrap_or("?"), time.as_secs_f64());
        assert!(renderer.lay_out(&good).await.is_ok_and(|again| again == expected), "after {}", attack.name);
        the_worker();
    }
    eprintln!("| attack | ends in | time | peak memory |\n|---|---|---|---|\n{table}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// No answer holds anything of a file that every machine has.
fn nothing_was_read(answer: &Result<LaidOut, LayoutError>) -> bool {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let host = if host.trim().len() < 6 { "no name to look for" } else { host.trim() };
    let innocent = |text: &str| !text.contains("root:x:0") && !text.contains(host);
    match answer {
        Ok(laid_out) => laid_out.pages.iter().all(|page| innocent(&page.text) && innocent(&page.svg)),
        Err(LayoutError::Source { problems }) => problems.iter().all(|problem| innocent(&problem.message)),
        Err(_) => true,
    }
}

#[tokio::test]
async fn a_worker_can_open_no_file_and_has_only_so_much_memory_and_time() {
    let renderer = Renderer::start(config()).unwrap();
    renderer.lay_out(&Layout { source: "short".into(), data: data() }).await.unwrap();
    let worker = the_worker();
    let limits = std::fs::read_to_string(format!("/proc/{worker}/limits")).unwrap();
    let limit = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(limit("Max open files"), "0");
    assert_eq!(limit("Max file size"), "0");
    assert_eq!(limit("Max core file size"), "0");
    assert_eq!(limit("Max address space"), MEMORY.to_string());
    assert!(limit("Max cpu time").parse::<u64>().unwrap() <= CPU_SECONDS + 2);
    let open = std::fs::read_dir(format!("/proc/{worker}/fd")).unwrap();
    let open: Vec<_> = open.map(|fd| std::fs::read_link(fd.unwrap().path()).unwrap().display().to_string()).collect();
    assert!(open.iter().all(|fd| !fd.starts_with('/') || fd == "/dev/null"), "{open:?}");
    assert_eq!(std::fs::read(format!("/proc/{worker}/environ")).unwrap().windows(4).find(|it| it == b"HOME"), None);
}

#[tokio::test]
async fn a_worker_that_a_text_has_swollen_is_not_given_to_the_next() {
    let renderer = Renderer::start(RendererConfig { cpu_seconds: 60, memory_bytes: MEMORY / 2, ..config() }).unwrap();
    let lay_out = |source: &str| {
        let layout = Layout { source: source.to_owned(), data: data() };
        let renderer = &renderer;
        async move { renderer.lay_out(&layout).await }
    };
    lay_out("short").await.unwrap();
    let lean = the_worker();
    lay_out("short again").await.unwrap();
    assert_eq!(the_worker(), lean);
    let names = "#for i in range(90) { let l = label(\"x\" * 1000000 + str(i)) }\nswollen";
    assert!(lay_out(names).await.is_ok(), "nothing is wrong with it, but the engine keeps these names for ever");
    lay_out("short").await.unwrap();
    assert_ne!(the_worker(), lean);
}

/// Looks at a worker while it works: it may be gone when it is done.
struct Watch {
    since: Instant,
    stop: Arc<AtomicBool>,
    looking: std::thread::JoinHandle<Option<u64>>,
}

impl Watch {
    fn begin(worker: i32) -> Self {
        // Forgets the peak so far.
        let _ = std::fs::write(format!("/proc/{worker}/clear_refs"), "5");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let looking = std::thread::spawn(move || {
            let mut peak = None;
            loop {
                let last = stopped.load(Ordering::Relaxed);
                peak = peak_kib(worker).or(peak);
                if last {
                    return peak;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        Self { since: Instant::now(), stop, looking }
    }

    fn end(self) -> (Duration, Option<u64>) {
        let time = self.since.elapsed();
        self.stop.store(true, Ordering::Relaxed);
        (time, self.looking.join().unwrap())
    }
}

fn peak_kib(process: i32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The one child of this test: each test runs in a process of its own.
fn the_worker() -> i32 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let of_task = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
    let all: String = tasks.map(|task| of_task(task.unwrap())).collect();
    let all: Vec<i32> = all.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
    let [worker] = all[..] else { panic!("not one child but {all:?}") };
    worker
}
