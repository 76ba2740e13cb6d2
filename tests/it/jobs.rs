//! Jobs: run by any number of workers, never lost, never written by two.

use chrono::TimeDelta;
use esign_domain::job::{self, Outcome};
use esign_tests::{TestApp, fixture::corporate};
use futures_util::future::join_all;
use tokio::sync::watch;

#[tokio::test]
async fn many_workers_on_one_table_do_each_thing_once() {
    let app = TestApp::new().await;
    for n in 0..10 {
        app.start(corporate(&format!("crowd-{n}"))).await;
    }
    let ran: usize = join_all((0..5).map(|_| job::drain(&app))).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(ran, 10);
    assert_eq!(app.gateway.calls().len(), 10);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_overwrites_nothing() {
    let app = TestApp::new().await;
    let id = app.start(corporate("lease")).await.id;
    let slow = job::claim(&app, 10).await.unwrap().swap_remove(0);
    assert!(job::claim(&app, 10).await.unwrap().is_empty(), "it is in somebody's hands");
    app.advance(TimeDelta::seconds(app.settings.jobs.lease_seconds + 1));
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "PENDING_SIGN", "another worker took it over");
    for outcome in [Outcome::Done, Outcome::Retry("late".into(), TimeDelta::zero()), Outcome::Discard("late".into())] {
        assert!(!job::finish(&app, &slow, &outcome).await.unwrap(), "{outcome:?}");
    }
    assert_eq!(app.run_jobs().await, 0);
}

#[tokio::test]
async fn finished_jobs_are_forgotten_after_a_week_and_no_sooner() {
    let app = TestApp::new().await;
    app.start(corporate("forgotten")).await;
    app.run_jobs().await;
    let week = TimeDelta::seconds(app.settings.jobs.keep_finished_seconds);
    app.advance(week);
    assert_eq!(job::forget_finished(&app).await.unwrap(), 0);
    app.run_jobs().await;
    app.advance(TimeDelta::seconds(1));
    assert_eq!(job::forget_finished(&app).await.unwrap(), 1, "the message's; the session's has just been done");
}

#[tokio::test]
async fn a_process_that_only_serves_leaves_the_jobs_to_others() {
    let app = TestApp::with(|settings| settings.jobs.concurrency = 0).await;
    app.start(corporate("served")).await;
    let (stop, stopped) = watch::channel(false);
    let worker = job::run_worker(app.clone(), stopped);
    tokio::pin!(worker);
    app.wake.jobs.notify_one();
    // Long enough in its own steps for a worker that works: what it would do first, it does without waiting.
    for _ in 0..1_000 {
        assert!(futures_util::poll!(&mut worker).is_pending(), "it waits for the stop");
        tokio::task::yield_now().await;
    }
    assert_eq!(app.waiting("send_sms").await.len(), 1, "it is still there");
    stop.send_replace(true);
    worker.await;
    assert_eq!(app.run_jobs().await, 1, "somebody else does it");
}
