//! What laying an agreement out costs, in a warm worker: PDF, pictures of its pages, their words, over the pipe and back.
//!
//!     cargo build --release
//!     ESIGN_EXECUTABLE=$PWD/target/release/esign cargo bench -p esign-sealing --no-default-features --bench pages
//!
//! The worker is the platform's own executable, so the layout engine is built once, as the platform builds it.

#[path = "../tests/sample/mod.rs"]
mod sample;

use criterion::{Criterion, criterion_group, criterion_main};
use esign_sealing::{Layout, Renderer, RendererConfig, shipped};
use std::time::Duration;

fn pages(criterion: &mut Criterion) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let renderer = runtime.block_on(async { Renderer::start(config()) }).expect("the worker starts");
    for agreement in shipped() {
        let layout = Layout { source: agreement.source.to_owned(), data: sample::data(true) };
        let name = format!("layout of {}", agreement.code);
        criterion.bench_function(&name, |bencher| {
            bencher.to_async(&runtime).iter(|| async { renderer.lay_out(&layout).await.expect("it can be laid out") });
        });
    }
    runtime.block_on(renderer.shutdown());
}

fn config() -> RendererConfig {
    RendererConfig {
        executable: std::env::var_os("ESIGN_EXECUTABLE").expect("ESIGN_EXECUTABLE names the executable").into(),
        arguments: vec!["render-worker".into()],
        workers: 1,
        waiting: usize::MAX,
        timeout: Duration::from_secs(10),
        memory_bytes: 600 << 20,
        cpu_seconds: 5,
        fonts_dir: None,
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(50).measurement_time(Duration::from_secs(8));
    targets = pages
}
criterion_main!(all);
