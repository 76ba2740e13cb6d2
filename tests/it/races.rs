//! Races: two hands on one flow at the same moment. Each ends in one outcome: a command that lost is refused, a fact that
//! lost is kept, and the flow is sound. Ten kinds, fifty rounds each, on truly parallel connections.

use std::sync::Arc;

use chrono::TimeDelta;
use esign_domain::{
    auth::{self, entity::auth_record},
    error::Error,
    flow,
    ids::FlowId,
    job::{self, Outcome},
    seal, sms,
    terms::FlowEventType as Kind,
};
use esign_tests::{
    TestApp,
    auth_system::Challenge,
    contender,
    fixture::{corporate, individual_with_account, with},
    race::Starter,
};
use futures_util::{TryStreamExt, future::BoxFuture};
use object_store::ObjectStore;
use serde_json::json;

/// Rounds of each kind.
const ROUNDS: usize = 50;

type App = Arc<TestApp>;
type Told = Result<(), Error>;

async fn platform(attempts: i32) -> App {
    Arc::new(
        TestApp::with(|settings| {
            settings.database.max_connections = 16;
            settings.flow.auth_attempts = attempts;
            settings.auth.account_wrong_entries = 1_000;
        })
        .await,
    )
}

/// A company whose challenge is open and was seen.
async fn challenged(app: &App, flow_no: &str) -> FlowId {
    let id = app.sign(corporate(flow_no)).await;
    app.run_jobs().await;
    app.signer(id).await.see_payment().await.unwrap();
    id
}

/// The newest challenge as it would be with another status; the auth system itself does not know of it.
fn word(app: &App, status: &'static str) -> Challenge {
    app.auth.newest().as_if(status)
}

fn callback(app: &App, message: String, word: Challenge) -> BoxFuture<'static, Told> {
    contender!(app => {
        assert_eq!(app.call_back(&message, &word).await, 200, "a fact is never refused");
        Ok(())
    })
}

fn worker(app: &App) -> BoxFuture<'static, Told> {
    contender!(app => job::drain(&app).await.map(drop))
}

async fn attempt(app: &App, id: FlowId) -> auth_record::Model {
    auth::query::of_flows(app, &[id]).await.unwrap().swap_remove(0)
}

async fn count(app: &App, id: FlowId, kind: Kind) -> usize {
    app.history(id).await.into_iter().filter(|happened| *happened == kind).count()
}

fn lost(told: &Told) -> bool {
    match told {
        Ok(()) => false,
        Err(Error::StateConflict { .. }) => true,
        Err(error) => panic!("a command that loses is refused with STATE_CONFLICT: {error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callback_against_poll() {
    let (app, starter) = (platform(3).await, Starter::of("callback against poll"));
    for round in 0..ROUNDS {
        let id = challenged(&app, &format!("poll-{round}")).await;
        let contradicts = round % 2 == 0;
        let pushed = word(&app, if contradicts { "FAILED" } else { "PASSED" });
        let ask = format!("ask {}", app.auth.pass().id);
        let before = app.auth.calls().iter().filter(|call| **call == ask).count();
        app.advance(TimeDelta::seconds(300));
        starter.run(vec![callback(&app, format!("msg-{round}"), pushed), worker(&app)]).await;
        let asked = app.auth.calls().iter().filter(|call| **call == ask).count() > before;
        app.run_jobs().await;
        let (state, late) = (app.state(id).await, attempt(&app, id).await.late_result);
        let words = (count(&app, id, Kind::AuthPassed).await, count(&app, id, Kind::AuthRejected).await);
        match (contradicts, state.as_str()) {
            (false, "COMPLETED") => assert_eq!((words, late), ((1, 0), false)),
            (true, "COMPLETED") => assert_eq!((words, late), ((1, 0), true), "the rejection was kept"),
            // Who polls after the end doesn't even ask.
            (true, "FAILED AUTH_FAILED") => assert_eq!((words, late), ((0, 1), asked), "the pass was kept"),
            _ => panic!("round {round}: {state}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callback_against_callback() {
    let (app, starter) = (platform(3).await, Starter::of("callback against callback"));
    for round in 0..ROUNDS {
        let id = challenged(&app, &format!("callbacks-{round}")).await;
        let contradicts = round % 2 == 0;
        let (passed, other) = (word(&app, "PASSED"), word(&app, if contradicts { "FAILED" } else { "PASSED" }));
        let message = |which: &str| format!("{which}-{round}");
        starter
            .run(vec![
                callback(&app, message("one"), passed.clone()),
                callback(&app, message("one"), passed),
                callback(&app, message("two"), other),
            ])
            .await;
        app.auth.pass();
        app.run_jobs().await;
        let state = app.state(id).await;
        let words = count(&app, id, Kind::AuthPassed).await + count(&app, id, Kind::AuthRejected).await;
        assert_eq!((words, attempt(&app, id).await.late_result), (1, contradicts), "round {round}: {state}");
        assert!(state == "COMPLETED" || (contradicts && state == "FAILED AUTH_FAILED"), "round {round}: {state}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancel_against_sign() {
    let (app, starter) = (platform(3).await, Starter::of("cancel against sign"));
    for round in 0..ROUNDS {
        let id = app.start(corporate(&format!("cancel-{round}"))).await.id;
        app.run_jobs().await;
        app.signer(id).await.read().await.unwrap();
        let told = starter
            .run(vec![
                contender!(app => flow::cancel(&app, &app.demo.caller(), id, "订单取消").await.map(drop)),
                contender!(app => app.signer(id).await.write_name().await.map(drop)),
            ])
            .await;
        app.run_jobs().await;
        // A flow that was signed a moment before may still be cancelled; one that was cancelled can't be signed.
        assert!(!lost(&told[0]));
        assert_eq!(app.state(id).await, "CANCELLED");
        assert_eq!(count(&app, id, Kind::Signed).await, usize::from(!lost(&told[1])), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn decline_against_pass() {
    let (app, starter) = (platform(3).await, Starter::of("decline against pass"));
    for round in 0..ROUNDS {
        let id = challenged(&app, &format!("decline-{round}")).await;
        let told = starter
            .run(vec![
                contender!(app => app.signer(id).await.decline("不签了").await.map(drop)),
                callback(&app, format!("msg-{round}"), app.auth.pass()),
            ])
            .await;
        app.run_jobs().await;
        let expected = if lost(&told[0]) { ("COMPLETED", false) } else { ("FAILED SIGN_DECLINED", true) };
        let kept = attempt(&app, id).await.late_result;
        assert_eq!((app.state(id).await.as_str(), kept), expected, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn expiry_against_pass() {
    let (app, starter) = (platform(1).await, Starter::of("expiry against pass"));
    for round in 0..ROUNDS {
        let id = challenged(&app, &format!("expiry-{round}")).await;
        let passed = word(&app, "PASSED");
        let ask = format!("ask {}", app.auth.expire().id);
        app.advance(TimeDelta::hours(72));
        starter.run(vec![callback(&app, format!("msg-{round}"), passed), worker(&app), worker(&app)]).await;
        let asked = app.auth.calls().contains(&ask);
        app.auth.pass();
        app.run_jobs().await;
        let (state, late) = (app.state(id).await, attempt(&app, id).await.late_result);
        match state.as_str() {
            "COMPLETED" => assert_eq!(late, asked, "round {round}: the end of the challenge was kept"),
            "TIMED_OUT AUTH_TIMEOUT" => assert!(late, "round {round}: the pass was kept"),
            _ => panic!("round {round}: {state}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn abandonment_against_seal() {
    let (app, starter) = (platform(3).await, Starter::of("abandonment against seal"));
    for round in 0..ROUNDS {
        let id = challenged(&app, &format!("abandon-{round}")).await;
        app.call_back(&format!("msg-{round}"), &app.auth.pass()).await;
        let told = starter
            .run(vec![
                contender!(app => seal::abandon(&app, &app.demo.caller(), id, "密钥已吊销").await.map(drop)),
                worker(&app),
            ])
            .await;
        app.run_jobs().await;
        let sealed = usize::from(lost(&told[0]));
        assert_eq!(app.state(id).await, ["FAILED SIGN_FAILED", "COMPLETED"][sealed], "round {round}");
        let files: Vec<_> = app.blobs.list(Some(&format!("flows/{id}").into())).try_collect().await.unwrap();
        let files = files.iter().filter(|file| file.location.as_ref().contains("/sealed-")).count();
        assert_eq!(files, sealed, "round {round}: what was given up leaves no file");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_on_one_job() {
    let (app, starter) = (platform(3).await, Starter::of("two workers on one job"));
    for round in 0..ROUNDS {
        let id = app.start(corporate(&format!("worker-{round}"))).await.id;
        let sent = app.gateway.calls().len();
        if round % 2 == 0 {
            // The slow worker's lease is over: either it still writes its outcome, or the job is another's.
            let slow = job::claim(&app, 10).await.unwrap().swap_remove(0);
            app.advance(TimeDelta::seconds(app.settings.jobs.lease_seconds + 1));
            let told = starter
                .run(vec![
                    contender!(app => job::finish(&app, &slow, &Outcome::Snooze(app.now())).await.map(usize::from)),
                    contender!(app => job::drain(&app).await),
                ])
                .await;
            let told: Vec<_> = told.into_iter().map(Result::unwrap).collect();
            // While the slow one finds out that it is too late, it may hold the row, which others then pass over.
            let passed_over = if told == [0, 0] { job::drain(&app).await.unwrap() } else { 0 };
            assert!(told[0] <= 1 && told[1] <= 1 && (told != [0, 0] || passed_over == 1), "round {round}: {told:?}");
        } else {
            let told = starter.run((0..4).map(|_| contender!(app => job::drain(&app).await)).collect()).await;
            assert_eq!(told.into_iter().map(Result::unwrap).sum::<usize>(), 1, "round {round}");
        }
        app.run_jobs().await;
        assert_eq!(app.gateway.calls().len(), sent + 1, "round {round}: one message goes out");
        assert_eq!(app.history(id).await, [Kind::Started, Kind::SmsAccepted]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_amounts_at_once() {
    let (app, starter) = (platform(100).await, Starter::of("two amounts at once"));
    let id = challenged(&app, "amounts").await;
    for round in 0..ROUNDS {
        let challenge = app.auth.newest();
        let amounts = [11, 12, 13].map(|fen| contender!(app => app.signer(id).await.amount(fen).await.map(drop)));
        let told = starter.run(amounts.into()).await;
        app.run_jobs().await;
        assert_eq!(told.iter().filter(|told| !lost(told)).count(), 1, "round {round}: one amount is taken");
        let handed_in =
            app.auth.calls().iter().filter(|call| call.starts_with(&format!("enter {} ", challenge.id))).count();
        assert_eq!(handed_in, 1 + round % 3, "round {round}");
        if round % 3 == 2 {
            app.signer(id).await.try_again().await.unwrap();
            app.run_jobs().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn resend_against_resend() {
    let (app, starter) = (platform(3).await, Starter::of("resend against resend"));
    for round in 0..ROUNDS {
        let id = app.start(corporate(&format!("resend-{round}"))).await.id;
        app.run_jobs().await;
        app.advance(TimeDelta::seconds(60));
        let sent = app.gateway.taken().len();
        let resend = || contender!(app => sms::resend(&app, &app.demo.caller(), id).await.map(drop));
        let told = starter.run(vec![resend(), resend(), resend(), resend()]).await;
        let limited =
            told.iter().filter(|told| matches!(told, Err(Error::SmsRateLimited { remaining: 4, .. }))).count();
        assert_eq!((told.iter().filter(|told| told.is_ok()).count(), limited), (1, 3), "round {round}: {told:?}");
        app.run_jobs().await;
        assert_eq!(app.gateway.taken().len(), sent + 1);
        assert_eq!(count(&app, id, Kind::SmsResent).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn start_against_start() {
    let (app, starter) = (platform(3).await, Starter::of("start against start"));
    for round in 0..ROUNDS {
        let contradicts = round % 2 == 0;
        let input = move |hand: usize| {
            let said = if contradicts { hand } else { 0 };
            with(corporate(&format!("start-{round}")), "/metadata", json!({"said": said}))
        };
        let hands = (0..4).map(|hand| {
            contender!(app => app.try_start(input(hand)).await.map(|started| (started.flow.id, started.replayed)))
        });
        let told = starter.run(hands.collect()).await;
        let made: Vec<_> = told.iter().filter_map(|told| told.as_ref().ok()).collect();
        assert_eq!(made.iter().filter(|(_, replayed)| !replayed).count(), 1, "round {round}: {told:?}");
        assert!(made.iter().all(|(id, _)| *id == made[0].0), "round {round}: one flow");
        let conflicts = told.iter().filter(|told| matches!(told, Err(Error::IdempotencyConflict { .. }))).count();
        assert_eq!(conflicts, if contradicts { 3 } else { 0 }, "round {round}: {told:?}");
        app.run_jobs().await;
        assert_eq!(app.gateway.taken().len(), round + 1);
    }
}

/// A verb that asks for a second connection while its transaction holds one would wait for itself when all are taken:
/// so many calls at once as there are connections would stand still. One connection shows it without a crowd.
#[tokio::test]
async fn no_verb_needs_a_second_connection() {
    let app = TestApp::with(|settings| settings.database.max_connections = 1).await;
    let id = app.start(corporate("alone")).await.id;
    app.run_jobs().await;
    app.advance(TimeDelta::seconds(60));
    sms::resend(&app, &app.demo.caller(), id).await.unwrap();
    app.run_jobs().await;
    let signer = app.signer(id).await;
    signer.sign().await.unwrap();
    app.run_jobs().await;
    signer.see_payment().await.unwrap();
    signer.amount(11).await.unwrap();
    app.run_jobs().await;
    app.call_back("msg-1", &app.auth.reject(true)).await;
    signer.try_again().await.unwrap();
    app.run_jobs().await;
    signer.amount(esign_tests::auth_system::AMOUNT).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
    let face = app.sign(individual_with_account("alone-too")).await;
    let signer = app.signer(face).await;
    signer.start_face().await.unwrap();
    app.run_jobs().await;
    signer.go_to_face().await.unwrap();
    app.auth.process();
    signer.come_back().await.unwrap();
    app.call_back("msg-2", &app.auth.reject(true)).await;
    signer.refuse_face().await.unwrap();
    app.run_jobs().await;
    signer.decline("不签了").await.unwrap();
    app.run_jobs().await;
    let cancelled = app.start(corporate("alone-again")).await.id;
    flow::cancel(&app, &app.demo.caller(), cancelled, "订单取消").await.unwrap();
    app.live_through(TimeDelta::hours(73)).await;
}
