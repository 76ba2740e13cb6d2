//! What a seal costs beside a raw signature by the same key, and what verifying it costs.
//!
//!     cargo bench -p esign-sealing --no-default-features --bench seals
//!
//! `kept` is any document after the first: the outlines of the company's letters are at hand, the handwriting is drawn
//! anew and the flow's number is another each time. `new` is a company none of whose twelve letters was drawn before. The
//! last line names the difference that counts, from medians of rounds that take turns, so that whatever else the machine
//! does meets both alike.

#[path = "desk/mod.rs"]
mod desk;
#[path = "../tests/ink/mod.rs"]
mod ink;

use criterion::{BatchSize, Criterion, criterion_group};
use desk::{Desk, company};
use esign_sealing::{Company, SealOrder, Signer, seal, sha256_hex, verify};
use std::hint::black_box;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// As many bytes as a signature's attributes have.
const ATTRIBUTES: [u8; 190] = [7; 190];

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
}

fn seals(criterion: &mut Criterion) {
    let (desk, runtime) = (Desk::new(), runtime());
    criterion.bench_function("raw signature", |bencher| {
        bencher.to_async(&runtime).iter(|| desk.signer.sign(black_box(&ATTRIBUTES)));
    });
    criterion.bench_function("seal, an individual's", |bencher| {
        bencher.to_async(&runtime).iter(|| async { sealed(&desk, &desk.order(None)).await });
    });
    let mut number = 0;
    criterion.bench_function("seal, a company's, kept", |bencher| {
        bencher.iter_batched(
            || next(&mut number),
            |flow_no| runtime.block_on(sealed(&desk, &desk.order(Some(company(&flow_no))))),
            BatchSize::SmallInput,
        );
    });
    let mut letters = ('\u{4e00}'..='\u{9fa5}').cycle();
    criterion.bench_function("seal, a company's, new", |bencher| {
        bencher.iter_batched(
            || letters.by_ref().take(12).collect::<String>(),
            |name| runtime.block_on(sealed(&desk, &desk.order(Some(Company { name: &name, ..company("F-1") })))),
            BatchSize::SmallInput,
        );
    });
    let order = desk.order(Some(company("MS20261122000008402")));
    let file = runtime.block_on(sealed(&desk, &order));
    eprintln!("base {} bytes, sealed {} bytes", order.base_pdf.len(), file.len());
    criterion.bench_function("verification", |bencher| {
        bencher.iter(|| verify(black_box(&file), &desk.roots, ink::now()).expect("it can be read"));
    });
    criterion.bench_function("one digest of the file", |bencher| bencher.iter(|| sha256_hex(black_box(&file))));
}

async fn sealed(desk: &Desk, order: &SealOrder<'_>) -> Vec<u8> {
    seal(order, &desk.signer).await.expect("it can be sealed").bytes
}

fn next(number: &mut u64) -> String {
    *number += 1;
    format!("MS20261122{number:09}")
}

/// The claim's own figure: how much longer a visible seal takes than a raw signature, both in one run.
fn difference() {
    let (desk, runtime) = (Desk::new(), runtime());
    let mut number = 0;
    let (mut raw, mut seals) = (Vec::new(), Vec::new());
    for _ in 0..2_000 {
        raw.push(timed(|| runtime.block_on(desk.signer.sign(&ATTRIBUTES))));
        let flow_no = next(&mut number);
        seals.push(timed(|| runtime.block_on(sealed(&desk, &desk.order(Some(company(&flow_no)))))));
    }
    let (raw, seal) = (median(raw), median(seals));
    let ratio = seal.as_secs_f64() / raw.as_secs_f64();
    eprintln!("raw signature {raw:?}, visible seal {seal:?}: {:?} more, {ratio:.1} times", seal.saturating_sub(raw));
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

criterion_group! {
    name = all;
    config = Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
    targets = seals
}

fn main() {
    all();
    difference();
    Criterion::default().final_summary();
}
