//! The pool of workers: what texts do to it, and what it does with them.

mod sample;

use esign_sealing::{
    Fonts, Layout, LayoutError, Renderer, RendererConfig, Sample, Trial, check_in_process, lay_out_in_process,
    sha256_hex, shipped,
};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Three loops in each other; the layout engine itself only notices `while true`.
const ENDLESS: &str = "#for i in range(100000) { for j in range(100000) { for k in range(100000) {} } }";

fn config() -> RendererConfig {
    RendererConfig {
        executable: PathBuf::from(env!("CARGO_BIN_EXE_render-worker")),
        arguments: vec!["render-worker".into()],
        workers: 2,
        waiting: usize::MAX,
        timeout: Duration::from_secs(30),
        memory_bytes: 600 << 20,
        cpu_seconds: 3,
        fonts_dir: None,
    }
}

fn good() -> Layout {
    Layout { source: shipped()[2].source.to_owned(), data: sample::data(true) }
}

fn text(source: &str) -> Layout {
    Layout { source: source.to_owned(), data: json!({}) }
}

#[tokio::test]
async fn a_worker_gives_the_same_bytes_as_this_process() {
    let renderer = Renderer::start(config()).unwrap();
    let here = lay_out_in_process(&good(), &Fonts::find(None).unwrap()).unwrap();
    let there = renderer.lay_out(&good()).await.unwrap();
    let again = renderer.lay_out(&good()).await.unwrap();
    assert_eq!(sha256_hex(&there.pdf), sha256_hex(&here.pdf));
    assert_eq!(there, here);
    assert_eq!(again, here);
    renderer.shutdown().await;
}

#[tokio::test]
async fn hostile_texts_end_in_clear_errors_and_the_pool_goes_on() {
    let renderer = Renderer::start(RendererConfig { cpu_seconds: 1, ..config() }).unwrap();
    let slow = [ENDLESS, "#for i in range(1000000000) { for j in range(1000000000) {} }"];
    for source in slow {
        let error = renderer.lay_out(&text(source)).await.unwrap_err();
        assert!(matches!(error, LayoutError::TooSlow | LayoutError::OutOfMemory), "{source}: {error:?}");
    }
    for source in [
        "#range(3000000000)",
        "#let a = \"x\" * 2000000000\n#(a + a)",
        "#let a = (1,)\n#for i in range(60) { a = a + a }",
    ] {
        let error = renderer.lay_out(&text(source)).await.unwrap_err();
        assert!(matches!(error, LayoutError::OutOfMemory | LayoutError::TooSlow), "{source}: {error:?}");
    }
    for source in
        ["#read(\"/etc/passwd\")", "#import \"@preview/cetz:0.3.0\"", "#eval(\"1\")", "#let f(n) = f(n + 1)\n#f(0)"]
    {
        let error = renderer.lay_out(&text(source)).await.unwrap_err();
        assert!(matches!(error, LayoutError::Source { .. }), "{source}: {error:?}");
    }
    assert!(renderer.lay_out(&good()).await.is_ok());
}

#[tokio::test]
async fn the_clock_ends_what_the_processor_limit_does_not() {
    let renderer = Renderer::start(RendererConfig { workers: 1, cpu_seconds: 600, ..config() }).unwrap();
    renderer.lay_out(&good()).await.unwrap();
    let impatient = Renderer::start(RendererConfig {
        workers: 1,
        cpu_seconds: 600,
        timeout: Duration::from_millis(500),
        ..config()
    });
    let impatient = impatient.unwrap();
    let before = Instant::now();
    let error = impatient.lay_out(&text(ENDLESS)).await.unwrap_err();
    assert_eq!(error, LayoutError::TooSlow);
    assert!(error.retryable());
    assert!(before.elapsed() < Duration::from_secs(25));
    assert!(impatient.lay_out(&text("short")).await.is_ok());
}

#[tokio::test]
async fn memory_is_bounded() {
    let renderer = Renderer::start(RendererConfig { workers: 1, ..config() }).unwrap();
    let error = renderer.lay_out(&text("#range(3000000000)")).await.unwrap_err();
    assert_eq!(error, LayoutError::OutOfMemory);
}

#[tokio::test]
async fn killed_workers_are_replaced() {
    let renderer = Renderer::start(RendererConfig { workers: 1, ..config() }).unwrap();
    renderer.lay_out(&good()).await.unwrap();
    let [worker] = children()[..] else { panic!("{:?}", children()) };
    let pid = rustix::process::Pid::from_raw(worker).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    // The first job may find the corpse; what counts is that it says so and that the next one finds a living worker.
    let first = renderer.lay_out(&good()).await;
    assert!(matches!(first, Ok(_) | Err(LayoutError::OutOfMemory | LayoutError::Worker(_))), "{first:?}");
    assert!(renderer.lay_out(&good()).await.is_ok());
    assert_ne!(children(), [worker]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_jobs_at_once_all_get_their_own_answer() {
    let renderer = Arc::new(Renderer::start(config()).unwrap());
    let mut jobs = tokio::task::JoinSet::new();
    for number in 0..24 {
        let renderer = Arc::clone(&renderer);
        jobs.spawn(async move {
            let answer = renderer.lay_out(&text(&format!("#set text(font: \"Noto Serif SC\")\nnumber {number}"))).await;
            assert_eq!(answer.unwrap().pages[0].text, format!("number {number}"));
        });
    }
    assert_eq!(jobs.join_all().await.len(), 24);
}

#[tokio::test]
async fn a_caller_who_leaves_takes_the_worker_with_them() {
    let renderer = Renderer::start(RendererConfig { workers: 1, cpu_seconds: 600, ..config() }).unwrap();
    renderer.lay_out(&text("warm")).await.unwrap();
    let endless = text(ENDLESS);
    let left = tokio::time::timeout(Duration::from_millis(50), renderer.lay_out(&endless)).await;
    assert!(left.is_err());
    assert_eq!(renderer.lay_out(&text("next")).await.unwrap().pages[0].text, "next");
}

#[tokio::test]
async fn a_pool_that_is_shut_down_leaves_no_children_and_takes_no_jobs() {
    let renderer = Renderer::start(config()).unwrap();
    renderer.lay_out(&text("one")).await.unwrap();
    renderer.shutdown().await;
    assert_eq!(children(), Vec::<i32>::new());
    assert!(matches!(renderer.lay_out(&text("two")).await, Err(LayoutError::Worker(_))));
}

#[tokio::test]
async fn what_cannot_start_says_so() {
    let absent = RendererConfig { executable: "/nonexistent".into(), ..config() };
    assert!(matches!(Renderer::start(absent), Err(LayoutError::Worker(_))));
    let no_fonts = RendererConfig { fonts_dir: Some("/nonexistent".into()), ..config() };
    assert!(matches!(Renderer::start(no_fonts), Err(LayoutError::Worker(_))));
    let mute = Renderer::start(RendererConfig { executable: "/bin/true".into(), ..config() }).unwrap();
    assert!(matches!(mute.lay_out(&good()).await, Err(LayoutError::Worker(_))));
}

fn trial(source: &str) -> Trial {
    let sample = |corporate: bool| Sample { data: sample::data(corporate), filler: "〔{name}〕".into() };
    Trial { source: source.to_owned(), samples: vec![sample(true), sample(false)], shown: Some(1) }
}

#[tokio::test]
async fn a_trial_tells_the_variables_and_what_becomes_of_each_sample() {
    let renderer = Renderer::start(RendererConfig { workers: 1, ..config() }).unwrap();
    let source = format!("{}\n费率 #d.variables.rate", shipped()[2].source);
    let checked = renderer.check(&trial(&source)).await.unwrap();
    assert_eq!(checked.reading.variables, ["rate"]);
    let [first, shown] = &checked.layouts[..] else { panic!("{:?}", checked.layouts) };
    let (first, shown) = (first.as_ref().unwrap(), shown.as_ref().unwrap());
    assert!(first.pdf.is_empty() && first.pages.iter().all(|page| page.svg.is_empty() && page.width_pt > 0.0));
    assert_eq!(first.boxes.len(), 2);
    assert!(shown.pages.last().unwrap().text.contains("费率 〔rate〕"));
    let here = check_in_process(&trial(&source), &Fonts::find(None).unwrap());
    assert_eq!((here.reading, here.layouts), (checked.reading, checked.layouts));
    let broken = renderer.check(&trial("#panic(json(\"/data.json\").subject.type)")).await.unwrap();
    assert!(broken.layouts.iter().all(|it| matches!(it, Err(LayoutError::Source { .. }))), "{:?}", broken.layouts);
    assert_eq!(broken.layouts.len(), 2);
    let greedy = renderer.check(&trial("#range(3000000000)")).await.unwrap();
    assert_eq!(greedy.layouts, [Err(LayoutError::OutOfMemory)], "the other sample would do the same");
}

#[tokio::test]
async fn who_would_wait_behind_too_many_is_refused_at_once() {
    let renderer = Renderer::start(RendererConfig { workers: 1, waiting: 1, ..config() }).unwrap();
    let (layout, first, second) = (text("short"), trial("one"), trial("two"));
    let (first, second, third) =
        tokio::join!(renderer.check(&first), renderer.check(&second), renderer.lay_out(&layout));
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(third.unwrap_err(), LayoutError::Busy);
    assert!(renderer.lay_out(&layout).await.is_ok(), "the line is short again");
}

/// The process ids of this test's living children (each test runs in a process of its own).
fn children() -> Vec<i32> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let of_task = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
    let all: String = tasks.map(|task| of_task(task.unwrap())).collect();
    all.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}
